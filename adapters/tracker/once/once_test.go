package once

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tebiki/store"
)

var (
	errNo   = errors.New("the place says no")
	errLost = errors.New("the answer was lost")
)

// A place makes things, shows them later, and loses answers.
type place struct {
	mu     sync.Mutex
	lag    time.Duration
	faults []string // of the next attempts: "no", "lost before", "lost after"
	things []thing
	looks  int
}

type thing struct {
	key   string
	shown time.Time
}

func (p *place) thing() Thing {
	return Thing{Make: p.make, Undone: func(err error) bool { return errors.Is(err, errNo) }, Find: p.find, Lag: p.lag}
}

func (p *place) make(context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := ""
	if len(p.faults) > 0 {
		fault, p.faults = p.faults[0], p.faults[1:]
	}
	switch fault {
	case "no":
		return "", errNo
	case "lost before":
		return "", errLost
	}
	key := fmt.Sprint("T-", len(p.things)+1)
	p.things = append(p.things, thing{key, time.Now().Add(p.lag)})
	if fault == "lost after" {
		return "", errLost
	}
	return key, nil
}

func (p *place) find(context.Context, time.Time) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looks++
	for _, t := range p.things {
		if !time.Now().Before(t.shown) {
			return t.key, nil
		}
	}
	return "", nil
}

func TestMake(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []string
		calls  int // until it is made
	}{
		{"at once", nil, 1},
		{"refused first", []string{"no"}, 2},
		{"the answer lost", []string{"lost after"}, 1},
		{"never arrived", []string{"lost before"}, 2},
		{"lost, and lost again", []string{"lost before", "lost before", "lost after"}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &place{lag: 10 * time.Second, faults: test.faults}
				m := New(store.NewMemory(), "made")
				for call := 1; call <= test.calls; call++ {
					key, _, err := m.Make(t.Context(), "cause", p.thing())
					if last := call == test.calls; (err == nil) != last || last && key != "T-1" {
						t.Fatalf("call %d: %q, %v", call, key, err)
					}
				}
				key, made, err := m.Make(t.Context(), "cause", p.thing())
				if key != "T-1" || made || err != nil || len(p.things) != 1 {
					t.Errorf("again: %q, made %v, %v; there are %d", key, made, err, len(p.things))
				}
			})
		})
	}
}

// TestDeath dies between any two steps: a store that fails from some write on
// stands for it, and another maker on what was written goes on.
func TestDeath(t *testing.T) {
	for dies := range 4 {
		for _, fault := range []string{"", "no", "lost before", "lost after"} {
			t.Run(fmt.Sprint("before write ", dies, " ", fault), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := &place{lag: 10 * time.Second, faults: []string{fault}}
					st := store.NewMemory()
					_, _, _ = New(&mortal{Store: st, left: dies}, "made").Make(t.Context(), "cause", p.thing())
					p.faults = nil
					key, _, err := New(st, "made").Make(t.Context(), "cause", p.thing())
					if err != nil || key != "T-1" || len(p.things) != 1 {
						t.Errorf("%q, %v; there are %d", key, err, len(p.things))
					}
				})
			})
		}
	}
}

// A mortal store takes a number of writes and no more.
type mortal struct {
	store.Store
	left int
}

func (m *mortal) Update(ctx context.Context, fn func(store.Writer) error) error {
	if m.left--; m.left < 0 {
		return store.ErrClosed
	}
	return m.Store.Update(ctx, fn)
}

// TestAnyOrder calls for few labels with any faults; each is made once.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		faults := rapid.SliceOfN(rapid.SampledFrom([]string{"", "no", "lost before", "lost after"}), 0, 6).Draw(t, "faults")
		p := &place{faults: faults}
		m := New(store.NewMemory(), "made")
		for range len(faults) + 1 {
			key, _, err := m.Make(context.Background(), "cause", p.thing())
			if err == nil && key != "T-1" || len(p.things) > 1 {
				t.Fatalf("%q, %d things", key, len(p.things))
			}
		}
		if len(p.things) != 1 {
			t.Fatalf("%d things", len(p.things))
		}
	})
}

func TestWhoStopsWaitingLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{lag: 20 * time.Second, faults: []string{"lost after"}}
		m := New(store.NewMemory(), "made")
		for range 4 {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			if key, _, err := m.Make(ctx, "cause", p.thing()); err == nil {
				t.Fatalf("%q is known although the place does not show it", key)
			}
			cancel()
		}
		if key, _, err := m.Make(t.Context(), "cause", p.thing()); key != "T-1" || err != nil || len(p.things) != 1 {
			t.Errorf("%q, %v; there are %d", key, err, len(p.things))
		}
		if p.looks > 20 {
			t.Errorf("the place was searched %d times", p.looks)
		}
	})
}

func TestAtOnce(t *testing.T) {
	p := &place{}
	m := New(store.NewMemory(), "made")
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if key, _, err := m.Make(t.Context(), "cause", p.thing()); key != "T-1" || err != nil {
				t.Errorf("%q, %v", key, err)
			}
		})
	}
	all.Wait()
}

func TestOldIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		m := New(st, "made")
		for i := range 10 {
			if _, _, err := m.Make(t.Context(), fmt.Sprint("old ", i), (&place{}).thing()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(Keep + time.Second) // in the bubble's time
		for i := range 5 {
			if _, _, err := m.Make(t.Context(), fmt.Sprint("new ", i), (&place{}).thing()); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		_ = st.View(t.Context(), func(tx store.Reader) error {
			for range tx.Scan("made", "", "") {
				n++
			}
			return nil
		})
		if n != 5 {
			t.Errorf("%d records are kept, want the 5 new ones", n)
		}
	})
}

func TestInstance(t *testing.T) {
	st := store.NewMemory()
	first, err := New(st, "made").Instance(t.Context())
	again, err2 := New(st, "made").Instance(t.Context())
	other, err3 := New(store.NewMemory(), "made").Instance(t.Context())
	if err != nil || err2 != nil || err3 != nil || first != again || first == other || len(first) != 8 {
		t.Errorf("%q, %q, %q; %v %v %v", first, again, other, err, err2, err3)
	}
}

func TestForget(t *testing.T) {
	p := &place{}
	m := New(store.NewMemory(), "made")
	_, _, _ = m.Make(t.Context(), "cause", p.thing())
	if err := m.Forget(t.Context(), "cause"); err != nil {
		t.Fatal(err)
	}
	if _, made, err := m.Make(t.Context(), "cause", p.thing()); !made || err != nil {
		t.Errorf("made %v, %v", made, err)
	}
}

// TestNote: what is noted before an attempt is there when it turns out that
// the attempt has made something, for a while, and not when it made nothing.
func TestNote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, p := store.NewMemory(), &place{faults: []string{"no", "lost before"}}
		noted := func(want string) {
			t.Helper()
			if got, err := New(st, "b").Noted(t.Context(), "cause"); string(got) != want || err != nil {
				t.Errorf("noted is %q, want %q, %v", got, want, err)
			}
		}
		m, said := New(st, "b"), "first"
		thing := p.thing()
		thing.Make = func(ctx context.Context) (string, error) {
			if err := m.Note(ctx, "cause", []byte(said)); err != nil {
				return "", err
			}
			return p.make(ctx)
		}
		_, _, _ = m.Make(t.Context(), "cause", thing)
		noted("") // the place said no
		_, _, err := m.Make(t.Context(), "cause", thing)
		if noted("first"); !errors.Is(err, errLost) {
			t.Error(err)
		}
		time.Sleep(3 * time.Hour) // in the bubble's time
		said = "second"
		if _, made, err := m.Make(t.Context(), "cause", thing); !made || err != nil {
			t.Error(made, err)
		}
		noted("second")
		time.Sleep(KeepNote)
		noted("")
	})
}
