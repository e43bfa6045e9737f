package jira

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// A reader is who follows the changes, and may be stopped between a batch and
// its being kept.
type reader struct {
	*bench
	clock  time.Duration // how far Jira's is ahead of ours
	set    time.Duration // and was at the beginning
	began  time.Time     // on Jira's clock
	cursor string
	known  map[string]tracker.Ticket // by key, as last handed out
	said   map[string]int            // by id of the comment
	gone   map[string]int            // by key
	own    int                       // labels so far
	coarse bool                      // Jira's times have whole seconds
}

// places are zones and moments in which the clock of a place does something.
var places = []struct{ zone, from string }{
	{"Asia/Tokyo", "2026-11-25T05:00:00Z"},
	{"Europe/Berlin", "2026-10-25T00:20:00Z"},       // back an hour at 01:00
	{"Europe/Berlin", "2026-03-29T00:40:00Z"},       // ahead an hour at 01:00
	{"Australia/Lord_Howe", "2026-04-04T14:40:00Z"}, // back half an hour at 15:00
	{"America/New_York", "2026-11-01T05:30:00Z"},    // back an hour at 06:00
	{"UTC", "1999-12-31T22:00:00Z"},                 // behind our own clock
}

// A setting is what a reader and a Jira are.
type setting struct {
	Kind      jiratest.Kind
	Place     int
	Precision time.Duration // of Jira's database
	Lag       time.Duration
	Page      int
}

func drawSetting(rt *rapid.T) setting {
	return setting{
		Kind:  rapid.SampledFrom([]jiratest.Kind{jiratest.DataCenter, jiratest.Cloud}).Draw(rt, "kind"),
		Place: rapid.IntRange(0, len(places)-1).Draw(rt, "place"), Page: rapid.IntRange(1, 5).Draw(rt, "page"),
		Precision: rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second}).Draw(rt, "precision"),
		Lag:       rapid.SampledFrom([]time.Duration{0, time.Second, 7 * time.Second, time.Minute}).Draw(rt, "lag"),
	}
}

func newReader(t *testing.T, s setting) *reader {
	r := &reader{known: map[string]tracker.Ticket{}, said: map[string]int{}, gone: map[string]int{}, coarse: s.Precision == time.Second}
	from, err := time.Parse(time.RFC3339, places[s.Place].from)
	if err != nil {
		t.Fatal(err)
	}
	r.set = time.Until(from)
	r.clock = r.set
	r.bench = newBench(t, s.Kind, func(o *Options) {
		o.Lag, o.Sweep, o.Pace, o.Secret, o.Page = time.Minute, 10*time.Minute, time.Second, "hook", 3
	}, jiratest.WithoutRecord(), jiratest.WithLag(s.Lag), jiratest.WithSteadyIndex(), jiratest.WithMaxPage(s.Page), jiratest.WithMe(jiratest.User{Zone: places[s.Place].zone}),
		jiratest.WithNow(func() time.Time { return r.now().Truncate(s.Precision) }),
		jiratest.WithProjects(jiratest.Project{Key: "OPS", Workflow: jiratest.Classic()}, jiratest.Project{Key: "ABC", Workflow: jiratest.Classic()})).unheld()
	return r
}

func (r *reader) now() time.Time { return time.Now().Add(r.clock) }

// begin reads from now on. What was just before may be handed out, too.
func (r *reader) begin() {
	r.Create("sato", jiratest.Values{"summary": "from before"})
	r.Comment("sato", "OPS-1", "from before")
	time.Sleep(5 * time.Minute)
	r.began = r.now().Truncate(time.Second)
	r.cursor = r.bench.since("").Cursor
}

// read takes one batch; lost says that the process ends before it is kept.
func (r *reader) read(lost bool) (more bool) {
	r.t.Helper()
	b, err := r.tr.Since(r.t.Context(), r.cursor)
	if err != nil {
		r.t.Fatal(err)
	}
	if lost {
		return b.More
	}
	r.cursor = b.Cursor
	for _, k := range b.Gone {
		r.gone[k]++
	}
	for _, ticket := range b.Tickets {
		r.known[ticket.Key] = ticket
	}
	for _, s := range b.Said {
		if r.said[s.ID]++; r.said[s.ID] > 1 || s.Author == r.AccountID("") {
			r.t.Fatalf("said for the %dth time: %+v", r.said[s.ID], s)
		}
		if _, known := r.known[s.Ticket]; !known {
			r.t.Fatalf("%q is said on %s, which was not handed out", s.Text, s.Ticket)
		}
	}
	return b.More
}

