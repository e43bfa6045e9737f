package request_test

import (
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/flowtest"
	"tebiki/bot/request"
)

// settled finds out that nothing is left to be tried again.
func (w *world) settled() {
	w.t.Helper()
	for _, d := range w.flow.Outbox.Stats() {
		if d.Waiting+d.Running > 0 {
			w.t.Errorf("%+v", d)
		}
	}
}

// TestDeleted: whoever had the work, and the leaders who were asked, see that
// the ticket is gone; what was kept of it is forgotten.
func TestDeleted(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "a <b>", Component: "disk"})
		w.rest()
		w.assign("T-1", "lee")
		w.rest()
		w.assign("T-1", "tanaka")
		w.rest()
		w.tools.Delete("T-2", "T-1", "T-3")
		w.rest()
		for who, title := range map[string]string{"lee": "Deleted: T-1 a <b>", "tanaka": "削除されました: T-1 a <b>", "U-SATO": "削除されました: T-1 a <b>"} {
			ms := w.messages(who)
			if len(ms) != 1 || ms[0].Title != title || len(ms[0].Buttons) != 0 || len(ms[0].Sections) != 1 || ms[0].Link != "" {
				t.Errorf("%s has %+v", who, ms)
			}
		}
		w.settled()
		asker, _ := people().Person("tanaka")
		help, err := w.flow.AskLeader(w.t.Context(), "T-1", "disk-full", asker, time.Now())
		if err != nil || help.State != request.HelpGone {
			t.Errorf("help with it: %+v, %v", help, err)
		}
	})
}

// TestDeletedSubticket: it goes from the checklist, and what is left counts.
func TestDeletedSubticket(t *testing.T) {
	fixed := tracker.Fixed
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		w.create(tracker.Draft{Title: "by hand", Label: "hand", Parent: "T-1"})
		w.rest()
		w.tools.Delete("T-2", "T-4")
		w.rest()
		same(t, "the list", list(w.pushed()), line(" ", "T-3", "Free some"))
		w.change("T-3", tracker.Change{Status: &fixed})
		w.rest()
		same(t, "the list", list(w.pushed()), line("x", "T-3", "Free some"))
		same(t, "messages", len(w.messages("lee")), 2)
		w.settled()
	})
}

// TestNothingHangsOnADeletedTicket deletes the ticket before each step of the
// flow has its turn, and finds that nothing is tried on.
func TestNothingHangsOnADeletedTicket(t *testing.T) {
	for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
		in(t, func(w *world) {
			begun := w.gate.Calls()
			w.gate.Before(n, func() { w.tools.Delete("T-1") })
			w.create(tracker.Draft{Title: "a", Component: "disk", Assignee: "lee"})
			w.rest()
			w.assign("T-1", "")
			w.rest()
			w.assign("T-1", "tanaka")
			w.rest()
			if subs := w.subtickets("T-1"); len(subs) > 0 {
				w.finish("T-1")
			}
			// A button of a ticket that is gone may answer so.
			_, _ = w.flow.CheckAgain(w.t.Context(), "T-1", "disk-full", "tanaka", time.Now())
			lee, _ := people().Person("lee")
			_, _ = w.flow.AskLeader(w.t.Context(), "T-1", "disk-full", lee, time.Now())
			w.rest()
			calls = w.gate.Calls() - begun
			w.settled()
			for _, who := range []string{"lee", "tanaka", "U-SATO"} {
				for _, m := range w.messages(who) {
					if n < calls && !strings.Contains(m.Key, "help/") && len(m.Buttons) > 0 {
						t.Errorf("deleted before call %d, %s has %q with buttons", n, who, m.Title)
					}
				}
			}
		})
	}
}

// TestDeletedWhateverFails: the news of it is not lost.
func TestDeletedWhateverFails(t *testing.T) {
	story := func(w *world) {
		w.create(tracker.Draft{Title: "a", Component: "disk", Assignee: "lee"})
		w.rest()
		w.tools.Delete("T-1", "T-2", "T-3")
		w.rest()
		w.rest()
	}
	for name, m := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
				in(t, func(w *world) {
					begun := w.gate.Calls()
					w.gate.Spoil(n, m)
					story(w)
					calls = w.gate.Calls() - begun
					same(t, "lee has", titles(w.messages("lee")), []string{"Deleted: T-1 a"})
					w.settled()
				})
			}
		})
	}
}
