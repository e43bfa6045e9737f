package escalation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// check tests what must hold after every event.
func (w *world) check(t interface{ Fatalf(string, ...any) }) {
	for id, inc := range w.state.incidents {
		w.checkIncident(t, id, inc)
	}
	for fp, m := range w.state.live {
		if w.state.incidents[m.incident.ID] != m.incident {
			t.Fatalf("the alert %x belongs to %s, which is gone", fp, m.incident.ID)
		}
	}
	for i := range w.state.timers {
		if w.state.timers[i].incident.heap != int32(i) {
			t.Fatalf("timer %d of %s thinks it is at %d", i, w.state.timers[i].incident.ID, w.state.timers[i].incident.heap)
		}
	}
}

func (w *world) checkIncident(t interface{ Fatalf(string, ...any) }, id ID, inc *Incident) {
	switch {
	case inc.Status == Open && inc.NextPage.IsZero():
		t.Fatalf("%s is open and nobody will be paged", id)
	case inc.Status == Acknowledged && (inc.AckBy == "" || inc.AckDue.IsZero() && inc.Confirm.IsZero()):
		t.Fatalf("%s is acknowledged by %q and nobody will ask how it goes", id, inc.AckBy)
	case inc.Status != Open && !inc.NextPage.IsZero():
		t.Fatalf("%s is %s and pages at %s", id, inc.Status, inc.NextPage)
	case inc.Status == Resolved && inc.CloseDue.IsZero():
		t.Fatalf("%s is resolved and never closes", id)
	case inc.Status == Held && inc.HoldDue.IsZero():
		t.Fatalf("%s is held for ever", id)
	case inc.Status == Open && inc.Firing == 0 && !inc.Flapping:
		t.Fatalf("%s is open and nothing is bad", id)
	}
	firing := uint32(0)
	for _, m := range inc.members {
		if m.firing {
			firing++
		}
	}
	if inc.Status != Resolved && firing != inc.Firing || int(inc.Members) != len(inc.members) {
		t.Fatalf("%s counts %d of %d bad, it has %d of %d", id, inc.Firing, inc.Members, firing, len(inc.members))
	}
	if due := inc.due(); due.IsZero() != (inc.heap < 0) || inc.heap >= 0 && !w.state.timers[inc.heap].at.Equal(due) {
		t.Fatalf("%s is due at %s and its timer does not know", id, due)
	}
}

var (
	hosts  = []string{"", "web1", "web2", "db1"}
	checks = []string{"disk", "ping", "load", "http"}
	people = []string{"tanaka", "suzuki", "sato"}
)

func drawEvent(t *rapid.T, w *world) Event {
	id := ID(rapid.IntRange(1, int(w.state.last)+1).Draw(t, "incident"))
	person := rapid.SampledFrom(people).Draw(t, "person")
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return Ack{Incident: id, Person: person}
	case 1:
		return rapid.SampledFrom([]Event{PassOn{Incident: id, Person: person}, CallNow{Incident: id, Person: person}}).Draw(t, "turn")
	case 2:
		return Fix{Incident: id, Person: person}
	case 3:
		o := rapid.SampledFrom([]Outcome{Delivered, NotAnswered, Failed, Unreachable, Withdrawn}).Draw(t, "outcome")
		return PageResult{Incident: id, Page: uint32(rapid.IntRange(1, 8).Draw(t, "page")), Outcome: o}
	case 4:
		return TicketMade{Incident: id, Ticket: fmt.Sprintf("T-%d", id)}
	}
	return Signal{Alert: Alert{
		Source: "test", Host: rapid.SampledFrom(hosts).Draw(t, "host"), Check: rapid.SampledFrom(checks).Draw(t, "check"),
		Severity: rapid.SampledFrom([]string{"critical", "critical", "P1", "warning"}).Draw(t, "severity"),
		Resolved: rapid.IntRange(0, 2).Draw(t, "resolved") == 0,
		At:       w.now.Add(-drawDelay(t)),
	}}
}

// drawDelay is how late a signal comes: most do not.
func drawDelay(t *rapid.T) time.Duration {
	return max(0, time.Duration(rapid.IntRange(-30, 30).Draw(t, "delay"))*time.Minute)
}

// TestStepHolds lets anything happen in any order, at any pace, with
// restarts, and looks for an incident that nobody would be paged about.
func TestStepHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(testRules())
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			w.wait(time.Duration(rapid.IntRange(0, 40).Draw(t, "wait")) * 30 * time.Second)
			ev := drawEvent(t, w)
			r, c := w.step(ev)
			w.check(t)
			checkSignal(t, w, ev, r)
			checkRepetition(t, w, ev, r)
			checkKeys(t, c)
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				w.checkReload(t)
			}
		}
	})
}

