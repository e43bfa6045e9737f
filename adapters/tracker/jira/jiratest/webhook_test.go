package jiratest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A receiver keeps what it is sent.
type receiver struct {
	mu     sync.Mutex
	events []string
	valid  bool
	last   obj
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var o obj
	if err := json.Unmarshal(body, &o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	name, _ := o["issue_event_type_name"].(string)
	r.events = append(r.events, o["webhookEvent"].(string)+" "+name)
	r.valid = req.Header.Get("X-Hub-Signature") == "sha256="+Sign("s3cret", body)
	r.last = o
}

func TestWebhooks(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		r := &receiver{}
		c := newCaller(t, kind, WithWebhook(Webhook{Handler: r, Secret: "s3cret"}))
		c.want(201, "POST", "issue", oneIssue)
		c.jira.Assign("sato", "OPS-1", "tanaka")
		if items := r.last["changelog"].(obj)["items"].([]any); items[0].(obj)["toString"] != "Tanaka Hanako" || r.last["user"].(obj)["displayName"] != "Sato Ken" {
			t.Errorf("the event is %v", r.last)
		}
		c.jira.Comment("tanaka", "OPS-1", "/ack")
		if r.last["comment"].(obj)["body"] != "/ack" || r.valid != (kind == Cloud) {
			t.Errorf("the event is %v, signed well: %v", r.last, r.valid)
		}
		c.jira.Transition("tanaka", "OPS-1", map[Kind]string{DataCenter: "Resolved", Cloud: "Done"}[kind])
		c.jira.Delete("sato", "OPS-1")
		want := []string{"jira:issue_created issue_created", "jira:issue_updated issue_assigned", "comment_created ", "jira:issue_updated issue_generic", "jira:issue_deleted "}
		if kind == DataCenter {
			want = []string{"jira:issue_created issue_created", "jira:issue_updated issue_assigned", "jira:issue_updated issue_commented", "comment_created ", "jira:issue_updated issue_resolved", "jira:issue_deleted "}
		}
		if diff := cmp.Diff(want, r.events); diff != "" {
			t.Error(diff)
		}
		if got := c.jira.Deliveries(); len(got) != len(want) || got[0].Status != 200 {
			t.Errorf("the deliveries are %+v", got)
		}
	})
}

// Events of a time without a receiver never come.
func TestLostWebhooks(t *testing.T) {
	r := &receiver{}
	server := httptest.NewServer(r)
	defer server.Close()
	c := newCaller(t, Cloud)
	c.jira.Create("", Values{"summary": "before"})
	c.jira.Deliver(Webhook{URL: server.URL + "/hook?token=x", Client: server.Client()})
	c.jira.Create("", Values{"summary": "with"})
	c.jira.Lose()
	c.jira.Create("", Values{"summary": "after"})
	c.jira.Deliver(Webhook{URL: "http://127.0.0.1:1/", Client: server.Client()})
	c.jira.Create("", Values{"summary": "refused"})
	if got := c.jira.Deliveries(); len(got) != 1 || got[0].Err == nil {
		t.Errorf("the deliveries are %+v", got)
	}
	if diff := cmp.Diff([]string{"jira:issue_created issue_created"}, r.events); diff != "" {
		t.Error(diff)
	}
}

// Many may change and look at once.
func TestAtOnce(t *testing.T) {
	c := newCaller(t, DataCenter, WithWebhook(Webhook{Handler: &receiver{}}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				key := c.jira.Create("sato", Values{"summary": "x", "labels": []string{"a"}})
				c.jira.Comment("sato", key, "y")
				c.call("GET", "search?jql=labels%3Da&fields=*all&maxResults=3", "")
				c.jira.Assign("", key, "tanaka")
			}
		})
	}
	wg.Wait()
	if n, calls := len(c.jira.Issues()), c.jira.Count("search"); n != 80 || calls != 80 {
		t.Errorf("there are %d issues and %d searches", n, calls)
	}
}
