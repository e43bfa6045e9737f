package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/tracker/redmine/redminetest"

	chatconsole "tebiki/adapters/chat/console"
)

// A redmineOffice has its tickets in the real Redmine, over real connections,
// so that time is real too: one test tells its whole story.
type redmineOffice struct {
	*office
	redmine *redminetest.Server
	project *redminetest.Project
	way     *shaky
	opt     Options
	stop    func()
}

// A shaky way breaks some of the requests, and is cut at a death.
type shaky struct {
	to  http.RoundTripper
	key string // the bot's

	mu   sync.Mutex
	n    int
	dies func(r *http.Request) bool // once the request is answered
	cut  bool
}

var errShaky = errors.New("the connection was cut")

// shakes is how many requests go well before one does not.
const shakes = 9

func (s *shaky) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	cut, n, dies := s.cut, s.n, s.dies
	s.n++
	s.mu.Unlock()
	if cut {
		return nil, errShaky
	}
	r = r.Clone(r.Context())
	r.Header.Set("X-Redmine-API-Key", s.key)
	if n%shakes == shakes-1 {
		return s.breaks(r, n/shakes)
	}
	resp, err := s.to.RoundTrip(r)
	if dies != nil && dies(r) && err == nil {
		_ = resp.Body.Close() // nobody is left to read it
		return nil, errShaky
	}
	return resp, err
}

// breaks lets a request meet a fault in turn. What makes an issue meets those
// only after which it need not be waited for whether it is made after all,
// which takes half a minute.
func (s *shaky) breaks(r *http.Request, turn int) (*http.Response, error) {
	answer := func(status int, header http.Header, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	page := http.Header{"Content-Type": {"text/html"}}
	if r.Method == http.MethodPost {
		turn = 1 + 3*(turn%2)
	}
	switch turn % 5 {
	case 0:
		return nil, errShaky
	case 1:
		resp, err := s.to.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close() // the answer is lost
		}
		return nil, errShaky
	case 2:
		return answer(http.StatusBadRequest, page, "<!DOCTYPE html><title>Proxy</title>")
	case 3:
		return answer(http.StatusServiceUnavailable, page, "<!DOCTYPE html><title>Proxy</title>")
	}
	return answer(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, "")
}

func openRedmineOffice(t *testing.T) *redmineOffice {
	t.Helper()
	server := redminetest.Start(t, redminetest.Textile)
	connections := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	t.Cleanup(connections.CloseIdleConnections)
	o := &redmineOffice{redmine: server, project: server.Project(t, jiraComponents()...)}
	section := fmt.Sprintf("\ntracker: {kind: redmine, url: %q, project: %s, token: {env: JIRA_TOKEN}}\nteams:\n", server.URL, o.project.Identifier)
	replace := append([]string{"\nteams:\n", section}, patient...)
	for name, who := range server.People {
		replace = append(replace, "\n  "+name+": {", fmt.Sprintf("\n  %s: {tracker: %q, ", name, strconv.Itoa(who.ID)))
	}
	o.opt = officeOptions(t, replace...)
	o.opt.Files = filesWith(t, quickChecks)
	o.opt.Config.Tracker.Every = time.Second
	o.way = &shaky{to: connections, key: server.Bot.Key}
	t.Cleanup(func() { o.stop() })
	o.start(t)
	return o
}

func (o *redmineOffice) start(t *testing.T) {
	t.Helper()
	o.way = &shaky{to: o.way.to, key: o.way.key}
	o.opt.Transport = o.way
	a, err := New(t.Context(), o.opt)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	o.stop = func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		o.stop = func() {}
	}
	o.office = &office{a, t, http.DefaultClient}
	o.serves()
}

// dieAt lets the process die when it has an answer to the n-th request of a
// method and path: what is on the disk then is all that is left.
func (o *redmineOffice) dieAt(n int, method, path string) (dead <-chan struct{}) {
	died := make(chan struct{})
	dying := o.way
	dying.mu.Lock()
	defer dying.mu.Unlock()
	dying.dies = func(r *http.Request) bool {
		dying.mu.Lock()
		if r.Method == method && r.URL.Path == path {
			n--
		}
		now := n == 0 && !dying.cut
		dying.cut = dying.cut || now
		dying.mu.Unlock()
		if now {
			o.leave(o.opt.Data)
			close(died)
		}
		return now
	}
	return died
}

func (o *redmineOffice) revive() {
	o.t.Helper()
	o.stop()
	o.resume(o.opt.Data)
	o.start(o.t)
}

// patienceWithRedmine is how long a test waits on a busy machine.
const patienceWithRedmine = 60 * time.Second

// comes waits until something is so in Redmine or in chat.
func (o *redmineOffice) comes(what string, is func() bool) {
	o.t.Helper()
	late, look := time.After(patienceWithRedmine), time.NewTicker(200*time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-late:
			o.t.Fatalf("not within %s: %s", patienceWithRedmine, what)
		}
	}
}