// checkSignal: no accepted alert without a place. That one which comes too
// late may be over is order_test.go's.
func checkSignal(t *rapid.T, w *world, ev Event, r Receipt) {
	sig, ok := ev.(Signal)
	if !ok || sig.Alert.Resolved || r.Low {
		return
	}
	m := w.state.live[sig.Alert.Fingerprint()]
	was := w.state.traces.of[sig.Alert.Fingerprint()].good > sig.Alert.At.UnixNano()
	if m == nil || m.incident.ID != r.Incident || m.seq != r.Alert || !m.firing && !was {
		t.Fatalf("the alert %+v got %+v and is nowhere", sig.Alert, r)
	}
}

// checkRepetition: the same event again changes nothing, but that an alert's
// repetition is counted.
func checkRepetition(t *rapid.T, w *world, ev Event, r Receipt) {
	sig, ok := ev.(Signal)
	if ok && !sig.Alert.Resolved {
		return
	}
	before := len(w.effects)
	again, c := w.step(ev)
	if again.Changed || len(c.Effects) > 0 || len(c.Low) > 0 || len(c.History) > 0 || len(w.effects) != before {
		t.Fatalf("%#v again gave %+v with %v", ev, again, tell(c))
	}
}

// checkKeys: the effects of one step do not share a key.
func checkKeys(t *rapid.T, c *Changes) {
	seen := map[string]bool{}
	for _, e := range c.Effects {
		k := string(e.Kind) + " " + e.Key
		if seen[k] {
			t.Fatalf("two effects are %q", k)
		}
		seen[k] = true
	}
}

// checkReload: a state loaded from what was stored goes on as the one before.
func (w *world) checkReload(t *rapid.T) {
	before := w.state
	w.reload()
	w.check(t)
	opts := cmp.Options{cmpopts.IgnoreUnexported(Incident{}), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(before.incidents, w.state.incidents, opts); diff != "" {
		t.Fatalf("after a restart (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(before.traces.of, w.state.traces.of, cmp.AllowUnexported(trace{}), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("what is known of the order (-before a restart +after):\n%s", diff)
	}
	for fp, m := range before.live {
		kept := w.state.live[fp]
		if kept == nil || kept.incident.ID != m.incident.ID || kept.count != m.count || kept.firing != m.firing || kept.bad != m.bad {
			t.Fatalf("after a restart the alert %x was %+v and is %+v", fp, m, kept)
		}
	}
	w.checkRates(t, before)
	if diff := cmp.Diff(before.match, w.state.match, cmp.AllowUnexported(matchKey{})); diff != "" {
		t.Fatalf("what takes others in (-before a restart +after):\n%s", diff)
	}
	if len(before.live) != len(w.state.live) {
		t.Fatalf("%d alerts before a restart, %d after", len(before.live), len(w.state.live))
	}
}

// checkRates: a restart forgets none of the recent calls that tell a storm.
func (w *world) checkRates(t *rapid.T, before *State) {
	for policy, times := range before.opened {
		for _, at := range times {
			recent := !at.After(w.now) && w.now.Sub(at) <= w.rules.Storm.Within
			if recent && len(w.state.opened[policy]) <= w.rules.Storm.Count && !slices.ContainsFunc(w.state.opened[policy], at.Equal) {
				t.Fatalf("a restart at %s forgot that %s called at %s", w.now, policy, at)
			}
		}
	}
}

// TestEffectKeysAreUnique: over a whole life no two effects of a kind share a key.
func TestEffectKeysAreUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(testRules())
		for range 40 {
			w.wait(time.Duration(rapid.IntRange(0, 30).Draw(t, "wait")) * time.Minute)
			w.step(drawEvent(t, w))
		}
		seen := map[string]bool{}
		for _, e := range w.effects {
			k := string(e.Kind) + " " + e.Key
			if seen[k] && e.Kind != Refresh && e.Kind != ListAlerts { // these say only "look again"
				t.Fatalf("two effects are %q", k)
			}
			seen[k] = true
		}
	})
}

// TestSomebodyIsPagedSoon: however often everything fails, an open incident
// pages again within the policy's longest pause, and never in a spin.
func TestSomebodyIsPagedSoon(t *testing.T) {
	w := newWorld(testRules())
	w.step(Signal{Alert{Source: "test", Host: "web1", Check: "http", Severity: "critical"}})
	for range 200 {
		pages := w.state.Incident(1).PageSeq
		for n := uint32(1); n <= w.state.Incident(1).PageSeq; n++ {
			w.step(PageResult{Incident: 1, Page: n, Outcome: Failed})
		}
		if got := w.state.Incident(1).PageSeq - pages; got > 4 {
			t.Fatalf("%d pages at once though every one failed", got)
		}
		at, _ := w.state.Due()
		if wait := at.Sub(w.now); wait > 10*time.Minute || wait <= 0 {
			t.Fatalf("at %s the next page comes after %s", w.now, wait)
		}
		w.now = at
		w.step(Timer{})
	}
}
