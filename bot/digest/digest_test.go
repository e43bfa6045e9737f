package digest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker"
	"tebiki/bot/flowtest"
	"tebiki/bot/guide"
	"tebiki/escalation"
	"tebiki/knowhow"
)

const tokyo, london = "Asia/Tokyo", "Europe/London"

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func want(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%s lacks %q:\n%s", what, p, got)
		}
	}
}

// TestOwners: one ticket for each kind and day of the team's zone, with the
// owner that the inventory names if that is one person of the roster.
func TestOwners(t *testing.T) {
	in(t, func(w *world) {
		w.until("2000-01-03", "23:30", tokyo)
		for _, host := range []string{"web1.example.jp", "WWW", "db1", "pair1", "nobodys", "left", "stranger", "lon1"} {
			w.alerts(escalation.Alert{Host: host, Check: "disk"})
		}
		w.alerts(escalation.Alert{Host: "web1", Check: "load"}, escalation.Alert{Host: "web1", Check: "load", Resolved: true})
		w.until("2000-01-04", "00:30", tokyo)
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.until("2000-01-05", "08:00", tokyo)
		w.run(false)
		same(t, "tickets", w.lines(), []string{
			"db1: disk(2000-01-03、1回) ()",
			"left: disk(2000-01-03、1回) ()",
			"lon1: disk (1× on 2000-01-03) (lee)",
			"nobodys: disk(2000-01-03、1回) ()",
			"pair1: disk(2000-01-03、1回) ()",
			"stranger: disk(2000-01-03、1回) ()",
			"web1.example.jp: disk(2000-01-03、2回) (tr-tanaka)",
			"web1.example.jp: disk(2000-01-04、1回) (tr-tanaka)",
			"web1.example.jp: load(2000-01-03、1回) (tr-tanaka)",
		})
		for who, n := range map[string]int{"sato": 1, "tanaka": 1, "lee": 1, "smith": 0} {
			same(t, who+"'s messages", len(w.messages(who)), n)
		}
		mine, leaders := w.messages("tanaka")[0], w.messages("sato")[0]
		same(t, "title", mine.Title, "前日までのアラートのうち、あなたの担当は3件です")
		same(t, "buttons", len(mine.Buttons), 0)
		want(t, "the owner's message", mine.Sections[0].Markdown, "継続中", "復旧", "http://tebiki/tickets/T-")
		same(t, "leader's title", leaders.Title, "前日までのアラートのうち、担当者のいないものが5件あります")
		same(t, "leader's buttons", len(leaders.Buttons), 5)
		same(t, "choices", len(leaders.Buttons[0].Choices), 2)
	})
}

// TestAssigned: whom the leader gives a ticket is told, and the question about
// it goes.
func TestAssigned(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(48 * time.Hour)
		w.run(false)
		same(t, "questions", len(w.messages("sato")[0].Buttons), 1)
		who := "tr-tanaka"
		if _, err := w.human.Change(w.t.Context(), "T-1", tracker.Change{Assignee: &who}); err != nil {
			t.Fatal(err)
		}
		w.rest(time.Minute)
		same(t, "tanaka's", len(w.messages("tanaka")), 1)
		leaders := w.messages("sato")
		if len(leaders) != 1 || len(leaders[0].Buttons) != 0 || !strings.Contains(leaders[0].Title, "すべて担当者が決まりました") {
			t.Errorf("the leader sees %+v", leaders)
		}
	})
}

// TestLinks: a ticket of the morning leads to the know-how of its alerts.
func TestLinks(t *testing.T) {
	in(t, func(w *world) {
		base, err := knowhow.Load(fstest.MapFS{
			"knowhow.yaml":    {Data: []byte("components:\n  - name: disk full\n    title: {ja: ディスク逼迫}\n    request_type: incident\n    alerts: [{check: disk}]\n    subtickets: [{title: {ja: 空ける}, document: free}]\n")},
			"docs/free.ja.md": {Data: []byte("---\ntitle: 空ける\nowner: sato\nreviewed: 2026-04-01\n---\n## やること\n消す。\n## 手順\n1. 消す。\n")},
		})
		if err != nil {
			t.Fatal(err)
		}
		rec := &flowtest.Recorder{Tracker: w.tools}
		w.flow.Tracker, w.flow.Guide = rec, &guide.Guide{KnowHow: func() *knowhow.Base { return base }}
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "db1", Check: "load"})
		w.rest(48 * time.Hour)
		w.run(false)
		same(t, "the links", rec.Links(), map[string][]tracker.Link{
			"db1: disk(2000-01-01、1回)": {{Title: "ディスク逼迫", URL: "http://tebiki/knowhow/disk%20full"}}, "db1: load(2000-01-01、1回)": nil,
		})
	})
}

