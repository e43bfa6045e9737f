package escalation

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTimeLeadsOn: whatever happened, with time alone every incident ends or
// pages somebody, no page is further away than the policy's longest pause,
// and nobody is paged about one incident more often than one round has pages.
func TestTimeLeadsOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(testRules())
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			w.wait(time.Duration(rapid.IntRange(0, 40).Draw(t, "wait")) * 30 * time.Second)
			if rapid.IntRange(0, 19).Draw(t, "clock") == 0 {
				w.now = w.now.Add(time.Duration(rapid.IntRange(-20, 20).Draw(t, "hours")) * time.Hour)
				w.step(Timer{})
			}
			w.step(drawEvent(t, w))
			checkPauses(t, w)
		}
		pages := map[ID]uint32{}
		for id, inc := range w.state.incidents {
			pages[id] = inc.PageSeq
		}
		w.wait(3 * time.Hour)
		checkPauses(t, w)
		for id, was := range pages {
			inc := w.state.incidents[id]
			if inc != nil && inc.Status != Resolved && inc.PageSeq == was {
				t.Fatalf("%s is %s after three hours, and nobody was paged", id, inc.Status)
			}
		}
	})
}

func checkPauses(t *rapid.T, w *world) {
	for id, inc := range w.state.incidents {
		if pause := inc.NextPage.Sub(w.now); inc.Status == Open && pause > w.rules.PolicyOf(inc).longest() {
			t.Fatalf("%s pages next in %s", id, pause)
		}
	}
}

// TestTheConcernedAreTold: whoever was paged, or took an incident, is told
// when it ends.
func TestTheConcernedAreTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(testRules())
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			w.wait(time.Duration(rapid.IntRange(0, 40).Draw(t, "wait")) * 30 * time.Second)
			id := ID(rapid.IntRange(1, int(w.state.last)+1).Draw(t, "fixed"))
			w.step(drawEvent(t, w))
			inc := w.state.incidents[id]
			if inc == nil || !inc.live() {
				continue
			}
			people := slices.Clone(inc.concerned())
			_, c := w.step(Fix{Incident: id, Person: "sato"})
			for _, p := range people {
				if !slices.ContainsFunc(c.Effects, func(e Effect) bool { return e.Kind == Tell && e.Person == p && e.News == NewsFixed }) {
					t.Fatalf("%s is fixed and %s does not know", id, p)
				}
			}
		}
	})
}

// TestPassOnReachesTheLeader: where every step is the same person's, passing
// on goes to the leader.
func TestPassOnReachesTheLeader(t *testing.T) {
	r := testRules()
	p := r.Policies["infra"]
	p.Repeat = 3
	p.Steps = []PolicyStep{{Who: Target{Person: "tanaka"}, Next: 5 * time.Minute, Via: []Delayed{{Chat, 0}}}}
	w := newWorld(r)
	w.step(Signal{Alert{Source: "test", Host: "web1", Check: "http"}})
	w.step(PassOn{Incident: 1, Person: "tanaka"})
	if now := w.state.Incident(1).Now; now != "sato" {
		t.Errorf("it is %s's turn, want the leader", now)
	}
}
