package app

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"tebiki/adapters/tracker/jira/jiratest"

	chatconsole "tebiki/adapters/chat/console"
)

// submit sends a form of the console's, as a person, and gives the page that
// it leads to.
func (o *office) submit(person, path string, form url.Values) (at, body string) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.url()+path, strings.NewReader(form.Encode()))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return o.visit(person, req)
}

// open reads a page of the console, as a person.
func (o *office) open(person, path string) string {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, o.url()+path, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	_, body := o.visit(person, req)
	return body
}

func (o *office) visit(person string, req *http.Request) (at, body string) {
	o.t.Helper()
	req.AddCookie(&http.Cookie{Name: "tebiki_viewer", Value: person})
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		o.t.Fatalf("%s %s: %d %v\n%s", req.Method, req.URL.Path, resp.StatusCode, err, data)
	}
	return resp.Request.URL.Path, string(data)
}

func wantWords(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not show %q:\n%s", what, w, text)
		}
	}
}

// The console's pages show and change what is in Jira.
func TestPagesWithJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		at, _ := o.submit("lee", "/tickets", url.Values{"label": {"form:1"}, "component": {"subdomain"}, "title": {"a name for the <shop>"}, "host": {"web1.example.jp"},
			"details": {"soon"}, "field.name": {"shop"}, "field.zone": {"example.jp"}, "field.target": {"web1"}})
		issue := o.only("there", func(*jiratest.Issue) bool { return true })
		if at != "/tickets/"+issue.Key || issue.Reporter != o.jira.AccountID("lee") || issue.Components[0] != "subdomain" {
			o.t.Errorf("%s shows the issue %+v", at, issue)
		}
		o.settle()
		subs := o.jira.Issue(issue.Key).Subtasks
		wantWords(o.t, "the list", o.open("tanaka", "/tickets"), issue.Key, "a name for the &lt;shop&gt;")
		wantWords(o.t, "the ticket's page", o.open("tanaka", "/tickets/"+issue.Key), append(subs, "soon", "Hannah Lee", "example.jp", "/knowhow/subdomain")...)
		o.submit("tanaka", at, url.Values{"do": {"assign"}, "assignee": {"tanaka"}})
		o.submit("tanaka", at, url.Values{"do": {"comment"}, "text": {"I *look* at it"}})
		o.submit("tanaka", at, url.Values{"do": {"fix"}})
		o.submit("sato", at, url.Values{"do": {"close"}})
		o.settle()
		is := o.jira.Issue(issue.Key)
		if want := map[jiratest.Kind]string{jiratest.DataCenter: "Closed", jiratest.Cloud: "Done"}[o.jira.Kind()]; is.Status != want || is.Assignee != o.jira.AccountID("tanaka") || len(is.Comments) != 1 {
			o.t.Errorf("after all that the issue is %+v", is)
		}
		wantWords(o.t, "the comment", is.Comments[0].Body, "tanaka@example.jp", "I _look_ at it")
		wantWords(o.t, "the ticket's page", o.open("tanaka", at), "田中 葵", "look")
		o.has("tanaka", "request/"+issue.Key)
	})
}

// While Jira is away the pages that need it say so, and the others go on.
func TestPagesWithoutJira(t *testing.T) {
	inJira(t, jiratest.DataCenter, jiraSetting{}, func(o *jiraOffice) {
		o.jira.Fail("*", -1, jiratest.Fault{Cut: true})
		id, _ := o.alert(ping("db1.example.jp"))
		wantWords(o.t, "the incidents' page", o.open("sato", "/incidents"), "db1.example.jp")
		wantWords(o.t, "the incident's page", o.open("sato", "/incidents/"+id), "db1.example.jp")
		req, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, o.url()+"/tickets", nil)
		if err != nil {
			o.t.Fatal(err)
		}
		resp, err := o.http.Do(req)
		if err != nil {
			o.t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode/100 != 5 {
			o.t.Errorf("the tickets' page answers %s", resp.Status)
		}
	})
}

// A proxy is between Tebiki and Jira, by real connections, and goes out of
// service for a while. Webhooks come in by an address of their own, and what
// they tell of is there before the next poll.
func TestWebhooksOfJira(t *testing.T) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			j := jiratest.New(t, kind, jiraPeople(), jiraProject())
			proxy, broken := openProxy(t, j)
			opt := jiraOptionsOf(t, j, jiraSetting{config: `, every: 1h, webhook_secret: {env: JIRA_HOOK}, listen: "127.0.0.1:0"`})
			opt.Config.Tracker.URL = proxy
			o := runOffice(t, opt)
			o.eventually("changes are read from now on", func() bool { return j.Count("POST search", "POST search/jql") >= 2 })
			hooks := jiratest.Webhook{URL: "http://" + o.trackerDoor.Addr().String() + "/?secret=wrong", Secret: "wrong", Client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
			j.Deliver(hooks)
			appears := func() string {
				return j.Create("lee", jiratest.Values{"summary": "/var is full", "components": []any{map[string]any{"name": "disk-full"}}, "assignee": assigneeOf(j, "tanaka")})
			}
			appears()
			if got := j.Deliveries(); len(got) != 1 || got[0].Status != http.StatusForbidden {
				t.Errorf("with a wrong secret: %+v", got)
			}
			hooks.Secret, hooks.URL = jiraHook, strings.Replace(hooks.URL, "wrong", url.QueryEscape(jiraHook), 1)
			j.Deliver(hooks)
			key := appears()
			o.message("tanaka", "request/"+key, "at once", func(chatconsole.Stored) bool { return true })
			broken.Store(true)
			id, _ := o.alert(ping("db1.example.jp"))
			o.message(o.onCall(id), "incident/"+id, "without a ticket", func(chatconsole.Stored) bool { return true })
			broken.Store(false)
			o.eventually("the incident has its ticket", func() bool { return o.incident(id).Ticket != "" })
		})
	}
}

// openProxy gives the address of a proxy in front of Jira, which refuses
// everything with a page of its own while it is broken.
func openProxy(t *testing.T, j *jiratest.Jira) (address string, broken *atomic.Bool) {
	t.Helper()
	to, err := url.Parse(j.URL())
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: &http.Transport{DisableKeepAlives: true},
		ErrorLog:  log.New(io.Discard, "", 0), // what is cut off at the end
	}
	broken = &atomic.Bool{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, "<html><title>Too many requests</title></html>") // a client that is gone needs none
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, broken
}
