package jira

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// count gives how many requests something makes.
func (b *bench) count(do func() error) int {
	b.t.Helper()
	b.Forget()
	if err := do(); err != nil {
		b.t.Fatal(err)
	}
	return b.Count()
}

// TestRequests holds the figures of the package's comment.
func TestRequests(t *testing.T) {
	link := tracker.Link{Title: "know-how", URL: "https://kb.example.jp/a"}
	for _, test := range []struct {
		name  string
		do    func(context.Context, *bench) error
		dc    int
		cloud int
	}{
		{"ticket", creating(tracker.Draft{Label: "1", Title: "x", Component: "disk", Assignee: "tanaka"}), 2, 2},
		{"ticket with links", creating(tracker.Draft{Label: "2", Title: "x", Links: []tracker.Link{link, {Title: "b", URL: "https://kb.example.jp/b"}}}), 4, 4},
		{"ticket that is refused twice", creating(tracker.Draft{Label: "3", Title: "x", Assignee: "nobody"}), 3, 3},
		{"sub-task", creating(tracker.Draft{Label: "4", Title: "x", Parent: "OPS-1"}), 2, 2},
		{"ticket that is there", creating(tracker.Draft{Label: "parent", Title: "x"}), 1, 1},
		{"comment", func(ctx context.Context, b *bench) error {
			return b.tr.Comment(ctx, "OPS-1", tracker.Comment{Label: "c", Body: "x"})
		}, 1, 1},
		{"fix", changing(tracker.Change{Status: ptr(tracker.Fixed)}), 4, 4},
		{"assign", changing(tracker.Change{Assignee: ptr("tanaka")}), 3, 3},
		{"write", changing(tracker.Change{Title: ptr("y"), Body: ptr("z")}), 3, 3},
		{"no change", changing(tracker.Change{Title: ptr("parent")}), 1, 1},
		{"read", func(ctx context.Context, b *bench) error { _, err := b.tr.Ticket(ctx, "OPS-1"); return err }, 1, 1},
		{"no sub-tickets", func(ctx context.Context, b *bench) error { _, err := b.tr.Subtickets(ctx, "OPS-2"); return err }, 1, 1},
		{"sub-tickets", func(ctx context.Context, b *bench) error { _, err := b.tr.Subtickets(ctx, "OPS-1"); return err }, 2, 2},
		{"history", func(ctx context.Context, b *bench) error { _, err := b.tr.History(ctx, "OPS-1"); return err }, 1, 1},
		{"list", func(ctx context.Context, b *bench) error {
			_, err := b.tr.List(ctx, tracker.Filter{Assignee: "tanaka", Status: tracker.Open})
			return err
		}, 1, 1},
		{"facts", func(ctx context.Context, b *bench) error { b.tr.doubt(); _, err := b.tr.know(ctx); return err }, 6, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, nil, withProject(jiratest.Classic(), true))
				b.create(tracker.Draft{Label: "parent", Title: "parent"})
				b.create(tracker.Draft{Label: "child", Title: "child", Parent: "OPS-1"})
				b.settle()
				want := map[jiratest.Kind]int{jiratest.DataCenter: test.dc, jiratest.Cloud: test.cloud}[kind]
				if n := b.count(func() error { return test.do(t.Context(), b) }); n != want {
					t.Errorf("%d requests, want %d: %s", n, want, b.asked())
				}
			})
		})
	}
}

func creating(d tracker.Draft) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error { _, err := b.tr.Create(ctx, d); return err }
}

func changing(c tracker.Change) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error { _, err := b.tr.Change(ctx, "OPS-1", c); return err }
}

// asked tells what the requests were.
func (b *bench) asked() string {
	var all []string
	for _, r := range b.Requests() {
		all = append(all, r.Method+" "+r.Path)
	}
	return strings.Join(all, ", ")
}

func TestRequestsOfALinkedSubticket(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, nil, withProject(jiratest.Classic(), false))
		b.create(tracker.Draft{Label: "parent", Title: "parent"})
		if n := b.count(func() error { return creating(tracker.Draft{Label: "a", Title: "x", Parent: "OPS-1"})(t.Context(), b) }); n != 4 {
			t.Errorf("%d requests: %s", n, b.asked())
		}
	})
}

// usual is a tracker as it is used.
func usual(o *Options) { o.Sweep, o.Pace, o.Lag = 10*time.Minute, time.Second, 20*time.Second }

// TestIdle reads every 30 seconds in a project where nothing happens.
func TestIdle(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, usual, withProject(jiratest.Classic(), true))
		b.create(tracker.Draft{Label: "parent", Title: "parent"})
		cursor := b.since("").Cursor
		b.Create("sato", jiratest.Values{"summary": "open"})
		b.settle()
		cursor = b.since(cursor).Cursor
		idle := b.since(cursor).Cursor
		b.Forget()
		const hours = 3
		const polls = hours * 60 * 2
		for range polls {
			time.Sleep(30 * time.Second)
			if got := b.since(idle); got.Cursor != idle || len(got.Tickets) != 0 {
				t.Fatalf("nothing happened, and there is %+v after %s", got, idle)
			}
		}
		// Beside the polls, every ten minutes: our user's zone, what is open, and what came late.
		if n, most := b.Count(), polls+hours*(6+6*3); n > most {
			t.Errorf("%d requests in %d hours, want %d at most", n, hours, most)
		}
	})
}

