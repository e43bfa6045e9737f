package urgent

import (
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/store"
)

// TestClosedInABatch: the ticket of an incident that is closed at first sight,
// and is there several times, ends the incident once.
func TestClosedInABatch(t *testing.T) {
	for name, first := range map[string]*watch.Seen{"first sight": nil, "seen open": {Status: tracker.Open}} {
		in(t, func(t *testing.T, w *world) {
			w.alert(alert("web1", "disk"))
			wait(time.Second)
			closed := w.tickets()[0]
			closed.Status, closed.Assignee, closed.Updated = tracker.Closed, "smith", time.Now()
			err := w.store.Update(t.Context(), func(tx store.Writer) error {
				f := &Flow{Roster: people(t, "ja")}
				for was := first; ; {
					if err := f.Ticket(tx, was, closed); err != nil || was != nil && was.Status == tracker.Closed {
						return err
					}
					was = &watch.Seen{Status: tracker.Closed, Label: closed.Label}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			w.outbox.Wake()
			wait(time.Minute)
			if inc := w.incident(1); inc.Status != escalation.Resolved || inc.ResolvedBy != "smith" {
				t.Errorf("%s: it is %s by %q", name, inc.Status, inc.ResolvedBy)
			}
			if n := strings.Count(w.history(1), string(escalation.NewsFixed)); n != 1 {
				t.Errorf("%s: it ended %d times", name, n)
			}
			w.settled()
		})
	}
}
