package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tebiki/store"
	"tebiki/store/outbox"
)

// A process that dies between the delivery and the commit of its result
// delivers again, and at once.
func TestRestartRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
			w.note(fmt.Sprint(it.Key, " ", it.Attempt))
			return errDown
		}})
		w.add("chat a a1", "chat a a2", "chat b b1!")
		time.Sleep(time.Hour)
		synctest.Wait()
		w.stop()
		w.got = nil
		w.run(outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
			if it.Attempt != 1 {
				t.Errorf("%s begins with attempt %d", it.Key, it.Attempt)
			}
			return w.settle(ctx, it)
		}})
		w.want("b1", "a1", "a2")
	})
}

// At the shutdown handlers' contexts end, Run waits for them, and what they
// have done is still recorded.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "chat", Workers: 2, Handle: func(ctx context.Context, it outbox.Item) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			if it.Key == "given_up" {
				return ctx.Err()
			}
			return w.settle(ctx, it)
		}})
		w.add("chat a sent", "chat b given_up", "chat c waiting")
		synctest.Wait()
		began := time.Now()
		w.stop()
		if took := time.Since(began); took != time.Second {
			t.Errorf("Run ended %v after its context, want the handlers' 1 s", took)
		}
		w.want("sent")
		if n := w.stored(); n != 2 {
			t.Errorf("%d items are kept, want 2", n)
		}
		if log := w.log.take(); strings.Contains(log, "failed") {
			t.Errorf("a shutdown was logged as a failure:\n%s", log)
		}
	})
}

// A store that hangs holds up the shutdown for a bounded time only.
func TestShutdownOfAHungStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.add("chat a a1")
		release := make(chan struct{})
		hung := make(chan error)
		go func() {
			hung <- w.st.Update(context.Background(), func(store.Writer) error { <-release; return nil })
		}()
		synctest.Wait()
		w.run(outbox.Destination{Name: "chat", Handle: w.settle})
		w.want("a1")
		began := time.Now()
		w.stop()
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("Run ended %v after its context, want 5 s", took)
		}
		close(release)
		if err := <-hung; err != nil {
			t.Error(err)
		}
		if n := w.stored(); n != 1 {
			t.Errorf("%d items are kept, want 1", n)
		}
	})
}

func TestUnserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "chat", Handle: w.settle})
		w.add("fax a f1", "chat a a1", "fax a f2")
		w.want("a1")
		w.add("fax b f3")
		w.want()
		if log := w.log.take(); strings.Count(log, "dest=fax") != 1 {
			t.Errorf("want one line about fax:\n%s", log)
		}
		w.stop()
		w.run(outbox.Destination{Name: "fax", Handle: w.settle})
		w.want("f1", "f2", "f3")
	})
}

