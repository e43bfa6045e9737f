package urgent

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/tracker"
	"tebiki/escalation"
)

// of gives what the tracker did about an incident, in order.
func (l *callLog) of(id escalation.ID) (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.done {
		if strings.Contains(line, LabelPrefix+id.String()+"/") {
			out = append(out, strings.Replace(line, LabelPrefix+id.String()+"/", "", 1))
		}
	}
	return out
}

// TestHourWithoutTracker: for an hour the tracker is away. People are paged,
// acknowledge and resolve as ever, and read that the ticket follows; then all
// of it is made in order, each thing once.
func TestHourWithoutTracker(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.trackerDown.Store(true)
		began := time.Now()
		at := func(minute int) { wait(time.Until(began.Add(time.Duration(minute) * time.Minute))) }
		noTicket := func(where string, id escalation.ID) {
			for _, to := range []string{"sato", "#infra"} {
				m, ok := w.page(to, id)
				if !ok || !strings.Contains(whole(m), "チケットは追って作成します") {
					t.Errorf("%s, %s reads of %s: %v\n%s", where, to, id, ok, whole(m))
				}
			}
		}
		over := func(check string) {
			a := alert("web1", check)
			a.Resolved = true
			w.alert(a)
		}

		w.alert(alert("web1", "disk"))
		noTicket("at once", 1)
		at(1)
		w.alert(alert("web1", "load"))
		at(2)
		wait(time.Second)
		w.answer("sato")
		w.press("sato", "1")
		if inc := w.incident(1); inc.AckBy != "sato" {
			t.Errorf("the key 1 did not acknowledge: %s by %q", inc.Status, inc.AckBy)
		}
		at(5)
		w.alert(alert("db1", "disk"))
		at(8)
		noTicket("acknowledged", 1)
		w.submit(escalation.Fix{Incident: 2, Person: "sato"})
		noTicket("fixed", 2)
		at(20)
		over("load")
		at(30)
		w.restart()
		at(35)
		w.alert(alert("mail1", "disk"))
		at(40)
		over("disk")
		noTicket("recovered", 1)
		at(60)
		if n := len(w.tickets()); n != 0 {
			t.Fatalf("%d tickets in a tracker that is away", n)
		}
		if n := w.calls.all; n > 300 {
			t.Errorf("a tracker that is away was asked %d times in an hour about three incidents", n)
		}

		w.trackerDown.Store(false)
		wait(2 * time.Minute) // the longest pause between attempts, and what follows
		for id, want := range map[escalation.ID][]string{
			1: {"create ticket", "create alert/2", "comment line/*", "comment line/*", "comment line/*"},
			2: {"create ticket", "comment line/*"},
			3: {"create ticket"},
		} {
			got := w.calls.of(id)
			var numbers []int
			for i, line := range got {
				var n int
				if _, err := fmt.Sscanf(line, "comment line/%d", &n); err == nil {
					numbers, got[i] = append(numbers, n), "comment line/*"
				}
			}
			if d := cmp.Diff(want, got); d != "" || !slices.IsSorted(numbers) {
				t.Errorf("%s, in the order %v (-want +got):\n%s", id, numbers, d)
			}
		}
		var lines []string
		for _, tk := range w.tickets() {
			lines = append(lines, strings.Join([]string{tk.Parent, tk.Label, string(tk.Status), tk.Assignee}, " "))
			if id, ok := IncidentOf(tk); ok {
				for _, to := range []string{"sato", "#infra"} {
					m, _ := w.page(to, id)
					has(t, to+"'s message about "+id.String(), whole(m), "/tickets/"+tk.Key)
				}
			}
		}
		slices.Sort(lines)
		// Which of three incidents comes first is not settled, as their lanes
		// do not wait for each other.
		parent := w.incident(1).Ticket
		want := []string{" tebiki/I-1/ticket open sato", " tebiki/I-2/ticket fixed ", " tebiki/I-3/ticket open ", parent + " tebiki/I-1/alert/2 open "}
		slices.Sort(want)
		if d := cmp.Diff(want, lines); d != "" {
			t.Errorf("the tickets (-want +got):\n%s", d)
		}
		has(t, "the comments", strings.Join(w.comments(parent), "\n"), "対応を始めました", "復旧しました", "すべて復旧しました")
		w.settled()
	})
}

// TestStormWithoutTracker: what a storm leaves to be written is one ticket,
// brought up to date, and not what each of its alerts would have made.
func TestStormWithoutTracker(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.trackerDown.Store(true)
		for minute := range 60 {
			for i := range 6 {
				w.alert(alert(fmt.Sprint("web", minute*6+i), "disk"))
			}
			wait(time.Minute)
		}
		before := w.calls.all
		w.trackerDown.Store(false)
		wait(3 * time.Minute)
		storm := slices.IndexFunc(w.tickets(), func(tk tracker.Ticket) bool { return strings.Contains(tk.Title, "アラート多発") })
		if storm < 0 || len(w.tickets()) > 10 {
			t.Fatalf("%d tickets, the storm's at %d", len(w.tickets()), storm)
		}
		has(t, "the storm's ticket", w.tickets()[storm].Body, "アラート355件")
		if n := w.calls.all - before; n > 10 {
			t.Errorf("the tracker is asked %d times when it is back", n)
		}
		w.settled()
	})
}