func (r *reader) drain() {
	for n := 0; r.read(false); n++ {
		if n > 1000 {
			r.t.Fatal("there is always more")
		}
	}
}

// alive gives an issue of the project that somebody may change.
func (r *reader) alive(n int) (key string, found bool) {
	var keys []string
	for _, i := range r.Issues() {
		if i.Project == "OPS" {
			keys = append(keys, i.Key)
		}
	}
	if len(keys) == 0 {
		return "", false
	}
	return keys[n%len(keys)], true
}

// people are what people and Tebiki do to an issue.
func (r *reader) people() map[string]func(key string) {
	return map[string]func(string){
		"edit":    func(key string) { r.own++; r.Edit("sato", key, jiratest.Values{"summary": fmt.Sprint("edit ", r.own)}) },
		"assign":  func(key string) { r.Assign("sato", key, []string{"tanaka", "suzuki", ""}[r.own%3]); r.own++ },
		"comment": func(key string) { r.own++; r.Comment("tanaka", key, fmt.Sprint("word ", r.own)) },
		"talk": func(key string) {
			for range 25 {
				r.own++
				r.Comment("tanaka", key, fmt.Sprint("word ", r.own))
			}
		},
		"resolve": func(key string) {
			if s := r.Issue(key).Status; s == "Open" || s == "Reopened" {
				r.Transition("sato", key, "Resolved")
			}
		},
		"close": func(key string) {
			if s := r.Issue(key).Status; s != "Closed" {
				r.Transition("sato", key, "Closed")
			}
		},
		"reopen": func(key string) {
			if s := r.Issue(key).Status; s == "Closed" {
				r.Transition("sato", key, "Reopened")
			}
		},
		"delete":      func(key string) { r.Delete("sato", key) },
		"move":        func(key string) { r.Move("sato", key, "ABC") },
		"own change":  func(key string) { r.own++; r.change(key, tracker.Change{Title: ptr(fmt.Sprint("own ", r.own))}) },
		"own comment": func(key string) { r.say(key) },
		"lag": func(key string) {
			if !r.coarse { // nothing tells that what is so late is of another half of a second
				r.Lag(key, 20*time.Minute)
			}
		},
	}
}

func (r *reader) say(key string) {
	r.own++
	if err := r.tr.Comment(r.t.Context(), key, tracker.Comment{Label: fmt.Sprint(r.own), Body: "own word"}); err != nil {
		r.t.Fatal(err)
	}
}

// A step is what happens next; N says more of it.
type step struct {
	What string
	N    int
	Wait int // afterwards, in parts of a second
}

func drawSteps(rt *rapid.T, more ...string) []step {
	whats := append([]string{
		"create", "create", "own ticket", "read", "read", "read", "read", "lost", "restart", "wait", "wait", "wait long", "zone", "hook", "no hook", "forge",
	}, more...)
	whats = append(whats, sorted((&reader{}).people())...)
	one := rapid.Custom(func(rt *rapid.T) step {
		return step{rapid.SampledFrom(whats).Draw(rt, "what"), rapid.IntRange(0, 1<<16).Draw(rt, "n"), rapid.IntRange(0, 3).Draw(rt, "wait")}
	})
	return rapid.SliceOfN(one, 5, 35).Draw(rt, "steps")
}

func (r *reader) take(s step) {
	switch s.What {
	case "create":
		r.own++
		r.Create("sato", jiratest.Values{"summary": fmt.Sprint("made ", r.own)})
	case "own ticket":
		r.own++
		r.create(tracker.Draft{Label: fmt.Sprint(r.own), Title: "own", Assignee: "tanaka"})
	case "read":
		r.read(false)
	case "lost":
		r.read(true)
	case "restart":
		r.read(true)
		r.reopen()
	case "wait":
		time.Sleep(time.Duration(s.N) * 2 * time.Millisecond)
	case "wait long":
		r.drain()
		time.Sleep(time.Duration(s.N%40) * time.Minute)
	case "zone":
		r.SetZone("", []string{"Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kolkata"}[s.N%4])
	case "hook":
		r.Deliver(jiratest.Webhook{URL: "/?secret=hook", Handler: r.tr, Secret: "hook"})
	case "no hook":
		r.Lose()
	case "forge":
		r.forge(9990 + s.N%30)
	case "jump":
		r.clock = r.set + time.Duration(s.N%101-50)*time.Minute
	default:
		if key, found := r.alive(s.N); found {
			r.people()[s.What](key)
		}
	}
	time.Sleep(time.Duration(s.Wait) * 700 * time.Millisecond)
}

