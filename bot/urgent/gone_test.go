package urgent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
)

// settled finds out that nothing is left to be tried again; a phone may ring.
func (w *world) settled() {
	w.t.Helper()
	for _, d := range w.outbox.Stats() {
		if d.Name != runner.Phone && d.Waiting+d.Running > 0 {
			w.t.Errorf("%s: %d items wait", d.Name, d.Waiting+d.Running)
		}
	}
}

// TestDeletedTicket: a ticket that somebody deletes in the tracker ends
// nothing, and is said to be gone wherever it was named.
func TestDeletedTicket(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(30 * time.Second)
		w.deleter.Delete("T-1")
		wait(time.Minute)
		m, _ := w.page("sato", 1)
		has(t, "the page", whole(m), "未対応", `チケット T\-1 は削除されたか`)
		if strings.Contains(whole(m), "tickets/T-1") || len(m.Buttons) != 3 {
			t.Errorf("the page leads to a ticket that is gone, or lost its buttons: %+v", m)
		}
		has(t, "the channel's message", whole(w.messages("#infra")[0]), `チケット T\-1 は削除されたか`, "次の連絡")
		wait(31 * time.Second)
		if _, rings := w.call("sato"); !rings {
			t.Error("nobody is called any more")
		}
		g, gone, err := TicketGone(t.Context(), w.store, 1)
		if err != nil || !gone || g.Ticket != "T-1" || time.Since(g.At) > 2*time.Minute {
			t.Errorf("what is known of it: %+v, %v, %v", g, gone, err)
		}
		w.settled()
	})
}

// TestNothingHangsOnADeletedTicket: every kind of item that is about the
// ticket is settled by the tracker's answer that it is gone, and says so,
// also when the watch has not heard of it.
func TestNothingHangsOnADeletedTicket(t *testing.T) {
	ack := escalation.Ack{Incident: 1, Person: "sato", Via: escalation.Chat}
	recovered := func(w *world) {
		a := alert("web1", "load")
		a.Resolved = true
		w.alert(a)
	}
	for kind, cause := range map[string]func(w *world){
		"add subticket":         func(w *world) { w.alert(alert("web1", "swap")) },
		"comment: acknowledged": func(w *world) { w.submit(ack) },
		"comment: recovered":    recovered,
		"comment: fixed":        func(w *world) { w.submit(escalation.Fix{Incident: 1, Person: "sato"}) },
		"comment: reopened": func(w *world) {
			w.submit(escalation.Fix{Incident: 1, Person: "sato"})
			wait(20 * time.Minute)
			w.alert(alert("web1", "disk"))
		},
		"list": func(w *world) {
			for i := range 5 {
				w.alert(alert("web1", fmt.Sprint("check", i)))
			}
		},
		"said": func(w *world) {
			f := &Flow{}
			err := w.store.Update(w.t.Context(), func(tx store.Writer) error {
				return f.Said(tx, watch.Seen{Label: "tebiki/I-1/ticket"}, tracker.Said{Ticket: "T-1", ID: "1", Author: "mallory", Text: "/ack", At: time.Now()})
			})
			if err != nil {
				w.t.Fatal(err)
			}
			w.outbox.Wake()
		},
	} {
		in(t, func(t *testing.T, w *world) {
			w.alert(alert("web1", "disk"))
			w.alert(alert("web1", "load"))
			wait(40 * time.Second)
			w.deleter.Delete("T-1")
			before := w.calls.all
			cause(w)
			wait(5 * time.Second)
			_, gone, err := TicketGone(t.Context(), w.store, 1)
			if err != nil || !gone && kind != "said" && kind != "list" {
				t.Errorf("%s: the answer did not tell: %v, %v", kind, gone, err)
			}
			wait(10 * time.Minute)
			if n := w.calls.all - before; n == 0 || n > 8 {
				t.Errorf("%s: the tracker was asked %d times", kind, n)
			}
			w.settled()
		})
	}
}

// TestTicketIsBack: one that was only out of sight is led to again.
func TestTicketIsBack(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(30 * time.Second)
		w.deleter.Delete("T-1")
		wait(time.Minute)
		w.deleter.Restore("T-1")
		title := "seen again"
		if _, err := w.tracker.Change(t.Context(), "T-1", tracker.Change{Title: &title}); err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		m, _ := w.page("sato", 1)
		has(t, "the page", whole(m), "/tickets/T-1")
		w.settled()
	})
}

// TestDeletedSubticket: the incident has its ticket still.
func TestDeletedSubticket(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		w.alert(alert("web1", "load"))
		wait(time.Minute)
		w.deleter.Delete("T-2")
		wait(time.Minute)
		m, _ := w.page("sato", 1)
		has(t, "the page", whole(m), "/tickets/T-1")
		w.settled()
	})
}
