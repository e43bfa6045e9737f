package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/store"
	"tebiki/store/storetest"
)

// A fake is a tracker that gives its changes two at a time, and cannot tell
// when there are more unless it is a Waker.
type fake struct {
	tracker.Tracker // what is not used
	mu              sync.Mutex
	name            string
	log             []tracker.Ticket
	down            error
	asked           atomic.Int64
}

func (f *fake) change(key, component string, status tracker.Status, assignee string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, tracker.Ticket{Key: key, Component: component, Status: status, Assignee: assignee})
}

func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = err
}

func (f *fake) Since(_ context.Context, cursor string) (tracker.Batch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked.Add(1)
	if f.down != nil {
		return tracker.Batch{}, f.down
	}
	if cursor == "" {
		return tracker.Batch{Cursor: f.cursor(len(f.log))}, nil
	}
	at, ours := strings.CutPrefix(cursor, f.name+":")
	from, err := strconv.Atoi(at)
	if !ours || err != nil {
		return tracker.Batch{}, &adapters.Error{Op: "read changes", Code: adapters.Refused, Err: fmt.Errorf("not mine: %w", tracker.ErrCursor)}
	}
	to := min(from+2, len(f.log))
	return tracker.Batch{Tickets: f.log[from:to], Cursor: f.cursor(to), More: to < len(f.log)}, nil
}

func (f *fake) cursor(n int) string { return fmt.Sprint(f.name, ":", n) }

// A waking fake tells of its changes.
type waking struct {
	*fake
	ch chan struct{}
}

func (w *waking) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ch
}

func (w *waking) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.ch)
	w.ch = make(chan struct{})
}

// A noting reader puts what it is told where only a commit makes it last.
type noting struct{ fail error }

func (n *noting) Ticket(tx store.Writer, was *Seen, t tracker.Ticket) error {
	seq, err := tx.Next("noted")
	if err != nil {
		return err
	}
	before := "new"
	if was != nil {
		before = fmt.Sprint(was.Component, " ", was.Status, " ", was.Assignee)
	}
	line := fmt.Sprint(t.Key, ": ", before, " -> ", t.Component, " ", t.Status, " ", t.Assignee)
	if err := tx.Put("noted", store.Seq(seq), []byte(line)); err != nil {
		return err
	}
	return n.fail
}

func noted(t *testing.T, st store.Store) (out []string) {
	t.Helper()
	err := st.View(context.Background(), func(tx store.Reader) error {
		for _, v := range tx.Scan("noted", "", "") {
			out = append(out, string(v))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func run(w *Watch) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = w.Run(ctx) }() // it returns nil by contract, which TestEnds checks
	synctest.Wait()
	return func() { cancel(); <-done }
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func want(t *testing.T, st store.Store, lines ...string) {
	t.Helper()
	if d := cmp.Diff(lines, noted(t, st)); d != "" {
		t.Errorf("what the reader was told (-want +got):\n%s", d)
	}
}

// TestWasAndIs: what was there before the beginning is no news; then each
// change comes once, in pieces, with what was seen before.
func TestWasAndIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, f, woken := store.NewMemory(), &fake{name: "a"}, 0
		f.change("OLD", "dns", tracker.Open, "")
		w := New(st, f, time.Minute, func() { woken++ }, quiet(), &noting{})
		if err := w.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.change("T-1", "dns", tracker.Open, "")
		defer run(w)()
		f.change("T-1", "dns", tracker.Open, "sato")
		f.change("T-2", "disk", tracker.Open, "lee")
		f.change("T-1", "dns", tracker.Fixed, "sato")
		f.change("OLD", "dns", tracker.Closed, "")
		wait(time.Minute)
		want(t, st, "T-1: new -> dns open ", "T-1: dns open  -> dns open sato", "T-2: new -> disk open lee",
			"T-1: dns open sato -> dns fixed sato", "OLD: new -> dns closed ")
		if woken != 3 {
			t.Errorf("woken %d times after 3 batches", woken)
		}
	})
}