func TestTwice(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"}, escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(24 * time.Hour)
		first := w.run(false)
		before := w.snapshot()
		second := w.run(false)
		if first.Alerts != 2 || first.Groups != 2 || second.Alerts != 0 {
			t.Errorf("first %+v, second %+v", first, second)
		}
		same(t, "after the second run", w.snapshot(), before)
	})
}

// slow lets others go on while it answers.
type slow struct{ inventory.Inventory }

func (s slow) Server(ctx context.Context, host string) (inventory.Server, error) {
	for range 100 {
		runtime.Gosched()
	}
	return s.Inventory.Server(ctx, host)
}

func TestAtOnce(t *testing.T) {
	in(t, func(w *world) {
		w.flow.Inventory = slow{w.flow.Inventory}
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.rest(24 * time.Hour)
		var runs sync.WaitGroup
		for range 8 {
			runs.Go(func() {
				if _, err := w.flow.Run(w.t.Context(), time.Now(), false); err != nil {
					t.Error(err)
				}
			})
		}
		runs.Wait()
		w.rest(time.Minute)
		same(t, "tickets", len(w.tickets()), 1)
		same(t, "comments", len(w.comments("T-1")), 0)
	})
}

// TestFurther: the same kind and day again goes into the ticket that is there.
func TestFurther(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		same(t, "of today without the flag", w.run(false).Left, 1)
		same(t, "of today", w.run(true).Alerts, 1)
		w.alerts(escalation.Alert{Host: "DB1", Check: "disk", Resolved: true})
		w.run(true)
		same(t, "tickets", len(w.tickets()), 1)
		cs := w.comments("T-1")
		if len(cs) != 1 {
			t.Fatalf("comments %q", cs)
		}
		want(t, "the comment", cs[0], "復旧の知らせ", "復旧")
		want(t, "the message", w.messages("sato")[0].Sections[0].Markdown, "1回", "復旧")
	})
}

// TestStillBad: of two alerts of a kind one has recovered.
func TestStillBad(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "web1", Check: "disk", Key: "/var"}, escalation.Alert{Host: "web1", Check: "disk", Key: "/home"})
		w.rest(time.Hour)
		w.alerts(escalation.Alert{Host: "web1", Check: "disk", Key: "/home", Resolved: true})
		w.run(true)
		want(t, "the message", w.messages("tanaka")[0].Sections[0].Markdown, "2回", "継続中")
		w.alerts(escalation.Alert{Host: "web1", Check: "disk", Key: "/var", Resolved: true})
		w.run(true)
		want(t, "the message", w.messages("tanaka")[0].Sections[0].Markdown, "2回", "復旧")
	})
}

// TestMorning: at nine in each team's zone, not on weekends and holidays, and
// what came then waits with them.
func TestMorning(t *testing.T) {
	in(t, func(w *world) { // Saturday
		w.restart(true)
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"}, escalation.Alert{Host: "lon1", Check: "disk"})
		w.until("2000-01-02", "12:00", tokyo)
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		for _, step := range []struct {
			day, clock, zone string
			tickets          int
		}{
			{"2000-01-03", "08:58", tokyo, 0},
			{"2000-01-03", "09:01", tokyo, 2},  // of Saturday and Sunday
			{"2000-01-03", "08:58", london, 2}, // London's morning is its own
			{"2000-01-03", "09:01", london, 3},
		} {
			w.until(step.day, step.clock, step.zone)
			same(t, step.day+" "+step.clock+" "+step.zone, len(w.tickets()), step.tickets)
		}
		w.until("2000-01-10", "12:00", tokyo)
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.until("2000-01-11", "18:00", tokyo) // a holiday
		same(t, "on the holiday", len(w.tickets()), 3)
		w.until("2000-01-12", "09:01", tokyo)
		same(t, "after the holiday", len(w.tickets()), 4)
	})
}

func TestSummerTime(t *testing.T) {
	in(t, func(w *world) {
		w.until("2000-03-24", "12:00", london) // clocks go forward on the 26th
		w.alerts(escalation.Alert{Host: "lon1", Check: "disk"})
		w.until("2000-03-24", "18:00", london)
		w.restart(true)
		w.until("2000-03-27", "08:58", london)
		same(t, "before nine", len(w.tickets()), 0)
		w.until("2000-03-27", "09:01", london)
		same(t, "after nine", len(w.tickets()), 1)
	})
}

func TestDownAtNine(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.until("2000-01-03", "15:00", tokyo)
		w.restart(true)
		w.rest(10 * time.Second)
		same(t, "at the start", len(w.tickets()), 1)
	})
}