// forge sends an event that somebody made up who knows the secret, or that
// came before.
func (r *reader) forge(id int) {
	body := fmt.Appendf(nil, `{"webhookEvent":"jira:issue_deleted","issue":{"id":"%d"}}`, id)
	q := httptest.NewRequest(http.MethodPost, "/?secret=hook", bytes.NewReader(body))
	r.tr.ServeHTTP(httptest.NewRecorder(), q)
}

// check holds what the reader knows against what there is, once everything has
// settled.
func (r *reader) check() {
	for range 4 {
		time.Sleep(11 * time.Minute)
		r.drain()
	}
	alive := map[string]*jiratest.Issue{}
	for _, i := range r.Issues() {
		if i.Project == "OPS" {
			alive[i.Key] = i
			r.checkAlive(i)
		}
	}
	for key, ticket := range r.known {
		n := r.gone[key]
		if alive[key] != nil && n != 0 || alive[key] == nil && n != 1 && ticket.Status != tracker.Closed || n > 1 {
			r.t.Errorf("%s, %s when it was last handed out, was gone %d times; it is there: %v", key, ticket.Status, n, alive[key] != nil)
		}
	}
}

func (r *reader) checkAlive(i *jiratest.Issue) {
	got, handed := r.known[i.Key]
	if !handed && !i.Updated.Before(r.began) {
		r.t.Errorf("%s was never handed out", i.Key)
	}
	if diff := cmp.Diff(r.ticket(i.Key), got); handed && diff != "" {
		r.t.Errorf("%s (-as it is +as last handed out):\n%s", i.Key, diff)
	}
	for _, c := range i.Comments {
		if n := r.said[fmt.Sprint(c.ID)]; n != 1 && c.By != r.AccountID("") && !c.At.Before(r.began) {
			r.t.Errorf("%q on %s was said %d times", c.Body, i.Key, n)
		}
	}
}

func TestNothingIsMissedNothingTwice(t *testing.T) { follow(t) }

// TestClockJumps sets Jira's clock an hour ahead or back.
func TestClockJumps(t *testing.T) { follow(t, "jump", "jump", "wait long") }

func follow(t *testing.T, more ...string) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		set, steps := drawSetting(rt), drawSteps(rt, more...)
		synctest.Test(t, func(t *testing.T) {
			r := newReader(t, set)
			defer r.tell(set, steps)
			r.begin()
			if len(more) > 0 { // what a clock that was set back dates before the beginning is no news
				time.Sleep(3 * time.Hour)
				r.drain()
			}
			for _, s := range steps {
				r.take(s)
			}
			r.check()
		})
	})
}

// tell says what led to a failure.
func (r *reader) tell(s setting, steps []step) {
	if r.t.Failed() {
		r.t.Logf("with %+v, %+v", s, steps)
	}
}

// TestMovedOutOfSight moves an issue to where our user may not look: Data
// Center says so with 403. Nothing else waits for it.
func TestMovedOutOfSight(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, usual, jiratest.WithProjects(jiratest.Project{Key: "OPS"}, jiratest.Project{Key: "ABC"}))
		cursor := b.since("").Cursor
		b.Create("sato", jiratest.Values{"summary": "x"})
		b.settle()
		cursor = b.since(cursor).Cursor
		b.Move("sato", "OPS-1", "ABC")
		b.Fail("GET issue/10000", -1, jiratest.Refuse(map[jiratest.Kind]int{jiratest.DataCenter: 403, jiratest.Cloud: 404}[kind], nil))
		b.Create("sato", jiratest.Values{"summary": "y"})
		time.Sleep(11 * time.Minute)
		got := b.since(cursor)
		if !slices.Equal(got.Gone, []string{"OPS-1"}) || len(got.Tickets) != 1 {
			t.Errorf("gone is %v, new %+v", got.Gone, got.Tickets)
		}
		time.Sleep(11 * time.Minute)
		if got := b.since(got.Cursor); len(got.Gone) != 0 {
			t.Errorf("again %v is gone", got.Gone)
		}
	})
}

