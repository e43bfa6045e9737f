package outbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/store"
	"tebiki/store/outbox"
)

// attempts runs one item whose attempts fail with what fail gives, and gives
// the pauses between the attempts.
func attempts(t *testing.T, d outbox.Destination, n int, fail func(attempt int) error) []time.Duration {
	t.Helper()
	w := newWorld(t, store.NewMemory())
	var pauses []time.Duration
	before := time.Time{}
	d.Handle = func(_ context.Context, it outbox.Item) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if it.Attempt > 1 {
			pauses = append(pauses, time.Since(before))
		}
		before = time.Now()
		return fail(it.Attempt)
	}
	w.run(d)
	w.add(d.Name + " a a1")
	time.Sleep(time.Duration(n) * 2 * time.Minute) // longer than n pauses are
	w.stop()
	if len(pauses) < n {
		t.Fatalf("%d pauses, want %d", len(pauses), n)
	}
	return pauses[:n]
}

func TestBackoff(t *testing.T) {
	tests := []struct {
		backoff  outbox.Backoff
		min, max []time.Duration // of each pause
	}{
		{outbox.Backoff{},
			[]time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second},
			[]time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute}},
		{outbox.Backoff{Min: 10 * time.Second, Max: 15 * time.Second},
			[]time.Duration{7500 * time.Millisecond, 7500 * time.Millisecond},
			[]time.Duration{15 * time.Second, 15 * time.Second}},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			d := outbox.Destination{Name: "chat", Backoff: tt.backoff}
			for i, pause := range attempts(t, d, len(tt.min), func(int) error { return errDown }) {
				if pause < tt.min[i] || pause > tt.max[i] {
					t.Errorf("%+v: pause %d is %v, want %v to %v", tt.backoff, i+1, pause, tt.min[i], tt.max[i])
				}
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	errs := map[string]error{
		"by value":   outbox.Error{Err: errDown, After: 90 * time.Second},
		"by pointer": &outbox.Error{Err: errDown, After: 90 * time.Second},
		"wrapped":    fmt.Errorf("post: %w", &outbox.Error{Err: errDown, After: 90 * time.Second, Pause: true}),
	}
	for name, err := range errs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := outbox.Destination{Name: "chat"}
				for _, pause := range attempts(t, d, 3, func(int) error { return err }) {
					if pause < 90*time.Second || pause > 100*time.Second {
						t.Errorf("the pause is %v, want 90 s and at most a tenth more", pause)
					}
				}
			})
		})
	}
}

// While a destination is paused nothing goes to it, urgent or new; others
// go on, and after it everything is delivered in order.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(
			outbox.Destination{Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
				if it.Key == "a1" && it.Attempt == 1 {
					return &outbox.Error{Err: errDown, After: 30 * time.Second, Pause: true}
				}
				return w.settle(ctx, it)
			}},
			outbox.Destination{Name: "phone", Handle: w.settle})
		w.add("chat a a1", "chat a a2", "chat b b1!", "phone a p1")
		w.wantAnyOrder("b1", "p1")
		w.add("chat c c1!", "phone a p2")
		w.want("p2")
		if st := w.box.Stats(); !st[0].Paused || st[1].Paused {
			t.Errorf("paused: %v and %v, want the first alone", st[0].Paused, st[1].Paused)
		}
		time.Sleep(29 * time.Second)
		w.want()
		time.Sleep(5 * time.Second)
		w.want("c1", "a1", "a2")
		if w.box.Stats()[0].Paused {
			t.Error("still paused")
		}
	})
}

// The log tells of the first failure and of each longer pause, with all that
// is needed to find the item, and not of every attempt.
func TestLogIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, store.NewMemory())
		w.run(outbox.Destination{Name: "chat", Workers: 10, Handle: func(context.Context, outbox.Item) error { return errDown }})
		w.add("chat a a1")
		synctest.Wait()
		line := w.log.take()
		for _, want := range []string{"level=WARN", "dest=chat", "kind=test", "key=a1", "attempt=1", "next=", errDown.Error()} {
			if !strings.Contains(line, want) {
				t.Errorf("the line lacks %q: %s", want, line)
			}
		}
		time.Sleep(time.Hour)
		if log := w.log.take(); strings.Count(log, "\n") < 3 || strings.Count(log, "\n") > 6 {
			t.Errorf("one item failed for an hour, want a line for each longer pause:\n%s", log)
		}
		for i := range 200 {
			w.add(fmt.Sprintf("chat lane%d k%d", i, i))
		}
		time.Sleep(20 * time.Minute)
		log := w.log.take()
		if n := strings.Count(log, "\n"); n < 5 || n > 30 {
			t.Errorf("200 items failed in %d lines, want a few", n)
		}
		if !strings.Contains(log, "not_logged=") {
			t.Errorf("the log does not say how much it leaves out:\n%s", log)
		}
	})
}
