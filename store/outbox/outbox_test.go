package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/store"
	"tebiki/store/outbox"
	"tebiki/store/storetest"
)

var errDown = errors.New("the other side is down")

// world is an outbox at work inside a synctest bubble, and what came of it.
type world struct {
	t    *testing.T
	st   store.Store
	box  *outbox.Outbox
	log  logBuffer
	stop func() // ends Run and waits for it

	mu  sync.Mutex
	got []string // what note was told, in order
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// take gives what was written since the last time.
func (l *logBuffer) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

func newWorld(t *testing.T, st store.Store) *world {
	return &world{t: t, st: st}
}

func (w *world) run(dests ...outbox.Destination) {
	w.box = outbox.New(w.st, slog.New(slog.NewTextHandler(&w.log, nil)), dests...)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.box.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	})
	w.t.Cleanup(w.stop)
}

// item writes an item as "dest lane key", urgent with a "!" after the key and
// weightier with each further one.
func item(s string) outbox.Item {
	f := strings.Fields(s)
	key := strings.TrimRight(f[2], "!")
	marks := len(f[2]) - len(key)
	return outbox.Item{Dest: f[0], Lane: f[1], Kind: "test", Key: key, Urgent: marks > 0, Weight: uint8(max(marks-1, 0)), Created: time.Now(), Body: []byte(`{"text":"` + key + `"}`)}
}

func (w *world) add(items ...string) {
	w.t.Helper()
	err := w.st.Update(context.Background(), func(tx store.Writer) error {
		for _, s := range items {
			if err := outbox.Add(tx, item(s)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.box != nil {
		w.box.Wake()
	}
}

func (w *world) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = append(w.got, s)
}

// want waits until nothing moves and compares what was noted since last time.
func (w *world) want(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.got, want) {
		w.t.Errorf("got %q, want %q", w.got, want)
	}
	w.got = nil
}

// wantAnyOrder is want for what several workers do at once.
func (w *world) wantAnyOrder(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	slices.Sort(w.got)
	w.mu.Unlock()
	slices.Sort(want)
	w.want(want...)
}

// settle is a handler that notes the key and settles.
func (w *world) settle(ctx context.Context, it outbox.Item) error {
	w.note(it.Key)
	return w.box.Settle(ctx, it, nil)
}

func (w *world) stored() int {
	w.t.Helper()
	n := 0
	err := w.st.View(context.Background(), func(tx store.Reader) error {
		n = 0
		for range tx.Scan("outbox", "", "") {
			n++
		}
		return nil
	})
	if err != nil {
		w.t.Error(err)
	}
	return n
}

func TestDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.add("chat a before")
		var got outbox.Item
		w.run(outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
			got = it
			return w.settle(ctx, it)
		}})
		w.want("before")
		created := time.Now()
		w.add("chat a after")
		w.want("after")
		if got.Seq != 2 || got.Lane != "a" || got.Kind != "test" || got.Attempt != 1 ||
			!got.Created.Equal(created) || string(got.Body) != `{"text":"after"}` {
			t.Errorf("delivered %+v", got)
		}
		if n := w.stored(); n > 0 {
			t.Errorf("%d items are left", n)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	for _, it := range []outbox.Item{{Dest: "chat"}, {Key: "k"}, {Dest: "chat", Key: "k", Body: []byte("{")}} {
		err := store.NewMemory().Update(t.Context(), func(tx store.Writer) error { return outbox.Add(tx, it) })
		if err == nil {
			t.Errorf("%+v was added", it)
		}
	}
}

// With one worker the order is that of the rules: lanes with something urgent
// first, then by age, and each lane in its own order.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.add("chat a a1", "chat b b1", "chat a a2", "chat c c1!", "chat b b2!", "chat d d1", "chat b b3")
		w.run(outbox.Destination{Name: "chat", Handle: w.settle})
		w.want("b1", "c1", "b2", "a1", "a2", "d1", "b3")
	})
}

// An urgent item that comes while others wait goes before them, and hastens
// its own lane.
func TestUrgentOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
			time.Sleep(time.Second) // the other side's time, which is not real
			return w.settle(ctx, it)
		}})
		w.add("chat a a1", "chat b b1", "chat c c1", "chat d d1")
		synctest.Wait()
		w.add("chat c c2!", "chat a a2!", "chat e e1!")
		time.Sleep(10 * time.Second)
		w.want("a1", "c1", "c2", "a2", "e1", "b1", "d1")
	})
}