// TestProjectOutOfSight takes the project from our user: that is no reason to
// believe that every ticket is gone.
func TestProjectOutOfSight(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, usual)
		cursor := b.since("").Cursor
		b.Create("sato", jiratest.Values{"summary": "x"})
		b.settle()
		cursor = b.since(cursor).Cursor
		b.Forbid("BROWSE_PROJECTS")
		time.Sleep(11 * time.Minute)
		if got, err := b.tr.Since(t.Context(), cursor); err == nil || len(got.Gone) != 0 {
			t.Errorf("without permission: %+v, %v", got, err)
		}
		b.Permit("BROWSE_PROJECTS")
		b.Edit("sato", "OPS-1", jiratest.Values{"summary": "y"})
		b.settle()
		if got := b.since(cursor); len(got.Gone) != 0 || len(got.Tickets) != 1 {
			t.Errorf("then there is %+v", got)
		}
	})
}

// TestComponentChanged: another component is news, and so is one that was
// taken away, or is called otherwise, at the next change of the ticket.
func TestComponentChanged(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, usual, withProject(jiratest.Classic(), true))
		key := b.create(tracker.Draft{Label: "x", Title: "x", Component: "disk"}).Key
		b.settle()
		cursor := b.since("").Cursor
		read := func(want string) {
			t.Helper()
			b.settle()
			got := b.since(cursor)
			if len(got.Tickets) != 1 || got.Tickets[0].Component != want || len(got.Gone) != 0 {
				t.Errorf("there is %+v, want the component %q", got, want)
			}
			cursor = got.Cursor
		}
		b.SetComponents("sato", key, "new-subdomain")
		read("new-subdomain")
		b.SetComponents("sato", key)
		read("")
		b.SetComponents("sato", key, "disk", "new-subdomain")
		read("disk")
		b.RenameComponent("OPS", "disk", "storage")
		b.Edit("sato", key, jiratest.Values{"summary": "y"})
		read("storage")
	})
}

// TestLinkedElsewhere links a ticket to what is no sub-ticket of it.
func TestLinkedElsewhere(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		task := []jiratest.IssueType{{Name: "Task"}}
		b := newBench(t, kind, nil, jiratest.WithProjects(jiratest.Project{Key: "OPS", Types: task}, jiratest.Project{Key: "ABC", Types: task}))
		b.create(tracker.Draft{Label: "parent", Title: "parent"})
		b.create(tracker.Draft{Label: "child", Title: "child", Parent: "OPS-1"})
		b.create(tracker.Draft{Label: "moved", Title: "moved", Parent: "OPS-1"})
		other := b.Create("sato", jiratest.Values{"summary": "theirs", "project": map[string]any{"key": "ABC"}})
		b.Link("sato", "Blocks", other, "OPS-1")
		b.Link("sato", "Relates", b.Create("sato", jiratest.Values{"summary": "a neighbour"}), "OPS-1")
		b.Move("sato", "OPS-3", "ABC")
		b.settle()
		all, err := b.tr.Subtickets(t.Context(), "OPS-1")
		if err != nil || len(all) != 1 || all[0].Title != "child" {
			t.Errorf("the sub-tickets are %+v, %v", all, err)
		}
	})
}

// TestPagesBesideWhatIsGone pages behind a ticket that was deleted or moved
// meanwhile.
func TestPagesBesideWhatIsGone(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, nil, jiratest.WithProjects(jiratest.Project{Key: "OPS"}, jiratest.Project{Key: "ZZZ"}))
		for n := range 9 {
			b.Create("sato", jiratest.Values{"summary": fmt.Sprint(n + 1)})
		}
		b.Delete("sato", "OPS-5")
		b.Move("sato", "OPS-7", "ZZZ")
		b.settle()
		for before, want := range map[string]string{"OPS-5": "4", "OPS-7": "6", "OPS-9": "8", "": "9"} {
			got, err := b.tr.List(t.Context(), tracker.Filter{Before: before, Limit: 2})
			if err != nil || len(got) != 2 || got[0].Title != want {
				t.Errorf("before %q there are %+v, %v", before, got, err)
			}
		}
		if got, err := b.tr.List(t.Context(), tracker.Filter{Before: "OPS-1"}); err != nil || len(got) != 0 {
			t.Errorf("before the first there are %+v, %v", got, err)
		}
	})
}

func sorted[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
