package request_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/flowtest"
	"tebiki/store"
)

// deliver lets the flow see a ticket as given, where the local tracker cannot
// make it so.
func (w *world) deliver(t tracker.Ticket) {
	w.t.Helper()
	err := w.st.Update(w.t.Context(), func(tx store.Writer) error { return w.flow.Ticket(tx, nil, t) })
	if err != nil {
		w.t.Fatal(err)
	}
	w.flow.Outbox.Wake()
}

// story is what people do; the flow does its part in between.
func story(w *world) {
	w.create(tracker.Draft{Title: "a", Component: "disk", Assignee: "lee"})
	w.rest() // the sub-tickets take their keys before the next
	w.create(tracker.Draft{Title: "b", Component: "disk-full"})
	w.rest()
	w.create(tracker.Draft{Title: "c", Component: "nothing like it"})
	w.rest()
	w.assign("T-1", "smith")
	w.assign("T-4", "tanaka")
	w.rest()
	w.again("T-1", "disk-full")
	w.askLeader("T-1", "disk-full", "smith")
	w.finish("T-1")
	w.rest()
}

// slowStory has a check that the push does not wait for.
func slowStory(w *world) {
	w.checks.slow = map[string]time.Duration{"inodes": time.Minute}
	w.create(tracker.Draft{Title: "a", Component: "disk", Assignee: "lee"})
	w.rest()
	w.assign("T-1", "smith")
	w.rest()
}

// TestEveryFault spoils the first call, then the second, and so on until no
// call is left: whatever went wrong, what people see in the end is the same.
func TestEveryFault(t *testing.T) { everyFault(t, story, 40) }

func TestEveryFaultOfSlowChecks(t *testing.T) { everyFault(t, slowStory, 15) }

// everyFault fails when the story takes fewer calls than least: then it no
// longer runs through the gate.
func everyFault(t *testing.T, story func(*world), least int) {
	var whole string
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		story(w)
		whole = w.snapshot()
	})
	for name, m := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for n, calls := 1, 1; n <= calls; n++ {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.gate.Spoil(n, m)
					begun := w.gate.Calls()
					story(w)
					same(t, fmt.Sprintf("after call %d", n), w.snapshot(), whole)
					calls = w.gate.Calls() - begun
				})
				if t.Failed() {
					return
				}
				if calls < least {
					t.Fatalf("only %d calls: the story no longer runs through the gate", calls)
				}
			}
		})
	}
}