// reads waits for a person's message that is as it should be.
func (o *redmineOffice) reads(person, key string, is func(chatconsole.Stored) bool) (found chatconsole.Stored) {
	o.t.Helper()
	o.comes(person+" has the message "+key, func() bool {
		for _, m := range o.messages(person) {
			if strings.HasPrefix(m.Key, key) && is(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// all are the project's issues, oldest first.
func (o *redmineOffice) all() []redminetest.Issue {
	o.t.Helper()
	return o.redmine.Admin(o.t).Find("project_id=" + o.project.Identifier + "&status_id=*&sort=id&limit=100")
}

// TestRedmine: a request, a review and an urgent alert with the tickets in
// Redmine, over a way that breaks every ninth request, and with a death.
func TestRedmine(t *testing.T) {
	o := openRedmineOffice(t)
	sato := o.redmine.As(t, o.redmine.People["sato"])
	dead := o.dieAt(2, http.MethodPost, "/issues.json") // the second sub-ticket is made, and nobody knows
	made := sato.Create(o.project, "/var is full", redminetest.Fields{"category_id": o.project.Categories["disk-full"],
		"description": "host: web1.example.jp", "assigned_to_id": o.redmine.People["tanaka"].ID})
	key := strconv.Itoa(made.ID)
	<-dead
	o.revive()
	o.reads("tanaka", "request/"+key, func(m chatconsole.Stored) bool { return hasButton(m, "useful") })
	subs := o.redmine.Admin(t).Issue(made.ID).Children
	if len(subs) != 3 || len(o.all()) != 4 {
		t.Fatalf("there are %d sub-tickets of %d issues", len(subs), len(o.all()))
	}
	o.reviewed(made.ID, subs)
	o.urgent()
	if n := len(o.all()); n != 5 {
		t.Errorf("in the end there are %d issues: %+v", n, o.all())
	}
	for _, m := range o.messages("sato") {
		if strings.HasPrefix(m.Key, "shortfall/refused") || strings.HasPrefix(m.Key, "shortfall/denied") {
			t.Errorf("the leader reads %s", textOf(m))
		}
	}
}

// reviewed has the sub-tickets done and the ticket resolved in Redmine; the
// leader sends it back once, and closes it.
func (o *redmineOffice) reviewed(id int, subs []redminetest.Issue) {
	o.t.Helper()
	key := strconv.Itoa(id)
	tanaka := o.redmine.As(o.t, o.redmine.People["tanaka"])
	for _, sub := range subs {
		tanaka.SetStatus(sub.ID, "Closed")
	}
	o.reads("tanaka", "request/"+key, func(m chatconsole.Stored) bool { return strings.Count(plain(m), "[x]") == len(subs) })
	tanaka.SetStatus(id, "Resolved")
	look := o.reads("sato", "review/"+key, func(m chatconsole.Stored) bool { return hasButton(m, "close") })
	o.comes("the leader closes it", func() bool {
		_, err := o.App.messages.Press(o.t.Context(), look.To, look.Key, "close", key)
		return err == nil && o.redmine.Admin(o.t).Issue(id).Status.Name == "Closed"
	})
	o.reads("sato", "review/"+key, func(m chatconsole.Stored) bool { return len(m.Buttons) == 0 })
}

// urgent has an alert acknowledged by a note, and its ticket closed.
func (o *redmineOffice) urgent() {
	o.t.Helper()
	id, _ := o.alert(ping("db1.example.jp"))
	o.comes("the incident has its ticket", func() bool { return o.incident(id).Ticket != "" })
	number, err := strconv.Atoi(o.incident(id).Ticket)
	if err != nil {
		o.t.Fatal(err)
	}
	issue := o.redmine.Admin(o.t).Issue(number)
	if issue.Category.Name != "host-down" || issue.Priority.Name == "Normal" || !strings.Contains(issue.Subject, "db1.example.jp") {
		o.t.Errorf("the ticket is %+v", issue)
	}
	suzuki := o.redmine.As(o.t, o.redmine.People["suzuki"])
	o.comes("the second of its creation is over", func() bool { return time.Since(issue.Created) > 2*time.Second })
	suzuki.Note(number, "/ack I take it")
	o.comes("it is acknowledged", func() bool { return o.incident(id).State == "acknowledged" })
	if who := o.incident(id).AcknowledgedBy; who != "suzuki" {
		o.t.Errorf("it is acknowledged by %q", who)
	}
	o.comes("the ticket is suzuki's", func() bool { return o.redmine.Admin(o.t).Issue(number).Assignee.ID == o.redmine.People["suzuki"].ID })
	suzuki.SetStatus(number, "Closed")
	o.comes("it is over", func() bool { return o.incident(id).State == "resolved" })
	notes := o.redmine.Admin(o.t).Issue(number).Journals
	if n := len(slices.DeleteFunc(notes, func(j redminetest.Journal) bool { return !strings.Contains(j.Notes, "対応を始めました") })); n != 1 {
		o.t.Errorf("that somebody is on it stands there %d times", n)
	}
}
