package jira

import (
	"fmt"
	"testing"
	"time"

	"tebiki/adapters/tracker/jira/jiratest"
)

// While more changes between two polls than a page holds, hour after hour, a
// poll reads what is new and the overlap, not all that was there since.
func TestLoadThatLasts(t *testing.T) {
	const page, burst, polls = 10, 25, 60
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, func(o *Options) { o.Page, o.Sweep = page, 24*time.Hour }).unheld()
		b.warm()
		b.settle()
		cursor, first, seen := b.since("").Cursor, 0, map[string]bool{}
		for poll := range polls {
			for n := range burst {
				b.Create("sato", jiratest.Values{"summary": fmt.Sprint(poll, ".", n)})
			}
			time.Sleep(30 * time.Second) // in the bubble's time
			b.Forget()
			got := b.since(cursor)
			cursor = got.Cursor
			for _, ticket := range got.Tickets {
				seen[ticket.Key] = true
			}
			if len(seen) != (poll+1)*burst {
				t.Fatalf("after poll %d %d of %d issues were seen", poll, len(seen), (poll+1)*burst)
			}
			if poll == polls/4 {
				first = len(cursor)
			}
			// The overlap, and the minute that it begins in, are as long as a few polls.
			if n := b.Count("POST search", "POST search/jql"); n > 6*burst/page {
				t.Fatalf("poll %d took %d searches", poll, n)
			}
		}
		if len(cursor) > 2*first {
			t.Errorf("the cursor has %d bytes, after a quarter it had %d", len(cursor), first)
		}
	})
}
