package review_test

import (
	"testing"

	"tebiki/adapters/tracker"
)

// TestDeleted: the question about a ticket that is gone is taken back, of
// others nothing is said, and nothing is tried on.
func TestDeleted(t *testing.T) {
	in(t, func(w *world) {
		asked := w.create("lee", "")
		open := w.create("lee", "")
		sub := w.create("lee", open)
		w.move(asked, tracker.Fixed)
		w.move(sub, tracker.Fixed)
		w.want("smith", "T-1 is fixed, please look: work *now* | close | back")
		w.tools.Delete(asked, open, sub)
		w.rest()
		w.want("smith", "T-1 was deleted; there is nothing left to look at.")
		w.want("lee", "")
		for _, d := range w.flow.Outbox.Stats() {
			if d.Waiting+d.Running > 0 {
				t.Errorf("%+v", d)
			}
		}
	})
}

// TestNothingHangsOnADeletedTicket deletes the ticket before each call.
func TestNothingHangsOnADeletedTicket(t *testing.T) {
	for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
		in(t, func(w *world) {
			key := w.create("lee", "")
			begun := w.gate.Calls()
			w.gate.Before(n, func() { w.tools.Delete(key) })
			w.move(key, tracker.Fixed)
			w.move(key, tracker.Open)
			w.move(key, tracker.Fixed)
			calls = w.gate.Calls() - begun
			for _, d := range w.flow.Outbox.Stats() {
				if d.Waiting+d.Running > 0 {
					t.Errorf("deleted before call %d: %+v", n, d)
				}
			}
		})
	}
}
