package urgent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/escalation"
)

// three raises incidents 1 to 3, a second apart, and waits until just before
// the first one's call.
func three(w *world) {
	for _, host := range []string{"web1", "db1", "mail1"} {
		w.alert(alert(host, "disk"))
		wait(time.Second)
	}
	wait(2*time.Minute - 4*time.Second)
}

func (w *world) statuses(want ...escalation.Status) {
	w.t.Helper()
	for n, s := range want {
		if inc := w.incident(escalation.ID(n + 1)); inc.Status != s {
			w.t.Errorf("incident %d is %s, want %s\n%s", n+1, inc.Status, s, w.history(inc.ID))
		}
	}
}

// rung counts the calls that somebody has had.
func (w *world) rung(person string) int {
	return len(w.phone.Calls(person)) + len(w.phone.Recent(person))
}

func TestOneCallForAll(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		three(w)
		wait(10 * time.Second) // all three are due
		v := w.answer("sato")
		has(t, "the beginning", strings.Join(v.Said, "\n"), "I-1 ", "ウェブ 1")
		has(t, "after the first", w.press("sato", "1"), "受け付けました", "次のインシデント I-2 ", "db 1", "1を")
		has(t, "the prompt again", w.press("sato", "0"), "I-2 ", "db 1")
		has(t, "after the second", w.press("sato", "2"), "次の担当者", "I-3 ", "メール 1")
		has(t, "the end", w.press("sato", "1"), "受け付けました")
		w.statuses(escalation.Acknowledged, escalation.Open, escalation.Acknowledged)
		if inc := w.incident(2); inc.Now != "smith" {
			t.Errorf("the one that was passed on is at %q", inc.Now)
		}
		if n := w.rung("sato"); n != 1 {
			t.Errorf("the phone rang %d times", n)
		}
	})
}

func TestSeveralAtTheBeginning(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		three(w)
		w.stop()
		time.Sleep(time.Minute) // all three are due before anybody is there
		w.start()
		wait(time.Second)
		v := w.answer("sato")
		has(t, "the beginning", v.Said[0], "3件", "I-1 ")
		w.press("sato", "1")
		w.press("sato", "1")
		w.press("sato", "1")
		w.statuses(escalation.Acknowledged, escalation.Acknowledged, escalation.Acknowledged)
		if n := w.rung("sato"); n != 1 {
			t.Errorf("the phone rang %d times", n)
		}
	})
}

// TestTakenDuringTheCall: what another takes while it is offered is said, and
// the next one offered; what was not offered yet is not mentioned.
func TestTakenDuringTheCall(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		three(w)
		wait(10 * time.Second)
		w.answer("sato")
		w.submit(escalation.Ack{Incident: 2, Person: "smith", Via: escalation.Chat})
		w.submit(escalation.Ack{Incident: 1, Person: "smith", Via: escalation.Chat})
		v, _ := w.call("sato")
		said := strings.Join(v.Said, "\n")
		has(t, "the call", said, "Smithさんが対応を始めました", "I-3 ", "メール 1")
		if strings.Contains(said, "db 1") {
			t.Errorf("one that another had taken was offered:\n%s", said)
		}
		w.press("sato", "1")
		w.statuses(escalation.Acknowledged, escalation.Acknowledged, escalation.Acknowledged)
		if inc := w.incident(3); inc.AckBy != "sato" {
			t.Errorf("the third is %q's", inc.AckBy)
		}
	})
}

// TestRingsForTheRest: a phone goes on ringing as long as anything is left.
func TestRingsForTheRest(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		three(w)
		w.stop()
		time.Sleep(time.Minute)
		w.start()
		wait(time.Second)
		for id := range escalation.ID(3) {
			if _, ringing := w.call("sato"); !ringing {
				t.Fatalf("the phone fell silent with %d left", 3-id)
			}
			w.submit(escalation.Ack{Incident: id + 1, Person: "smith", Via: escalation.Chat})
		}
		if _, ringing := w.call("sato"); ringing {
			t.Error("the phone rings for nothing")
		}
		if r := w.phone.Recent("sato"); len(r) != 1 || r[0].Outcome != phone.Withdrawn || len(r[0].Said) != 0 {
			t.Errorf("the call was %+v", r)
		}
	})
}