// TestNothingIsMissed: over restarts, an absent tracker and a full disk every
// change is handled once.
func TestNothingIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, f := storetest.NewFaulty(store.NewMemory()), &fake{name: "a"}
		stop := run(New(st, f, time.Minute, func() {}, quiet(), &noting{}))
		f.change("T-1", "", tracker.Open, "")
		wait(time.Minute)
		f.fail(errors.New("away"))
		f.change("T-2", "", tracker.Open, "")
		wait(10 * time.Minute)
		stop()
		f.change("T-3", "", tracker.Open, "")
		stop = run(New(st, f, time.Minute, func() {}, quiet(), &noting{}))
		wait(time.Minute)
		f.fail(nil)
		st.Fail(errors.New("full"))
		asked := f.asked.Load()
		wait(10 * time.Minute)
		if n := f.asked.Load() - asked; n > 11 {
			t.Errorf("with a full disk the tracker was asked %d times in 10 minutes", n)
		}
		st.Fail(nil)
		wait(time.Minute)
		stop()
		want(t, st, "T-1: new ->  open ", "T-2: new ->  open ", "T-3: new ->  open ")
	})
}

// TestReaderFails: nothing of the batch is kept, and all of it comes again.
func TestReaderFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, f, n := store.NewMemory(), &fake{name: "a"}, &noting{}
		w := New(st, f, time.Minute, func() {}, quiet(), &noting{}, n)
		if err := w.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.change("T-1", "", tracker.Open, "")
		n.fail = errors.New("it cannot be read")
		_, err := w.read(t.Context())
		if !errors.Is(err, n.fail) || !strings.Contains(err.Error(), "T-1") {
			t.Errorf("the error is %v", err)
		}
		want(t, st)
		n.fail = nil
		if _, err = w.read(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, st, "T-1: new ->  open ", "T-1: new ->  open ") // one of each reader
	})
}

func TestWaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, f := store.NewMemory(), &waking{&fake{name: "a"}, make(chan struct{})}
		defer run(New(st, f, time.Hour, func() {}, quiet(), &noting{}))()
		f.change("T-1", "", tracker.Open, "")
		f.wake()
		synctest.Wait()
		want(t, st, "T-1: new ->  open ")
	})
}

// TestAnotherTracker: a cursor of the tracker before is given up, and what
// changes from then on is read.
func TestAnotherTracker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		run(New(st, &fake{name: "a"}, time.Minute, func() {}, quiet(), &noting{}))()
		b := &fake{name: "b"}
		b.change("OLD", "", tracker.Open, "")
		defer run(New(st, b, time.Minute, func() {}, quiet(), &noting{}))()
		wait(time.Minute)
		b.change("B-1", "", tracker.Open, "")
		wait(time.Minute)
		want(t, st, "B-1: new ->  open ")
	})
}

// TestCursorIsKept: whatever the tracker answers that is not of the cursor,
// what changed meanwhile is handled once when it is mended.
func TestCursorIsKept(t *testing.T) {
	for _, code := range []adapters.Code{adapters.Refused, adapters.Denied, adapters.NotFound, adapters.Throttled, adapters.Unavailable} {
		synctest.Test(t, func(t *testing.T) {
			st, f := store.NewMemory(), &fake{name: "a"}
			stop := run(New(st, f, time.Minute, func() {}, quiet(), &noting{}))
			f.fail(&adapters.Error{Op: "read changes", Code: code, Err: errors.New("no")})
			f.change("T-1", "", tracker.Open, "")
			asked := f.asked.Load()
			wait(10 * time.Minute)
			if n := f.asked.Load() - asked; n < 9 || n > 11 {
				t.Errorf("%v: asked %d times in 10 minutes", code, n)
			}
			stop()
			defer run(New(st, f, time.Minute, func() {}, quiet(), &noting{}))()
			f.fail(nil)
			wait(2 * time.Minute)
			want(t, st, "T-1: new ->  open ")
		})
	}
}

// A stuck tracker says that there is more and gives the same again.
type stuck struct{ *fake }

func (s *stuck) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	b, err := s.fake.Since(ctx, cursor)
	b.More = true
	return b, err
}

func TestNoSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &stuck{&fake{name: "a"}}
		defer run(New(store.NewMemory(), f, time.Minute, func() {}, quiet(), &noting{}))()
		wait(10 * time.Minute)
		if n := f.asked.Load(); n > 13 {
			t.Errorf("asked %d times in 10 minutes", n)
		}
	})
}

func TestBeginFails(t *testing.T) {
	f := &fake{name: "a", down: errors.New("away")}
	err := New(store.NewMemory(), f, time.Minute, func() {}, quiet()).Begin(t.Context())
	if !errors.Is(err, f.down) || !strings.Contains(err.Error(), "begin to watch the tracker") {
		t.Errorf("got %v", err)
	}
}

func TestEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(store.NewMemory(), &fake{name: "a"}, time.Minute, func() {}, quiet()).Run(ctx); err != nil {
		t.Error(err)
	}
}