func TestFirstStart(t *testing.T) {
	const issues = 50_000
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, kind, usual, withProject(jiratest.Classic(), true)).unheld()
				b.Create("sato", jiratest.Values{"summary": "one", "description": strings.Repeat("x", 100)})
				b.Many(issues-1, 10)
				time.Sleep(time.Hour)
				b.warm()
				b.Forget()
				got := b.since("")
				if got.Skipped != issues-issues/10 || len(got.Tickets) != 0 {
					t.Errorf("%d are skipped, and %d handed out", got.Skipped, len(got.Tickets))
				}
				if n := b.Count(); n > 14 {
					t.Errorf("%d requests: %s", n, b.asked())
				}
				b.Create("sato", jiratest.Values{"summary": "new"})
				b.settle()
				if got := b.since(got.Cursor); len(got.Tickets) != 1 || got.Tickets[0].Title != "new" {
					t.Errorf("then there are %+v", got.Tickets)
				}
			})
		})
	}
}

// TestFirstStartAtATime reads what changed since a time before the start.
func TestFirstStartAtATime(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		began := time.Now()
		b := newBench(t, kind, func(o *Options) { usual(o); o.Since = began.Add(90 * time.Minute) }, withProject(jiratest.Classic(), true))
		for n := range 5 {
			b.Create("sato", jiratest.Values{"summary": fmt.Sprint(n)})
			b.Comment("sato", fmt.Sprintf("OPS-%d", n+1), fmt.Sprint("word ", n))
			time.Sleep(time.Hour)
		}
		b.Transition("sato", "OPS-3", "Closed")
		b.settle()
		first := b.since("")
		if first.Skipped != 2 || len(first.Tickets) != 0 {
			t.Errorf("%d are skipped, %d handed out", first.Skipped, len(first.Tickets))
		}
		if got := b.since(first.Cursor); len(got.Tickets) != 3 || len(got.Said) != 3 || got.Tickets[0].Key != "OPS-4" {
			t.Errorf("since then there are %+v", got)
		}
	})
}

// TestBulkChange changes 500 issues in one second. They are read in few
// requests, and what happens in that minute afterwards is not held back.
func TestBulkChange(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, usual, withProject(jiratest.Classic(), true))
		for n := range 500 {
			b.Create("sato", jiratest.Values{"summary": fmt.Sprint(n)})
		}
		time.Sleep(time.Hour)
		cursor := b.since("").Cursor
		time.Sleep(5 * time.Second)
		for n := range 500 {
			b.Assign("sato", fmt.Sprintf("OPS-%d", n+1), "tanaka")
			time.Sleep(2 * time.Millisecond)
		}
		b.settle()
		b.Forget()
		got := b.since(cursor)
		if seen := unique(got.Tickets); seen != 500 || b.Count() > 12 {
			t.Errorf("%d of 500 are there after %d requests: %s", seen, b.Count(), b.asked())
		}
		b.Edit("sato", "OPS-7", jiratest.Values{"summary": "news of an old one"})
		b.Create("sato", jiratest.Values{"summary": "a new one"})
		b.settle()
		news := b.since(got.Cursor)
		if len(news.Tickets) != 2 || news.Tickets[0].Key != "OPS-7" || news.Tickets[1].Title != "a new one" {
			t.Errorf("in the same minute there are %d news", len(news.Tickets))
		}
		b.Forget()
		for range 30 {
			time.Sleep(10 * time.Second)
			if news = b.since(news.Cursor); len(news.Tickets) != 0 {
				t.Errorf("then %d are handed out", len(news.Tickets))
			}
		}
		if n := b.Count(); n > 30+10+10 {
			t.Errorf("the five minutes after it cost %d requests: %s", n, b.asked())
		}
	})
}

func unique(all []tracker.Ticket) int {
	keys := map[string]bool{}
	for _, t := range all {
		keys[t.Key] = true
	}
	return len(keys)
}

// TestDeletedInBulk deletes 150 of 220 issues.
func TestDeletedInBulk(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, usual, withProject(jiratest.Classic(), true))
		cursor := b.since("").Cursor
		for n := range 220 {
			b.Create("sato", jiratest.Values{"summary": fmt.Sprint(n)})
		}
		b.settle()
		cursor = b.since(cursor).Cursor
		for n := range 150 {
			b.Delete("sato", fmt.Sprintf("OPS-%d", n+1))
		}
		time.Sleep(11 * time.Minute)
		gone := map[string]int{}
		for range 10 {
			got := b.since(cursor)
			for _, key := range got.Gone {
				gone[key]++
			}
			cursor = got.Cursor
			time.Sleep(10 * time.Second)
		}
		if len(gone) != 150 {
			t.Errorf("%d of 150 are gone", len(gone))
		}
		for key, n := range gone {
			if n != 1 {
				t.Errorf("%s is gone %d times", key, n)
			}
		}
	})
}
