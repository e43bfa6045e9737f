package request_test

import (
	"testing"

	"tebiki/adapters/tracker"
	"tebiki/bot/watch"
	"tebiki/store"
)

// batch lets the flow see tickets in one piece of the tracker's changes.
func (w *world) batch(all ...tracker.Ticket) {
	w.t.Helper()
	err := w.st.Update(w.t.Context(), func(tx store.Writer) error {
		seen := map[string]*watch.Seen{}
		for _, t := range all {
			if err := w.flow.Ticket(tx, seen[t.Key], t); err != nil {
				return err
			}
			seen[t.Key] = &watch.Seen{Parent: t.Parent, Component: t.Component, Status: t.Status, Assignee: t.Assignee, Label: t.Label}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.flow.Outbox.Wake()
}

// TestRepeatedInABatch: a ticket that is there several times is prepared and
// pushed once, and to each who got it.
func TestRepeatedInABatch(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "a", Component: "disk", Assignee: "lee"})
		w.batch(tk, tk, tk)
		w.rest()
		same(t, "sub-tickets", len(w.subtickets("T-1")), 2)
		same(t, "checks run", w.checks.runs, []string{"df", "inodes"})
		same(t, "lee's", titles(w.messages("lee")), []string{"T-1 a"})
		w.assign("T-1", "tanaka")
		now := w.ticket("T-1")
		w.batch(now, now)
		w.rest()
		same(t, "tanaka's", titles(w.messages("tanaka")), []string{"T-1 a"})
		same(t, "pushes counted", w.counts()["pushed"], uint64(2))
		w.settled()
	})
}

// TestDoneAtFirstSight: a sub-ticket that was done before the watch ever saw
// it is ticked, whoever made it.
func TestDoneAtFirstSight(t *testing.T) {
	fixed := tracker.Fixed
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "a", Component: "disk", Assignee: "lee"})
		w.rest()
		w.stop()
		w.change("T-2", tracker.Change{Status: &fixed})
		w.create(tracker.Draft{Title: "by hand", Label: "hand", Parent: "T-1"})
		w.change("T-4", tracker.Change{Status: &fixed})
		err := w.st.Update(w.t.Context(), func(tx store.Writer) error { return tx.Delete("watch.ticket", "T-2") })
		if err != nil {
			t.Fatal(err)
		}
		w.start()
		w.rest()
		same(t, "the list", list(w.pushed()), line("x", "T-2", "Look")+"\n"+line(" ", "T-3", "Free some")+"\n"+line("x", "T-4", "by hand"))
	})
}
