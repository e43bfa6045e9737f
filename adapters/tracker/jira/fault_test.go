package jira

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// Every operation meets every fault at every one of its requests. Afterwards
// it is repeated, by the same process or the next in turn, and then what was
// wanted is there once.

// mishap is what goes wrong with a request.
type mishap struct {
	name  string
	fault jiratest.Fault
	dies  bool // the process ends at the request
	code  adapters.Code
	words []string

	// lasting is an answer that is believed, so that only what writes may be
	// given it for nothing: what Jira says is not there is gone.
	lasting bool
}

func mishaps() []mishap {
	login := jiratest.Fault{Status: 401, Body: `{"message":"Client must be authenticated","status-code":401}`, Header: map[string]string{
		"Content-Type": "application/json", "X-Seraph-LoginReason": "AUTHENTICATED_FAILED",
	}}
	busy := jiratest.Fault{Status: 503, Body: `{}`, Header: map[string]string{"Content-Type": "application/json", "Retry-After": "30"}}
	return []mishap{
		{name: "the answer is lost", fault: jiratest.Fault{LoseAnswer: true}, words: []string{"does not answer"}},
		{name: "cut before", fault: jiratest.Fault{Cut: true}, words: []string{"does not answer"}},
		{name: "500", fault: jiratest.Fault{Status: 500, Body: `{"errorMessages":["Internal server error"]}`}, words: []string{"Jira fails (status 500)"}},
		{name: "503", fault: busy, code: adapters.Throttled, words: []string{"Jira fails (status 503)"}},
		{name: "429", fault: jiratest.RateLimited(30 * time.Second), code: adapters.Throttled, words: []string{"fewer requests", "Rate limit exceeded"}},
		{name: "401", fault: answers(401), code: adapters.Denied, words: []string{"credentials", "no, 401"}},
		{name: "409", fault: answers(409), words: []string{"at this moment", "no, 409"}},
		{name: "413", fault: answers(413), code: adapters.Refused, words: []string{"that much", "no, 413"}, lasting: true},
		{name: "403", fault: answers(403), code: adapters.Denied, words: []string{"what their user may do", "no, 403"}, lasting: true},
		{name: "404", fault: answers(404), code: adapters.NotFound, words: []string{"no, 404"}, lasting: true},
		{name: "410", fault: answers(410), code: adapters.NotFound, words: []string{"no, 410"}, lasting: true},
		{name: "a page with 400", fault: jiratest.Page(400), words: []string{`a page "Bad Request"`, "not what answers"}},
		{name: "a page with 405", fault: jiratest.Page(405), words: []string{`a page "Method Not Allowed"`}},
		{name: "a page with 200", fault: jiratest.Page(200), words: []string{"a page", "something stands in between"}},
		{name: "a page with 502", fault: jiratest.Page(502), words: []string{`a page "Bad Gateway"`}},
		{name: "a page with 404", fault: jiratest.Page(404), words: []string{`a page "Not Found"`}},
		{name: "hangs", fault: jiratest.Fault{Hang: true}, words: []string{"in time"}},
		{name: "the login fails", fault: login, code: adapters.Denied, words: []string{"does not take the token", "make a new one"}},
		{name: "CAPTCHA", fault: jiratest.Captcha(), code: adapters.Denied, words: []string{"CAPTCHA", "log in as the bot's user"}},
		{name: "the process dies before", fault: jiratest.Fault{Cut: true}, dies: true},
		{name: "the process dies after", fault: jiratest.Fault{LoseAnswer: true}, dies: true},
	}
}

// answers is a refusal in Jira's form.
func answers(status int) jiratest.Fault {
	return jiratest.Fault{Status: status, Body: fmt.Sprintf(`{"errorMessages":["no, %d"],"errors":{}}`, status), Header: map[string]string{"Content-Type": "application/json"}}
}

// An act is an operation of a test.
type act struct {
	name    string
	options []jiratest.Option
	prepare func(*bench)
	do      func(context.Context, *bench) error
	wanted  func(*bench) // fails the test unless what do wants is there, once
	inTurn  bool         // a mishap meets it on one kind or the other
	facts   *facts       // asked for once, for all benches of a kind
}

func TestFaults(t *testing.T) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		for _, a := range acts() {
			t.Run(string(kind)+" "+a.name, func(t *testing.T) {
				t.Parallel()
				n := a.requests(t, kind)
				for i := range n {
					for k, m := range mishaps() {
						if turn := (i+k)%2 == 0; !a.inTurn || turn == (kind == jiratest.Cloud) {
							a.meets(t, kind, m, i, (i+k)/2%2 == 0)
						}
					}
				}
			})
		}
	}
}