// What cannot be read, from a newer program or damaged, is kept and named, and
// nothing waits for it.
func TestUnreadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.add("chat a a1")
		err := w.st.Update(t.Context(), func(tx store.Writer) error {
			for _, value := range []string{"\x02{}", "\x01{", ""} {
				n, err := tx.Next("outbox")
				if err != nil {
					return err
				}
				if err := tx.Put("outbox", store.Seq(n), []byte(value)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.add("chat a a2")
		w.run(outbox.Destination{Name: "chat", Handle: w.settle})
		w.want("a1", "a2")
		if log := w.log.take(); strings.Count(log, "level=ERROR") != 3 || !strings.Contains(log, "0000000000000002") {
			t.Errorf("want a line for each of three items:\n%s", log)
		}
		if n := w.stored(); n != 3 {
			t.Errorf("%d items are kept, want 3", n)
		}
	})
}

func TestRunRefuses(t *testing.T) {
	good := outbox.Destination{Name: "chat", Handle: func(context.Context, outbox.Item) error { return nil }}
	for name, dests := range map[string][]outbox.Destination{
		"no handler": {{Name: "chat"}},
		"twice":      {good, good},
	} {
		if err := outbox.New(store.NewMemory(), slog.New(slog.DiscardHandler), dests...).Run(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	closed := store.NewMemory()
	_ = closed.Close()
	err := outbox.New(closed, slog.New(slog.DiscardHandler), good).Run(t.Context())
	if !errors.Is(err, store.ErrClosed) {
		t.Errorf("on a closed store: %v, want %v", err, store.ErrClosed)
	}
}

func TestOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		began := time.Now()
		w.run(outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
			time.Sleep(time.Minute)
			return w.settle(ctx, it)
		}})
		w.add("chat a a1")
		time.Sleep(time.Second)
		w.add("chat b b1")
		time.Sleep(time.Second)
		for _, want := range []time.Time{began, began.Add(time.Second), {}} {
			if got := w.box.Stats()[0].Oldest; !got.Equal(want) {
				t.Errorf("the oldest is of %v, want %v", got, want)
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestEveryItemAtLeastOnce delivers random items through handlers that fail in
// every way, with restarts in between, and holds what arrived to the rules:
// each item is settled, none before those of its lane that came earlier, and
// none is delivered again after that.
func TestEveryItemAtLeastOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var items []string
		for i := range rapid.IntRange(1, 30).Draw(rt, "items") {
			items = append(items, fmt.Sprintf("%s lane%d %d%s",
				rapid.SampledFrom([]string{"chat", "phone"}).Draw(rt, "dest"), rapid.IntRange(0, 4).Draw(rt, "lane"), i,
				rapid.SampledFrom([]string{"", "", "!", "!!!"}).Draw(rt, "urgent")))
		}
		moods := rapid.SliceOfN(rapid.IntRange(0, 7), 1, 40).Draw(rt, "moods")
		workers := rapid.IntRange(1, 4).Draw(rt, "workers")
		restarts := rapid.IntRange(0, 3).Draw(rt, "restarts")
		synctest.Test(t, func(t *testing.T) {
			deliverAll(t, items, moods, workers, restarts)
		})
	})
}

func deliverAll(t *testing.T, items []string, moods []int, workers, restarts int) {
	w := newWorld(t, store.NewMemory())
	turn := 0
	handle := func(ctx context.Context, it outbox.Item) error {
		w.mu.Lock()
		mood := moods[turn%len(moods)]
		turn++
		if turn > 200 {
			mood = 7 // it gets better in the end
		}
		w.mu.Unlock()
		w.note(it.Dest + " " + it.Lane + " " + it.Key)
		switch mood {
		case 0:
			return errDown
		case 1:
			panic("in a mood")
		case 2:
			return &outbox.Error{Err: errDown, After: 20 * time.Second, Pause: true}
		case 3:
			time.Sleep(15 * time.Second) // longer than its attempt, at one of the two
			return errDown
		}
		if err := w.box.Settle(ctx, it, nil); err != nil {
			return err
		}
		w.note("settled " + it.Dest + " " + it.Lane + " " + it.Key)
		return nil
	}
	start := func() {
		w.run(outbox.Destination{Name: "chat", Workers: workers, Timeout: 10 * time.Second, Handle: handle},
			outbox.Destination{Name: "phone", Workers: 1, Handle: handle})
	}
	start()
	for i, it := range items {
		w.add(it)
		if i < restarts {
			time.Sleep(7 * time.Second)
			w.stop()
			start()
		}
	}
	for w.stored() > 0 {
		time.Sleep(time.Minute)
		synctest.Wait()
	}
	w.stop()
	checkOrder(t, items, w.got)
}

// checkOrder reads the notes of deliverAll.
func checkOrder(t *testing.T, items, notes []string) {
	next := map[string][]string{} // "dest lane" to the keys not settled
	for _, s := range items {
		it := item(s)
		next[it.Dest+" "+it.Lane] = append(next[it.Dest+" "+it.Lane], it.Key)
	}
	for _, note := range notes {
		what, settled := strings.CutPrefix(note, "settled ")
		f := strings.Fields(what)
		lane := f[0] + " " + f[1]
		if len(next[lane]) == 0 || next[lane][0] != f[2] {
			t.Fatalf("%q, while the lane's turn is at %q; all: %q", note, next[lane], notes)
		}
		if settled {
			next[lane] = next[lane][1:]
		}
	}
	for lane, left := range next {
		if len(left) > 0 {
			t.Errorf("%s: %q were never settled", lane, left)
		}
	}
}
