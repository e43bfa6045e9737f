package digest_test

import (
	"strings"
	"testing"
	"time"

	"tebiki/escalation"
)

func (w *world) settled() {
	w.t.Helper()
	for _, d := range w.flow.Outbox.Stats() {
		if d.Waiting+d.Running > 0 {
			w.t.Errorf("%+v", d)
		}
	}
}

// TestDeleted: a ticket of the morning that somebody deletes is listed no
// longer, nor to be assigned, and alerts of its kind and day get a new one.
func TestDeleted(t *testing.T) {
	for _, told := range []bool{true, false} {
		in(t, func(w *world) {
			w.until("2000-01-03", "12:00", tokyo)
			w.alerts(escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "db1", Check: "load"})
			w.until("2000-01-04", "10:00", tokyo)
			w.run(false)
			same(t, "buttons", len(w.messages("sato")[0].Buttons), 2)
			gone := w.tickets()[0]
			w.tools.Delete(gone.Key)
			if told {
				w.rest(7 * time.Hour)
				m := w.messages("sato")[0]
				if strings.Contains(m.Sections[0].Markdown, gone.Key+">") || len(m.Buttons) != 1 {
					t.Errorf("the leader's message still has %s: %+v", gone.Key, m)
				}
			}
			w.alerts(escalation.Alert{Host: "db1", Check: "disk", At: time.Date(2000, 1, 3, 13, 0, 0, 0, time.UTC)})
			w.alerts(escalation.Alert{Host: "db1", Check: "load", At: time.Date(2000, 1, 3, 13, 0, 0, 0, time.UTC)})
			w.run(false)
			ts := w.tickets()
			if len(ts) != 3 || !strings.Contains(ts[2].Title, "1回") || len(w.comments(ts[1].Key)) != 1 {
				t.Errorf("told %v: the tickets are %v", told, w.lines())
			}
			w.rest(7 * time.Hour)
			m := w.messages("sato")[0]
			if list := m.Sections[0].Markdown; strings.Count(list, "\n") != 2 || !strings.Contains(list, "/"+ts[2].Key+">") || strings.Contains(list, "/"+gone.Key+">") {
				t.Errorf("told %v: the leader reads %s", told, list)
			}
			w.settled()
		})
	}
}