func acts() []act {
	few := slices.Concat(changes(), readings())
	for i := range few {
		few[i].inTurn = true
	}
	return append(few, slices.Concat(creations(), commenting(), []act{since1()})...)
}

func (a *act) bench(t *testing.T, kind jiratest.Kind) *bench {
	if a.options == nil {
		a.options = []jiratest.Option{withProject(jiratest.Classic(), true)}
	}
	b := newBench(t, kind, nil, a.options...)
	if b.tr.facts.set(a.facts); a.facts != nil { // the requests have been counted, and held, before
		b.unheld()
	}
	b.warm()
	if a.prepare != nil {
		a.prepare(b)
	}
	b.settle()
	return b
}

// requests counts them where nothing goes wrong.
func (a *act) requests(t *testing.T, kind jiratest.Kind) (n int) {
	synctest.Test(t, func(t *testing.T) {
		b := a.bench(t, kind)
		b.wire.at(-1, nil)
		if err := a.do(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		n, a.facts = b.wire.n, b.tr.facts.get()
		a.wanted(b)
	})
	return n
}

// meets lets the operation meet a mishap at its i-th request.
func (a *act) meets(t *testing.T, kind jiratest.Kind, m mishap, i int, next bool) {
	t.Helper()
	name := fmt.Sprintf("%s at request %d, the next process repeats: %v", m.name, i, next)
	synctest.Test(t, func(t *testing.T) {
		b := a.bench(t, kind)
		ctx, end := ended(t)
		defer end()
		b.wire.at(i, func() {
			if m.lasting && b.wire.method == http.MethodGet {
				return
			}
			b.lasting = m.lasting
			b.Fail("*", 1, m.fault)
			if m.dies {
				end()
			}
		})
		err := a.do(ctx, b)
		m.check(t, name, err)
		b.lasting = false
		if b.Mend(); next || m.dies {
			b.reopen()
		}
		time.Sleep(2 * time.Minute) // in the bubble's time: until a refused login is tried again
		if err := a.do(t.Context(), b); err != nil {
			t.Errorf("%s: then, when all is well: %v", name, err)
			return
		}
		b.settle()
		if a.wanted(b); b.wire.open != 0 {
			t.Errorf("%d answers were not closed", b.wire.open)
		}
		if t.Failed() {
			t.Logf("that was: %s", name)
		}
	})
}

// check holds an error against what is to be said. A search may have found
// what was done, and then there is none.
func (m mishap) check(t *testing.T, name string, err error) {
	t.Helper()
	if err == nil || m.dies {
		return
	}
	moved := m.lasting && m.code == adapters.NotFound && has(err.Error(), "somewhere else than before") // the search, which is asked for anew
	if adapters.CodeOf(err) != m.code && !moved || !has(err.Error(), m.words...) {
		t.Errorf("%s: %v, want %v and %q", name, err, m.code, m.words)
	}
	if e, ok := errorOf(err); !ok || e.Op == "" || m.code == adapters.Throttled && e.After <= 0 {
		t.Errorf("%s: %#v", name, e)
	}
}

func creations() []act {
	links := []tracker.Link{{Title: "disk full", URL: "https://kb.example.jp/disk"}, {Title: "backup", URL: "https://kb.example.jp/backup"}}
	full := tracker.Draft{Label: "a", Component: "disk", Title: "the disk is full", Body: "See *there*.", Assignee: "tanaka", Priority: tracker.Urgent, Links: links, Fields: map[string]string{"host": "web1"}}
	sub := tracker.Draft{Label: "sub", Title: "empty it", Parent: "OPS-1", Assignee: "sato"}
	parent := func(b *bench) { b.create(tracker.Draft{Label: "parent", Title: "parent"}) }
	ticket := func(d tracker.Draft) func(context.Context, *bench) error {
		return func(ctx context.Context, b *bench) error {
			got, err := b.tr.Create(ctx, d)
			if err == nil && (got.Label != d.Label || got.Title != d.Title || got.Parent != d.Parent || !b.lasting && len(got.Omitted) != 0) {
				b.t.Errorf("Create gives %+v", got)
			}
			return err
		}
	}
	return []act{
		{name: "create", do: ticket(full), wanted: func(b *bench) {
			if i := b.only(); i.Assignee != b.AccountID("tanaka") || len(i.Components) != 1 || len(i.Remote) != 2 || i.Priority != "Highest" {
				b.t.Errorf("the issue is %+v", i)
			}
		}},
		{name: "create again", prepare: func(b *bench) { b.create(full) }, do: ticket(full), wanted: func(b *bench) {
			if i := b.only(); len(i.Remote) != 2 {
				b.t.Errorf("the issue is %+v", i)
			}
		}},
		omitting(full),
		{name: "create a sub-task", prepare: parent, do: ticket(sub), wanted: func(b *bench) {
			if got := b.Issue("OPS-1").Subtasks; len(got) != 1 || len(b.Issues()) != 2 {
				b.t.Errorf("the sub-tasks are %v of %d issues", got, len(b.Issues()))
			}
		}},
		{name: "create a linked sub-ticket", options: []jiratest.Option{withProject(jiratest.Classic(), false)}, prepare: parent, do: ticket(sub), wanted: func(b *bench) {
			if got := b.Issue("OPS-1").Links; len(got) != 1 || len(b.Issues()) != 2 {
				b.t.Errorf("the links are %v of %d issues", got, len(b.Issues()))
			}
		}},
	}
}

// omitting makes a ticket without what Jira does not take, and says so whatever
// happens on the way: of the component at once, of the assignee when it is
// refused.
func omitting(d tracker.Draft) act {
	d.Component, d.Assignee, d.Links = "coffee", "nobody", nil
	var got []string
	return act{
		name: "create with something left out",
		do: func(ctx context.Context, b *bench) error {
			made, err := b.tr.Create(ctx, d)
			got = nil
			for _, o := range made.Omitted {
				got = append(got, o.Field+" "+o.Value+": "+o.Why)
			}
			return err
		},
		wanted: func(b *bench) {
			want := []string{"Component coffee: the project has no such component", "Assignee nobody: User 'nobody' does not exist."}
			if b.only(); !slices.Equal(got, want) {
				b.t.Errorf("left out are %q, want %q", got, want)
			}
		},
	}
}

func commenting() []act {
	return []act{{
		name: "comment", prepare: func(b *bench) { b.Create("sato", jiratest.Values{"summary": "x"}) },
		do: func(ctx context.Context, b *bench) error {
			return b.tr.Comment(ctx, "OPS-1", tracker.Comment{Label: "c", Author: "tanaka", Body: "it is *full*"})
		},
		wanted: func(b *bench) {
			if got := b.only().Comments; len(got) != 1 || !has(got[0].Body, "tanaka", "it is _full_") {
				b.t.Errorf("the comments are %+v", got)
			}
		},
	}}
}

func changes() []act {
	one := func(b *bench) { b.create(tracker.Draft{Label: "x", Title: "x", Assignee: "sato", Body: "b"}) }
	change := func(c tracker.Change) func(context.Context, *bench) error {
		return func(ctx context.Context, b *bench) error {
			_, err := b.tr.Change(ctx, "OPS-1", c)
			return err
		}
	}
	is := func(want func(tracker.Ticket) bool, steps int) func(*bench) {
		return func(b *bench) {
			if got := b.ticket("OPS-1"); !want(got) || len(b.only().History) != steps {
				b.t.Errorf("the ticket is %+v after %d steps, want %d", got, len(b.only().History), steps)
			}
		}
	}
	status := func(s tracker.Status) func(tracker.Ticket) bool {
		return func(t tracker.Ticket) bool { return t.Status == s }
	}
	simplified := []jiratest.Option{withProject(jiratest.Simplified(), true)}
	twoSteps := jiratest.Classic()
	twoSteps.Transitions = slices.DeleteFunc(twoSteps.Transitions, func(w jiratest.Transition) bool { return w.ID == "2" })
	return []act{
		{name: "fix", prepare: one, do: change(tracker.Change{Status: ptr(tracker.Fixed)}), wanted: is(status(tracker.Fixed), 1)},
		{name: "close", prepare: one, do: change(tracker.Change{Status: ptr(tracker.Closed)}), wanted: is(status(tracker.Closed), 1)},
		{name: "close in two steps", options: []jiratest.Option{withProject(twoSteps, true)}, prepare: one, do: change(tracker.Change{Status: ptr(tracker.Closed)}), wanted: is(status(tracker.Closed), 2)},
		{name: "close with a label", options: simplified, prepare: one, do: change(tracker.Change{Status: ptr(tracker.Closed)}), wanted: is(status(tracker.Closed), 2)},
		{name: "reopen with a label", options: simplified, prepare: func(b *bench) {
			one(b)
			b.change("OPS-1", tracker.Change{Status: ptr(tracker.Closed)})
		}, do: change(tracker.Change{Status: ptr(tracker.Open)}), wanted: func(b *bench) {
			if i := b.only(); i.Status != "To Do" || slices.Contains(i.Labels, reviewed) {
				b.t.Errorf("reopened it is %q with %v", i.Status, i.Labels)
			}
		}},
		{name: "assign", prepare: one, do: change(tracker.Change{Assignee: ptr("tanaka")}), wanted: is(func(t tracker.Ticket) bool { return t.Assignee == "tanaka" }, 1)},
		{name: "unassign", prepare: one, do: change(tracker.Change{Assignee: ptr("")}), wanted: is(func(t tracker.Ticket) bool { return t.Assignee == "" }, 1)},
		{
			name: "change everything", prepare: one,
			do:     change(tracker.Change{Assignee: ptr("tanaka"), Title: ptr("y"), Body: ptr("c"), Status: ptr(tracker.Fixed)}),
			wanted: is(func(t tracker.Ticket) bool { return t.Title == "y" && t.Body == "c" && t.Status == tracker.Fixed }, 3),
		},
	}
}

func readings() []act {
	tree := func(b *bench) {
		b.create(tracker.Draft{Label: "x", Title: "x"})
		b.create(tracker.Draft{Label: "y", Title: "y", Parent: "OPS-1"})
		b.Comment("sato", "OPS-1", "a word")
	}
	read := func(name string, do func(context.Context, *bench) (int, error), want int) act {
		last := 0
		return act{name: name, prepare: tree, do: func(ctx context.Context, b *bench) (err error) {
			last, err = do(ctx, b)
			return err
		}, wanted: func(b *bench) {
			if last != want {
				b.t.Errorf("there are %d, want %d", last, want)
			}
		}}
	}
	return []act{
		read("ticket", func(ctx context.Context, b *bench) (int, error) {
			_, err := b.tr.Ticket(ctx, "OPS-1")
			return 1, err
		}, 1),
		read("sub-tickets", func(ctx context.Context, b *bench) (int, error) {
			all, err := b.tr.Subtickets(ctx, "OPS-1")
			return len(all), err
		}, 1),
		read("list", func(ctx context.Context, b *bench) (int, error) {
			all, err := b.tr.List(ctx, tracker.Filter{Assignee: ""})
			return len(all), err
		}, 2),
		read("history", func(ctx context.Context, b *bench) (int, error) {
			all, err := b.tr.History(ctx, "OPS-1")
			return len(all), err
		}, 2),
	}
}

// since1 reads what happened: an issue was made, one said something to, and
// one deleted.
func since1() act {
	var cursor string
	var got tracker.Batch
	return act{
		name: "since",
		prepare: func(b *bench) {
			got = tracker.Batch{}
			cursor = b.since("").Cursor
			b.Create("sato", jiratest.Values{"summary": "is deleted"})
			b.settle()
			cursor = b.since(cursor).Cursor
			b.Delete("sato", "OPS-1")
			b.Create("sato", jiratest.Values{"summary": "is new"})
			b.Comment("sato", "OPS-2", "a word")
		},
		do: func(ctx context.Context, b *bench) error {
			for more := true; more; {
				batch, err := b.tr.Since(ctx, cursor)
				if err != nil {
					return err
				}
				got.Tickets, got.Said, got.Gone = append(got.Tickets, batch.Tickets...), append(got.Said, batch.Said...), append(got.Gone, batch.Gone...)
				cursor, more = batch.Cursor, batch.More
			}
			return nil
		},
		wanted: func(b *bench) {
			if len(got.Tickets) != 1 || got.Tickets[0].Key != "OPS-2" || len(got.Said) != 1 || got.Said[0].Text != "a word" || !slices.Equal(got.Gone, []string{"OPS-1"}) {
				b.t.Errorf("Since gave %+v", got)
			}
		},
	}
}

// TestConnectionsAreFew fails again and again over a network.
func TestConnectionsAreFew(t *testing.T) {
	fake := jiratest.New(t, jiratest.DataCenter, withProject(jiratest.Classic(), true), people3())
	dialed := 0
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed++
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	tr := open(t, fake, func(o *Options) { o.Transport = transport })
	fake.Fail("POST issue", -1, jiratest.Refuse(400, map[string]string{"summary": strings.Repeat("no ", 1000)}))
	fake.Fail("GET issue/OPS-1", -1, jiratest.Page(403))
	for n := range 30 {
		if _, err := tr.Create(t.Context(), tracker.Draft{Label: fmt.Sprint(n), Title: "x"}); adapters.CodeOf(err) != adapters.Refused || len(err.Error()) > 2000 {
			t.Fatal(err)
		}
		if _, err := tr.Ticket(t.Context(), "OPS-1"); adapters.CodeOf(err) != adapters.Denied {
			t.Fatal(err)
		}
	}
	if dialed > 2 {
		t.Errorf("60 failures took %d connections", dialed)
	}
}