// Of urgent items the weightiest go first, then the oldest; one that comes
// later goes before those that wait, and hastens its lane until it is done.
func TestWeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "phone", Handle: func(ctx context.Context, it outbox.Item) error {
			time.Sleep(time.Second)
			return w.settle(ctx, it)
		}})
		w.add("phone a a1!", "phone b b1!", "phone c c1!!", "phone d d1", "phone e e1!!!", "phone f f1!!", "phone b b2")
		synctest.Wait()
		w.add("phone b b3!!!", "phone g g1!!!", "phone g g2!", "phone d d2!!")
		time.Sleep(20 * time.Second)
		w.want("e1", "b1", "b2", "b3", "g1", "c1", "d1", "f1", "d2", "a1", "g2")
	})
}

// A lane may hold its item of a rank in any place: its turn is that of the
// highest which is left.
func TestWeightOfWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.add("phone a a1!!!", "phone a a2", "phone a a3!!", "phone a a4", "phone a a5!", "phone a a6", "phone b b1!!", "phone c c1!", "phone d d1", "phone a a7!!!!")
		w.run(outbox.Destination{Name: "phone", Handle: w.settle})
		w.want("a1", "a2", "a3", "a4", "a5", "a6", "a7", "b1", "c1", "d1")
		w.stop()
		w.add("phone a a1!!!", "phone a a2", "phone a a3!!", "phone a a4", "phone a a5!", "phone a a6", "phone b b1!!!", "phone c c1!!", "phone d d1!", "phone e e1")
		w.run(outbox.Destination{Name: "phone", Handle: w.settle})
		w.want("a1", "b1", "a2", "a3", "c1", "a4", "a5", "d1", "a6", "e1")
	})
}

// What was stored before items had a weight is delivered as urgent or not.
func TestStoredBeforeWeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.add("phone a a1", "phone b b1!!")
		err := w.st.Update(t.Context(), func(tx store.Writer) error {
			n, err := tx.Next("outbox")
			if err != nil {
				return err
			}
			return tx.Put("outbox", store.Seq(n), []byte("\x01"+`{"dest":"phone","lane":"old","kind":"test","key":"old","urgent":true,"created":"2026-11-25T03:00:00Z","body":{"text":"old"}}`))
		})
		if err != nil {
			t.Fatal(err)
		}
		w.run(outbox.Destination{Name: "phone", Handle: w.settle})
		w.want("b1", "old", "a1")
	})
}

func TestLanesAreDeliveredTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		now, most := 0, 0
		w.run(outbox.Destination{Name: "chat", Workers: 3, Handle: func(ctx context.Context, it outbox.Item) error {
			w.mu.Lock()
			now++
			most = max(most, now)
			w.mu.Unlock()
			time.Sleep(time.Second)
			w.mu.Lock()
			now--
			w.mu.Unlock()
			return w.settle(ctx, it)
		}})
		w.add("chat a a1", "chat a a2", "chat b b1", "chat c c1", "chat d d1")
		synctest.Wait()
		if st := w.box.Stats()[0]; st.Running != 3 || st.Waiting != 2 {
			t.Errorf("%d running, %d waiting, want 3 and 2", st.Running, st.Waiting)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(w.got) != 5 || most != 3 {
			t.Errorf("%d delivered, %d at once, want 5 and 3", len(w.got), most)
		}
	})
}

// A destination that hangs, and lanes that fail, hold up nobody else.
func TestNobodyWaitsForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(
			outbox.Destination{Name: "tracker", Workers: 2, Handle: func(ctx context.Context, it outbox.Item) error {
				<-ctx.Done()
				return ctx.Err()
			}},
			outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
				if it.Lane == "bad" {
					return errDown
				}
				return w.settle(ctx, it)
			}})
		w.add("tracker a t1", "tracker b t2", "tracker c t3", "chat bad x1", "chat bad x2", "chat a c1", "chat b c2")
		w.want("c1", "c2")
		time.Sleep(time.Hour)
		w.add("chat a c3!")
		w.want("c3")
		st := w.box.Stats()
		if st[0].Running != 2 || st[0].Waiting != 1 || st[1].Waiting != 2 || st[1].Delivered != 3 {
			t.Errorf("the figures are %+v", st)
		}
		w.stop()
		if n := w.stored(); n != 5 {
			t.Errorf("%d items are kept, want 5", n)
		}
	})
}

func TestTimeoutEndsAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "chat", Timeout: 10 * time.Second, Handle: func(ctx context.Context, it outbox.Item) error {
			if it.Attempt == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return w.settle(ctx, it)
		}})
		w.add("chat a a1")
		time.Sleep(10 * time.Second)
		w.want()
		time.Sleep(2 * time.Second)
		w.want("a1")
	})
}

// Whatever way a handler fails, the item is tried again and its lane waits.
func TestEveryFailureRepeats(t *testing.T) {
	failures := map[string]func(){
		"a panic":         func() { panic("on purpose") },
		"a nil panic":     func() { var p *outbox.Item; p.Key = "x" },
		"an ended thread": func() { runtime.Goexit() },
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, store.NewMemory())
				w.run(outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
					if it.Attempt == 1 && it.Key == "a1" {
						fail()
					}
					return w.settle(ctx, it)
				}})
				w.add("chat a a1", "chat a a2")
				w.want()
				time.Sleep(2 * time.Second)
				w.want("a1", "a2")
				if log := w.log.take(); strings.Contains(name, "panic") && !strings.Contains(log, "outbox_test.go") {
					t.Errorf("the log has no stack:\n%s", log)
				}
			})
		})
	}
}

// A result that cannot be committed (a full disk) leaves the item; a commit
// that succeeds takes the item and holds the result, with items of its own.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := storetest.NewFaulty(store.NewMemory())
		w := newWorld(t, st)
		w.add("chat a a1")
		st.Fail(store.ErrFull)
		w.run(outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
			w.note(fmt.Sprint(it.Key, " ", it.Attempt))
			if it.Key != "a1" {
				return w.box.Settle(ctx, it, nil)
			}
			return w.box.Settle(ctx, it, func(tx store.Writer) error {
				return errors.Join(tx.Put("result", it.Key, []byte("sent")), outbox.Add(tx, item("chat a a2")))
			})
		}})
		w.want("a1 1")
		if n := w.stored(); n != 1 {
			t.Errorf("%d items after a failed commit, want 1", n)
		}
		st.Fail(nil)
		time.Sleep(2 * time.Second)
		w.want("a1 2", "a2 1")
		err := st.View(t.Context(), func(tx store.Reader) error {
			if string(tx.Get("result", "a1")) != "sent" {
				t.Error("the result is not stored")
			}
			return nil
		})
		if err != nil || w.stored() != 0 {
			t.Errorf("%d items are left (%v)", w.stored(), err)
		}
	})
}

func TestRemovedIsNotDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "phone", Handle: func(ctx context.Context, it outbox.Item) error {
			time.Sleep(time.Second)
			return w.settle(ctx, it)
		}})
		w.add("phone a ring", "phone a again", "phone a last")
		synctest.Wait()
		err := w.st.Update(t.Context(), outbox.Item{Seq: 2}.Remove)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		w.want("ring", "last")
		if st := w.box.Stats()[0]; st.Delivered != 2 || st.Waiting+st.Running != 0 || !st.Oldest.IsZero() {
			t.Errorf("the figures are %+v", st)
		}
	})
}

// TestBehind: a handler may do at once what waits behind its item, and only
// that.
func TestBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "phone", Workers: 2, Handle: func(ctx context.Context, it outbox.Item) error {
			time.Sleep(time.Second)
			rest, err := w.box.Behind(ctx, it, 2)
			if err != nil || it.Lane == "b" {
				return errors.Join(err, w.settle(ctx, it))
			}
			w.note(it.Key)
			return w.box.Settle(ctx, it, func(tx store.Writer) error {
				for _, r := range rest {
					w.note("with " + r.Key)
					if err := r.Remove(tx); err != nil {
						return err
					}
				}
				return nil
			})
		}}, outbox.Destination{Name: "chat", Handle: w.settle})
		w.add("phone a 1", "phone a 2", "phone b 3", "chat a 4", "phone a 5", "phone a 6")
		time.Sleep(10 * time.Second)
		w.wantAnyOrder("1", "with 2", "with 5", "3", "4", "6")
		if n := w.stored(); n != 0 {
			t.Errorf("%d items are left", n)
		}
	})
}
