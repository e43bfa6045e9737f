package review_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/flowtest"
	"tebiki/bot/roster"
	"tebiki/store"
)

// TestEveryMove walks from every status to every other, with an assignee and
// without, and says who has heard of it.
func TestEveryMove(t *testing.T) {
	statuses := []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed}
	want := map[string]string{ // what is new to the leader, and to the assignee
		"open fixed":   "fixed, please look/",
		"open closed":  "/",
		"fixed open":   "went back/came back to you",
		"fixed closed": "is closed/",
		"closed open":  "went back/came back to you",
		"closed fixed": "fixed, please look/",
	}
	for _, from := range statuses {
		for _, to := range statuses {
			if from == to {
				continue
			}
			for _, assignee := range []string{"lee", ""} {
				t.Run(fmt.Sprintf("%s to %s with %q", from, to, assignee), func(t *testing.T) {
					in(t, func(w *world) {
						key := w.create(assignee, "")
						for _, status := range path(from) {
							w.move(key, status)
						}
						leader, mine := w.sees("smith"), w.sees("lee")
						w.move(key, to)
						told, back, _ := strings.Cut(want[fmt.Sprintf("%s %s", from, to)], "/")
						news(t, "the leader", leader, w.sees("smith"), told)
						if assignee == "" {
							back = ""
						}
						news(t, "the assignee", mine, w.sees("lee"), back)
					})
				})
			}
		}
	}
}

// path is how a new ticket comes to a status.
func path(to tracker.Status) []tracker.Status {
	switch to {
	case tracker.Fixed:
		return []tracker.Status{tracker.Fixed}
	case tracker.Closed:
		return []tracker.Status{tracker.Fixed, tracker.Closed}
	}
	return nil
}

func news(t *testing.T, who, before, after, want string) {
	t.Helper()
	switch {
	case want == "" && before != after:
		t.Errorf("%s sees %q, and before it was %q", who, after, before)
	case want != "" && (before == after || !strings.Contains(after, want)):
		t.Errorf("%s sees %q after %q, want %q", who, after, before, want)
	}
}

func (w *world) sendBack(key, why string) {
	w.t.Helper()
	by := roster.Person{ID: "smith", Tracker: "smith"}
	var err error
	for range 5 { // whoever gets an error tries again, unless it is done
		if err = w.flow.SendBack(w.t.Context(), key, by, why, time.Now()); err == nil {
			break
		}
		w.rest()
		if t, _ := w.human.Ticket(w.t.Context(), key); t.Status == tracker.Open {
			err = nil
			break
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.rest()
}

// read is all of a person's messages with their texts.
func (w *world) read(who string) string {
	w.t.Helper()
	all, err := w.inbox.Messages(w.t.Context(), who, 0, "")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, m := range all {
		out = append(out, m.Title)
		for _, s := range m.Sections {
			out = append(out, s.Heading, s.Markdown)
		}
	}
	return strings.Join(out, "\n")
}

func (w *world) comments(key string) (out []string) {
	w.t.Helper()
	all, err := w.human.History(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range all {
		if e.Kind == tracker.Commented {
			out = append(out, e.By+": "+e.Text)
		}
	}
	return out
}

// TestReason: why a ticket goes back is on the ticket, and with whoever has
// it, once; a later return without one does not repeat it.
func TestReason(t *testing.T) {
	in(t, func(w *world) {
		key := w.create("lee", "")
		w.move(key, tracker.Fixed)
		w.sendBack(key, "It is *still* full.\n<b>Look</b> again.")
		if got := w.read("lee"); !strings.Contains(got, "Emma has sent it back:") || !strings.Contains(got, `It is \*still\* full\.`) || strings.Contains(got, "<b>") && !strings.Contains(got, `\<b\>`) {
			t.Errorf("lee reads\n%s", got)
		}
		if got := fmt.Sprint(w.comments(key)); got != "[smith: It is *still* full.\n<b>Look</b> again.]" {
			t.Errorf("on the ticket: %s", got)
		}
		w.move(key, tracker.Fixed)
		w.move(key, tracker.Open)
		if n := strings.Count(w.read("lee"), "still"); n != 1 {
			t.Errorf("lee reads the reason %d times:\n%s", n, w.read("lee"))
		}
		w.move(key, tracker.Fixed)
		w.sendBack(key, "It is *still* full.\n<b>Look</b> again.")
		if n := len(w.comments(key)); n != 2 {
			t.Errorf("the same reason for another return: %d comments, want 2", n)
		}
	})
}

func TestReasonWhicheverCallFails(t *testing.T) {
	for name, m := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
				in(t, func(w *world) {
					key := w.create("lee", "")
					w.move(key, tracker.Fixed)
					begun := w.gate.Calls()
					w.gate.Spoil(n, m)
					w.sendBack(key, "Once more.")
					got := fmt.Sprint(w.comments(key), strings.Count(w.read("lee"), "Once more"), strings.Contains(w.sees("smith"), "went back"))
					if want := "[smith: Once more.] 1 true"; got != want {
						t.Errorf("after call %d: %s, want %s\n%s", n, got, want, w.read("lee"))
					}
					calls = w.gate.Calls() - begun
				})
			}
		})
	}
}

