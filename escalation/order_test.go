package escalation

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// heard is what a test knows of the order of one alert's signals.
type heard struct {
	good     time.Time   // of all recoveries that came the newest
	believed []time.Time // problems that an incident took for bad
	low      time.Time   // the newest low problem that waits, and has not recovered
}

// An orderly steps through signals in any order and compares what becomes of
// them with what was heard.
type orderly struct {
	*world
	heard map[Fingerprint]*heard
}

func (o *orderly) signal(t *rapid.T, a Alert) {
	fp := a.Fingerprint()
	h := o.heard[fp]
	unheard := h == nil
	if unheard {
		h = &heard{}
		o.heard[fp] = h
	}
	was := o.state.live[fp]
	wasBad := was != nil && was.firing
	r, c := o.step(Signal{a})
	m := o.state.live[fp]
	isBad := m != nil && m.firing
	if a.Resolved {
		newest := slices.MaxFunc(append(h.believed, time.Time{}), time.Time.Compare)
		if want := wasBad && a.At.Before(newest); isBad != want {
			t.Fatalf("a recovery of %s, the newest problem of %s: bad is %v, want %v", a.At, newest, isBad, want)
		}
		h.recovery(t, a, unheard && !o.rules.urgent(&a), c)
		h.good = slices.MaxFunc([]time.Time{h.good, a.At}, time.Time.Compare)
		return
	}
	h.problem(t, o.rules.urgent(&a), a, wasBad, isBad, r, c)
}

// problem: a newer problem than every recovery is never without a page to
// come, and an older one never makes a page.
func (h *heard) problem(t *rapid.T, urgent bool, a Alert, wasBad, isBad bool, r Receipt, c *Changes) {
	switch {
	case urgent && !a.At.Before(h.good) && !isBad:
		t.Fatalf("the problem of %s is newer than the newest recovery of %s and got %+v", a.At, h.good, r)
	case wasBad && !isBad:
		t.Fatalf("the problem of %s ended what was bad", a.At)
	case !wasBad && a.At.Before(h.good) && !slices.ContainsFunc(h.believed, a.At.Equal):
		pages := slices.ContainsFunc(c.Effects, func(e Effect) bool { return e.Kind == Reach })
		if isBad || pages || len(c.Low) == 0 && len(c.History) == 0 {
			t.Fatalf("the problem of %s was over at %s: bad is %v, %d effects, the morning gets %d", a.At, h.good, isBad, len(c.Effects), len(c.Low))
		}
	}
	if isBad {
		h.believed = append(h.believed, a.At)
	}
	if len(c.Low) == 1 && a.At.After(h.low) {
		h.low = a.At
	}
}

// recovery: the morning hears of it if, and only if, a low problem from
// before it waits there, or nobody can know whether one does.
func (h *heard) recovery(t *rapid.T, a Alert, unknown bool, c *Changes) {
	ends := !h.low.IsZero() && !a.At.Before(h.low)
	if got := len(c.Low) == 1; got != (ends || unknown) {
		t.Fatalf("a recovery of %s, a low problem of %s: the morning hears of it is %v", a.At, h.low, got)
	}
	if ends {
		h.low = time.Time{}
	}
}

// TestOrderOfDelivery delivers signals in any order, with restarts and with
// people at work between them.
func TestOrderOfDelivery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &orderly{newWorld(testRules()), map[Fingerprint]*heard{}}
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			o.wait(time.Duration(rapid.IntRange(0, 40).Draw(t, "wait")) * time.Minute)
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				o.checkReload(t)
			}
			ev := drawEvent(t, o.world)
			if sig, ok := ev.(Signal); ok {
				o.signal(t, sig.Alert)
			} else {
				o.step(ev)
			}
			o.check(t)
		}
	})
}

// TestTracesAreBounded: a flood of recoveries makes the oldest forgotten, in
// the state and in the store alike.
func TestTracesAreBounded(t *testing.T) {
	ts := traces{of: map[Fingerprint]trace{}}
	stored := map[Trace]bool{}
	for i := range 3 * maxTraces {
		var fp Fingerprint
		n := uint32(i)
		if i%3 == 0 {
			n = 0 // one that keeps coming
		}
		binary.BigEndian.PutUint32(fp[:], n)
		for _, c := range ts.put(fp, trace{came: int64(i + 1), good: 1}) {
			stored[Trace{Fingerprint: c.Fingerprint, Came: c.Came}] = !c.Gone
		}
	}
	kept := 0
	for key, is := range stored {
		if is {
			kept++
			if got := ts.of[key.Fingerprint].came; got != key.Came.UnixNano() {
				t.Fatalf("the store remembers %x of %d, the state of %d", key.Fingerprint, key.Came.UnixNano(), got)
			}
		}
	}
	if kept != maxTraces || len(ts.of) != maxTraces || len(ts.order) > 2*maxTraces {
		t.Errorf("%d are stored, %d in the state with %d arrivals; want %d", kept, len(ts.of), len(ts.order), maxTraces)
	}
	if _, ok := ts.of[Fingerprint{}]; !ok {
		t.Error("the one that keeps coming is forgotten")
	}
}
