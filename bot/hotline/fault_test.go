package hotline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tebiki/adapters/phone"
	"tebiki/escalation"
)

// scripts go through every part of the menu.
var scripts = map[string]struct {
	number string
	keys   []string
}{
	"incidents": {sato, []string{"*", "1", "0", "3", "1", "2", "1", "1", "#", ""}},
	"duty":      {suzuki, []string{"2", "0", "1", "9", "2", "1", "#", ""}},
	"report":    {stranger, []string{"3"}},
	"colleague": {sato, []string{"3", "3", "1", "#", ""}},
	"PIN":       {"", []string{"1", "1234", satoPIN, "1", "1", ""}},
	"wrong":     {"", []string{"1", "1234", "1111", "2222"}},
}

// Whatever breaks at whichever point, the call ends, in time, and leaves
// nothing behind.
func TestFaultsEverywhere(t *testing.T) {
	for name, s := range scripts {
		for kind, err := range map[string]error{"hangup": phone.ErrHungUp, "once": errLine, "forever": errLine} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				for op := 1; op <= 60; op++ {
					fault := func(n int) error {
						if n == op || n > op && kind == "forever" {
							return err
						}
						return nil
					}
					if !faulty(t, &caller{id: "x", number: s.number, keys: s.keys, fault: fault}, op) {
						return
					}
				}
				t.Errorf("a call has more than 60 operations")
			})
		}
	}
}

// faulty lets somebody call; reached is false when the fault lay beyond the
// end of the call.
func faulty(t *testing.T, c *caller, op int) (reached bool) {
	in(t, func(t *testing.T, w *world) {
		w.raise(alert("db1", "disk /"))
		w.raise(alert("web1", "disk /"))
		began := time.Now()
		w.calls(c)
		if took := time.Since(began); took > maxCall+3*maxTalk {
			t.Errorf("with a fault at %d the call took %s", op, took)
		}
		if n := strings.Count(w.log.String(), "somebody called"); n != 1 {
			t.Errorf("with a fault at %d the log has %d lines of the call:\n%s", op, n, &w.log)
		}
		reached = c.ops >= op
	})
	return reached
}

// The process ends at whichever point: nothing is said any more, and every
// call returns at once.
func TestProcessEnds(t *testing.T) {
	for name, s := range scripts {
		t.Run(name, func(t *testing.T) {
			for op := 1; op <= 60; op++ {
				reached := false
				in(t, func(t *testing.T, w *world) {
					w.raise(alert("db1", "disk /"))
					ctx, cancel := context.WithCancel(t.Context())
					c := &caller{id: "x", number: s.number, keys: s.keys}
					c.fault = func(n int) error {
						if n == op {
							reached = true
							cancel()
						}
						return nil
					}
					began := time.Now()
					w.flow.Answer(ctx, c)
					cancel()
					if reached {
						if took, most := time.Since(began), maxTalk; took > most {
							t.Errorf("it took %s", took)
						}
						w.logged("somebody called")
					}
				})
				if !reached {
					return
				}
			}
		})
	}
}

// No keys of a stranger let them hear or take what is not theirs, and no keys
// of anybody do anything but what they say.
func TestKeysProperty(t *testing.T) {
	key := rapid.OneOf(rapid.SampledFrom([]string{"1", "1", "1", "2", "2", "3", "3", "0", "9", "#", "*", "", "4", "5", "8", hangUp}),
		rapid.StringMatching(`[0-9*#A-D]{1,12}`), rapid.String(), rapid.SampledFrom([]string{satoPIN + "0", "73926", "1234", strings.Repeat("1", 1000)}))
	number := rapid.OneOf(rapid.SampledFrom([]string{"", stranger, "anonymous", "'; DROP TABLE people; --"}), rapid.String())
	rapid.Check(t, func(rt *rapid.T) {
		c := &caller{number: number.Draw(rt, "number"), keys: rapid.SliceOfN(key, 0, 30).Draw(rt, "keys")}
		outcomes := rapid.SliceOfN(rapid.SampledFrom([]phone.Outcome{phone.Heard, phone.Busy, phone.NotAnswered, phone.Failed}), 0, 3).Draw(rt, "talks")
		c.talks = outcomes
		in(t, func(t *testing.T, w *world) { strangeKeys(rt, w, c) })
	})
}

// secrets are what only people of the roster may hear.
var secrets = []string{"db 1", "Hello ", "佐藤さんにつなぐ", "speak to", "インシデントは、", "not over"}

func strangeKeys(rt *rapid.T, w *world, c *caller) {
	id := w.raise(alert("db1", "disk /"))
	if _, known := w.flow.Roster.ByNumber(c.number, "81"); known {
		return
	}
	w.calls(c)
	for _, secret := range secrets {
		for _, h := range c.heard {
			if strings.Contains(h, secret) {
				rt.Fatalf("%q heard %q", c.number, h)
			}
		}
	}
	if inc := w.incident(id); inc.Status != escalation.Open || len(c.rang) > 0 {
		rt.Fatalf("%q left %s %s by %q, and let %q ring", c.number, id, inc.Status, inc.AckBy, c.rang)
	}
	for _, inc := range w.all() {
		if inc.ID != id && inc.Root.Source != Source {
			rt.Fatalf("%q made %+v", c.number, inc)
		}
	}
}

// Somebody known can press what they like: an incident is theirs exactly
// when they have heard that it is.
func TestKnownKeysProperty(t *testing.T) {
	key := rapid.SampledFrom([]string{"1", "1", "1", "2", "2", "3", "0", "9", "#", "*", "7", "", hangUp})
	rapid.Check(t, func(rt *rapid.T) {
		c := &caller{number: sato, keys: rapid.SliceOfN(key, 0, 40).Draw(rt, "keys")}
		broken := rapid.IntRange(0, 40).Draw(rt, "broken")
		c.fault = func(n int) error {
			if n == broken {
				return errLine
			}
			return nil
		}
		in(t, func(t *testing.T, w *world) {
			w.rules.AckTimeout = 24 * time.Hour // conversations take long
			for _, host := range []string{"a", "b", "c"} {
				w.raise(alert(host, "disk /"))
			}
			w.calls(c)
			acked, told := 0, 0
			for _, inc := range w.all() {
				if inc.Status == escalation.Acknowledged {
					acked++
				}
			}
			for _, h := range c.heard {
				if strings.Contains(h, "受け付けました") || strings.Contains(h, "Acknowledged.") {
					told++
				}
			}
			if told > acked || acked-told > 1 {
				rt.Fatalf("%d are acknowledged, and %d were said to be", acked, told)
			}
		})
	})
}

// Many call at once, and each gets an end.
func TestManyCallers(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.flow.Lines = 8
		for range 5 {
			w.raise(alert(fmt.Sprint("db", len(w.all())), "disk /"))
		}
		done := make(chan struct{}, 60)
		n := 0
		for i := range 10 {
			for _, s := range scripts {
				n++
				go func() {
					defer func() { done <- struct{}{} }()
					w.flow.Answer(t.Context(), &caller{id: fmt.Sprint(i), number: s.number, keys: s.keys})
				}()
			}
			time.Sleep(7 * time.Second)
		}
		for range n {
			<-done
		}
		synctest.Wait()
		total := uint64(0)
		for _, k := range w.flow.Figures().Calls {
			total += k
		}
		if total != uint64(n) {
			t.Errorf("%d calls ended of %d", total, n)
		}
	})
}