func TestMany(t *testing.T) {
	in(t, func(w *world) {
		const n = 20_000
		all := make([]escalation.Alert, n)
		for i := range all {
			all[i] = escalation.Alert{Host: "web1", Check: fmt.Sprintf("check %d", i%200), Key: fmt.Sprint(i % 1000)}
		}
		w.alerts(all...)
		w.rest(48 * time.Hour)
		s := w.run(false)
		if s.Alerts != n || s.Groups != 200 {
			t.Errorf("%+v", s)
		}
		tickets := w.tickets()
		same(t, "tickets", len(tickets), 200)
		for _, tk := range tickets {
			if !strings.Contains(tk.Title, "100回") || len(w.comments(tk.Key)) > 0 {
				t.Fatalf("%s has not all its alerts: %s", tk.Key, tk.Title)
			}
		}
		ms := w.messages("tanaka")
		if len(ms) != 1 {
			t.Fatalf("%d messages", len(ms))
		}
		want(t, "the message", ms[0].Sections[0].Markdown, "ほか150件")
	})
}

func TestEveryFault(t *testing.T) {
	story := func(w *world) {
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"}, escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "lon1", Check: "x"})
		w.rest(72 * time.Hour)
		_, _ = w.flow.Run(w.t.Context(), time.Now(), false) // whoever gets no answer asks again
		w.rest(10 * time.Minute)
		_, _ = w.flow.Run(w.t.Context(), time.Now(), false)
		w.rest(13 * time.Hour) // the tracker is read every six
	}
	var whole string
	in(t, func(w *world) { story(w); whole = w.snapshot() })
	for name, m := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
				in(t, func(w *world) {
					begun := w.gate.Calls()
					w.gate.Spoil(n, m)
					story(w)
					same(t, fmt.Sprintf("after call %d", n), w.snapshot(), whole)
					calls = w.gate.Calls() - begun
				})
			}
		})
	}
}

type away struct{ inventory.Inventory }

func (away) Server(context.Context, string) (inventory.Server, error) {
	return inventory.Server{}, &adapters.Error{Op: "ask", Err: errors.New("away")}
}

func TestInventoryAway(t *testing.T) {
	in(t, func(w *world) {
		w.flow.Inventory = away{}
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.rest(48 * time.Hour)
		w.run(false)
		same(t, "tickets", len(w.tickets()), 1)
		same(t, "the leader is asked", len(w.messages("sato")), 1)
		want(t, "the log", w.log.String(), "inventory is away")
	})
}

// picky refuses tickets about a host for ever.
type picky struct{ tracker.Tracker }

func (p picky) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	if strings.Contains(d.Title, "db1") {
		return tracker.Ticket{}, &adapters.Error{Op: "create", Code: adapters.Refused, Err: errors.New("no")}
	}
	return p.Tracker.Create(ctx, d)
}

func TestRefused(t *testing.T) {
	in(t, func(w *world) {
		w.flow.Tracker = picky{w.flow.Tracker}
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "web1", Check: "disk"}, escalation.Alert{Host: "web1", Check: "load"})
		w.rest(48 * time.Hour)
		w.run(false)
		same(t, "tickets of the others", len(w.tickets()), 2)
		same(t, "the owner's messages", len(w.messages("tanaka")), 1)
		same(t, "kept to be tried again", w.flow.Outbox.Stats()[0].Waiting, 1)
	})
}

func TestHostile(t *testing.T) {
	in(t, func(w *world) {
		evil := "<img src=x onerror=1> [x](javascript:1)\n# \x00\u202e" + strings.Repeat("長", 300)
		w.alerts(escalation.Alert{Host: evil, Check: evil, Key: evil, Summary: evil, Source: evil, Labels: map[string]string{evil: evil}},
			escalation.Alert{Summary: "nothing but words"}, escalation.Alert{Host: "db1"})
		w.rest(48 * time.Hour)
		w.run(false)
		same(t, "tickets", len(w.tickets()), 3)
		text := w.messages("sato")[0].Sections[0].Markdown
		for _, tk := range w.tickets() {
			text += tk.Body
		}
		want(t, "what people read", text, "nothing but words")
		for _, bad := range []string{"<img", "](javascript", "\n# ", "\u202e", "\x00"} {
			if strings.Contains(strings.ReplaceAll(text, `\<`, ""), bad) {
				t.Errorf("%q got through", bad)
			}
		}
	})
}

func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.rest(48 * time.Hour)
		w.gate.Spoil(1, flowtest.Refuse)
		if _, err := w.flow.Run(w.t.Context(), time.Now(), false); err == nil || !strings.Contains(err.Error(), "take the alerts of 1 kinds") {
			t.Errorf("error %v", err)
		}
		same(t, "afterwards", w.run(false).Alerts, 1)
	})
}