// TestReminders: what waits through eight hours of work is told to the team's
// leader once a day, on business days, in one message, until somebody has
// done something. The clock begins on a Saturday at midnight.
func TestReminders(t *testing.T) {
	in(t, func(w *world) {
		fixed := w.create("lee", "")
		w.move(fixed, tracker.Fixed)
		nobodys := w.create("", "")
		other := w.create("tr-tanaka", "") // it is being worked on
		sub := w.create("", other)
		count := func() int { return strings.Count(w.read("smith"), "Tickets that wait for you: ") }
		pass := func(d time.Duration) { time.Sleep(d); w.rest() }
		pass(47 * time.Hour)
		if n := count(); n != 0 {
			t.Errorf("%d reminders within the weekend:\n%s", n, w.read("smith"))
		}
		pass(24 * time.Hour) // Tuesday; Monday was worked
		if n := count(); n != 1 {
			t.Fatalf("%d reminders, want 1:\n%s", n, w.read("smith"))
		}
		for _, part := range []string{"Tickets that wait for you: 2", "Fixed, and waiting for your look\n- [" + esc(fixed), "Waiting for somebody to do them\n- [" + esc(nobodys), "of working time"} {
			if !strings.Contains(w.read("smith"), part) {
				t.Errorf("no %q in\n%s", part, w.read("smith"))
			}
		}
		for _, key := range []string{other, sub} {
			if strings.Contains(w.read("smith")+w.read("sato"), "["+esc(key)+"]") {
				t.Errorf("%s is reminded of", key)
			}
		}
		w.move(fixed, tracker.Closed)
		who := "lee"
		if _, err := w.human.Change(w.t.Context(), nobodys, tracker.Change{Assignee: &who}); err != nil {
			t.Fatal(err)
		}
		pass(7 * 24 * time.Hour)
		if n := count(); n != 1 {
			t.Errorf("%d reminders although nothing waits", n)
		}
	})
}

// TestReminderOfATeamThatWas: what waits for a team that the roster has no
// longer is reminded of all the same.
func TestReminderOfATeamThatWas(t *testing.T) {
	in(t, func(w *world) {
		err := w.st.Update(w.t.Context(), func(tx store.Writer) error {
			return store.Put(tx, "review.waiting", "T-9", 1, map[string]any{"ticket": "T-9", "title": "old", "for": "look", "team": "dissolved", "since": time.Now().AddDate(0, 0, -7)})
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(58 * time.Hour) // of the bubble; to Monday, ten o'clock
		w.rest()
		if got := w.read("smith"); !strings.Contains(got, "Tickets that wait for you: 1") || !strings.Contains(got, `T\-9`) {
			t.Errorf("smith reads\n%s", got)
		}
		if got := w.read("sato"); got != "" {
			t.Errorf("sato, who leads another team, reads\n%s", got)
		}
	})
}

func esc(key string) string { return strings.ReplaceAll(key, "-", `\-`) }

// TestTheMorningsTickets: a ticket of a team's morning is that team's, also
// while nobody has it.
func TestTheMorningsTickets(t *testing.T) {
	in(t, func(w *world) {
		made, err := w.human.Create(w.t.Context(), tracker.Draft{Label: "tebiki/digest/jp/2000-01-01/0123456789ab", Title: "disk"})
		if err != nil {
			t.Fatal(err)
		}
		w.rest()
		w.move(made.Key, tracker.Fixed)
		w.want("sato", "T-1 の確認をお願いします: disk | close | back")
		w.want("smith", "")
		w.move(made.Key, tracker.Open)
		time.Sleep(3 * 24 * time.Hour)
		w.rest()
		if got := w.read("sato"); !strings.Contains(got, "担当者が決まっていないもの") {
			t.Errorf("sato is not reminded:\n%s", got)
		}
		w.want("smith", "")
	})
}
