package urgent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/phone"
	"tebiki/escalation"
)

// pressing is a phone whose person answers after five seconds and presses 1.
type pressing struct{}

func (pressing) Call(ctx context.Context, c phone.Call) (phone.Result, error) {
	answer := time.After(5 * time.Second)
	for {
		select {
		case <-answer:
			if a := c.Press(ctx, "1"); a.End {
				return phone.Result{Outcome: a.Result}, nil
			}
			return phone.Result{Outcome: phone.Heard}, nil
		case a, open := <-c.News:
			if a = phone.FromNews(a, open); a.End {
				return phone.Result{Outcome: a.Result}, nil
			}
		case <-ctx.Done():
			return phone.Result{Outcome: phone.Withdrawn}, nil
		}
	}
}

// story is an incident with everything in it: ticket, page, sub-ticket, call,
// acknowledgement by key, recovery of one, a fix by button, and the reopening.
func story() []func(w *world) error {
	say := func(ev func() escalation.Event) func(*world) error {
		return func(w *world) error {
			_, err := w.runner.Submit(context.Background(), ev())
			return err
		}
	}
	signal := func(check string, resolved bool) func(*world) error {
		return say(func() escalation.Event {
			a := alert("web1", check)
			a.Resolved = resolved
			return escalation.Signal{Alert: a}
		})
	}
	pause := func(d time.Duration) func(*world) error {
		return func(w *world) error {
			for range d / (10 * time.Second) {
				wait(10 * time.Second)
				w.revive()
			}
			return nil
		}
	}
	return []func(*world) error{
		signal("disk", false), pause(time.Minute), signal("load", false), pause(3 * time.Minute),
		signal("load", true), pause(time.Minute),
		say(func() escalation.Event { return escalation.Fix{Incident: 1, Person: "sato"} }), pause(10 * time.Minute),
		signal("disk", false), pause(10 * time.Minute),
	}
}

// tell lets the story happen. The process dies at its n-th operation, and
// another takes over; senders send again what was not accepted.
func tell(w *world, n int, done bool) (operations int) {
	w.stop()
	w.auto = pressing{}
	w.ops = &ops{left: n, done: done}
	w.start()
	first := w.ops
	for _, step := range story() {
		for range 3 {
			err := step(w)
			w.revive()
			if err == nil {
				break
			}
		}
	}
	wait(5 * time.Minute)
	return first.n
}

// revive starts another process when this one is dead.
func (w *world) revive() {
	if w.ops.dead() {
		w.ops = endless()
		w.restart()
	}
}

// shown is what people see in the end, but for times and counts.
func (w *world) shown() []string {
	var out []string
	for _, t := range w.tickets() {
		out = append(out, fmt.Sprint("ticket ", t.Key, " of ", t.Parent, ": ", t.Label, " ", t.Title, " ", t.Status, " ", t.Assignee))
		for _, c := range w.comments(t.Key) {
			before, _, _ := strings.Cut(c, "(")
			out = append(out, "  "+before)
		}
	}
	for _, person := range []string{"sato", "smith", "lee"} {
		var ms []string
		for _, m := range w.messages(person) {
			ms = append(ms, fmt.Sprint("message to ", person, " in ", m.Thread, ": ", m.Title, " with ", len(m.Buttons)))
		}
		slices.Sort(ms)
		out = append(out, ms...)
	}
	return out
}

// TestCrashAnywhere lets the process die at each of its operations, before it
// was done and after, and looks for anything lost or made twice.
func TestCrashAnywhere(t *testing.T) {
	var want []string
	operations := 0
	in(t, func(t *testing.T, w *world) {
		operations = tell(w, -1, false)
		want = w.shown()
	})
	if operations < 20 || len(want) < 6 {
		t.Fatalf("the story has %d operations and shows %q", operations, want)
	}
	for n := 1; n <= operations; n++ {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprint("operation ", n, ", done ", done), func(t *testing.T) {
				in(t, func(t *testing.T, w *world) {
					tell(w, n, done)
					if d := cmp.Diff(want, w.shown()); d != "" {
						t.Errorf("(-without +with the crash)\n%s\n%s", d, w.history(1))
					}
				})
			})
		}
	}
}