// TestNobodyAnswersForAll: each incident goes on to the next person, who is
// rung up once.
func TestNobodyAnswersForAll(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		three(w)
		w.stop()
		time.Sleep(time.Minute)
		w.start()
		wait(40 * time.Second) // it rings for 30 s
		for id := range escalation.ID(3) {
			has(t, fmt.Sprint("incident ", id+1), w.history(id+1), "not answered")
		}
		wait(10 * time.Minute)
		if n := w.rung("smith"); n == 0 || n > 3 {
			t.Errorf("the next person was rung up %d times", n)
		}
	})
}

// TestHungUpAtTheSecond: who hangs up has heard the first, and not the others.
func TestHungUpAtTheSecond(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		three(w)
		w.stop()
		time.Sleep(time.Minute)
		w.start()
		wait(time.Second)
		v := w.answer("sato")
		w.press("sato", "1")
		if err := w.phone.HangUp(t.Context(), "sato", v.ID); err != nil {
			t.Fatal(err)
		}
		wait(time.Second)
		w.statuses(escalation.Acknowledged, escalation.Open, escalation.Open)
		has(t, "the second", w.history(2), "heard")
		has(t, "the third", w.history(3), "not answered")
	})
}

// TestGravestIsOfferedFirst: whatever came first, and whoever asked for the
// call.
func TestGravestIsOfferedFirst(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for _, bad := range [][2]string{{"web1", "average"}, {"db1", "high"}, {"mail1", "disaster"}} {
			a := alert(bad[0], "disk")
			a.Severity = bad[1]
			w.alert(a)
			wait(time.Second)
		}
		w.stop()
		time.Sleep(3 * time.Minute)
		w.start()
		wait(time.Second)
		v := w.answer("sato")
		has(t, "the beginning", strings.Join(v.Said, "\n"), "3件", "I-3 ", "メール 1")
		has(t, "after the first", w.press("sato", "1"), "I-2 ", "db 1")
		if err := w.phone.HangUp(t.Context(), "sato", v.ID); err != nil {
			t.Fatal(err)
		}
		wait(time.Second)
		w.statuses(escalation.Open, escalation.Open, escalation.Acknowledged)
		has(t, "the slight one", w.history(1), "not answered")
		has(t, "the one that was offered", w.history(2), "heard")
	})
}

// A deafPhone is one on which nobody hears any news: the call is over before.
type deafPhone struct{ until chan struct{} }

func (p deafPhone) Call(ctx context.Context, _ phone.Call) (phone.Result, error) {
	select {
	case <-p.until:
	case <-ctx.Done():
	}
	return phone.Result{Outcome: phone.Heard, Cause: "hung up"}, nil
}

// TestHungUpBeforeTheNext: an incident that a call has come to, and that
// nobody has told of before they hung up, was not heard.
func TestHungUpBeforeTheNext(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		three(w)
		p := deafPhone{make(chan struct{})}
		w.auto = p
		w.stop()
		time.Sleep(time.Minute)
		w.start()
		wait(time.Second)
		w.submit(escalation.Ack{Incident: 1, Person: "smith", Via: escalation.Chat})
		wait(time.Second)
		close(p.until)
		wait(time.Second)
		has(t, "the second's history", w.history(2), "not answered", "before this one was offered")
		if h := w.history(2); strings.Contains(h, "heard hung up") {
			t.Errorf("it was heard:\n%s", h)
		}
	})
}

// TestCausesAreSafe: what a failed call leaves in the history names no host
// and no number.
func TestCausesAreSafe(t *testing.T) {
	for _, code := range []adapters.Code{adapters.Unavailable, adapters.Throttled, adapters.NotFound, adapters.Refused, adapters.Denied} {
		err := &adapters.Error{Op: "ring 0901234567", Code: code, Err: errors.New("dial tcp 10.0.0.5:8088: refused")}
		if cause := uncalled(err); cause == "" || strings.ContainsAny(cause, "0123456789") {
			t.Errorf("%v: %q", code, cause)
		}
	}
}
