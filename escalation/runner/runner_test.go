package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/storetest"
)

// gated is a store whose commits wait at a gate, and are counted.
type gated struct {
	store.Store
	gate    chan struct{} // closed: open
	updates atomic.Int64
}

func newGated() *gated { return &gated{Store: store.NewMemory(), gate: make(chan struct{})} }

func (g *gated) Update(ctx context.Context, fn func(store.Writer) error) error {
	g.updates.Add(1)
	<-g.gate
	return g.Store.Update(ctx, fn)
}

func TestSubmittersShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newGated()
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		var answered atomic.Int64
		var senders sync.WaitGroup
		for i := range 50 {
			senders.Go(func() {
				if rs := submit(t, r, signal(hostName(i), "disk")); !rs[0].Changed || rs[0].Status != escalation.Open {
					t.Errorf("sender %d got %+v", i, rs[0])
				}
				answered.Add(1)
			})
		}
		synctest.Wait()
		if n := answered.Load(); n != 0 {
			t.Errorf("%d senders were answered before any commit", n)
		}
		close(st.gate)
		senders.Wait()
		if n := st.updates.Load(); n > 2 {
			t.Errorf("50 senders needed %d commits, want at most the first's and one for all others", n)
		}
		if accepted, commits := r.Counts(); accepted != 50 || int64(commits) != st.updates.Load() {
			t.Errorf("counted %d accepted in %d commits", accepted, commits)
		}
		if n := stored(t, st, bucketOpen); n != 50 {
			t.Errorf("%d incidents are stored", n)
		}
	})
}

func TestLookNeedsNoCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(store.NewMemory(), testRules(), Options{})
		defer start(t, r)()
		for range 5 {
			if err := r.Look(t.Context(), func(s *escalation.State) {}); err != nil {
				t.Fatal(err)
			}
		}
		if _, commits := r.Counts(); commits != 0 {
			t.Errorf("looking made %d commits", commits)
		}
	})
}

// TestLookWhileBusy: a look that waits behind alerts sees either none of a
// commit or all of it.
func TestLookWhileBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newGated()
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		go submit(t, r, signal("a", "disk"))
		synctest.Wait()
		go submit(t, r, signal("b", "disk"), signal("c", "disk"))
		synctest.Wait()
		seen := make(chan int, 1)
		go func() {
			_ = r.Look(context.Background(), func(s *escalation.State) { n, _ := s.Len(); seen <- n })
		}()
		synctest.Wait()
		close(st.gate)
		if n := <-seen; n != 1 {
			t.Errorf("the look saw %d incidents, want the one that was committed", n)
		}
	})
}

var errDisk = errors.New("no space left")

// TestFailedCommit: everybody hears of it, nothing happened, nothing is tried
// in a spin, and then all goes on.
func TestFailedCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := storetest.NewFaulty(store.NewMemory())
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		submit(t, r, signal("before", "disk"))

		st.Fail(errDisk)
		var senders sync.WaitGroup
		for i := range 20 {
			senders.Go(func() {
				if rs, err := r.Submit(context.Background(), signal(hostName(i), "disk")); !errors.Is(err, errDisk) || rs != nil {
					t.Errorf("sender %d got %v, %v", i, rs, err)
				}
			})
		}
		senders.Wait()
		if err := r.Fault(); !errors.Is(err, errDisk) {
			t.Errorf("the fault is %v", err)
		}
		if n := stored(t, st, bucketOpen); n != 1 {
			t.Errorf("%d incidents are stored, want the one from before", n)
		}
		look(t, r, func(s *escalation.State) {
			if n, _ := s.Len(); n != 1 {
				t.Errorf("the state has %d incidents", n)
			}
		})
		time.Sleep(10 * time.Minute)
		if r.Fault() == nil {
			t.Error("the fault went away although no commit has succeeded")
		}

		st.Fail(nil)
		time.Sleep(maxPause)
		if err := r.Fault(); err != nil {
			t.Errorf("the store takes commits and the fault is %v", err)
		}
		if rs := submit(t, r, signal("after", "disk")); rs[0].Incident != 2 {
			t.Errorf("the first alert afterwards is in %s", rs[0].Incident)
		}
		if inc := incident(t, r, 1); inc.PageSeq != 2 {
			t.Errorf("the page that was due is not sent: %d pages", inc.PageSeq)
		}
	})
}

func look(t *testing.T, r *Runner, fn func(*escalation.State)) {
	t.Helper()
	if err := r.Look(context.Background(), fn); err != nil {
		t.Error(err)
	}
}

func incident(t *testing.T, r *Runner, id escalation.ID) escalation.Incident {
	t.Helper()
	inc, ok, err := r.Incident(context.Background(), id)
	if !ok || err != nil {
		t.Fatalf("%s: %v, %v", id, ok, err)
	}
	return inc
}

// TestFailsInAPause: while the store is broken a flood of alerts is refused
// without reading the state anew for each.
func TestFailsInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := storetest.NewFaulty(store.NewMemory())
		counted := &counting{Store: st}
		r := New(counted, testRules(), Options{})
		defer start(t, r)()
		submit(t, r, signal("a", "disk"))
		st.Fail(errDisk)
		counted.reset()
		for range 60_000 {
			if _, err := r.Submit(context.Background(), signal("b", "disk")); !errors.Is(err, errDisk) {
				t.Fatalf("got %v", err)
			}
			time.Sleep(time.Millisecond)
		}
		// 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 s and then each 5 s: 17 attempts.
		if u, v := counted.updates.Load(), counted.views.Load(); u > 20 || v > 20 {
			t.Errorf("in a minute of refusals there were %d commits and %d loads", u, v)
		}
		st.Fail(nil)
		time.Sleep(maxPause)
		submit(t, r, signal("b", "disk"))
	})
}

// counting counts transactions and can fail those that read.
type counting struct {
	store.Store
	updates, views atomic.Int64
	unreadable     atomic.Bool
}

func (c *counting) reset() { c.updates.Store(0); c.views.Store(0) }

func (c *counting) Update(ctx context.Context, fn func(store.Writer) error) error {
	c.updates.Add(1)
	return c.Store.Update(ctx, fn)
}

func (c *counting) View(ctx context.Context, fn func(store.Reader) error) error {
	c.views.Add(1)
	if c.unreadable.Load() {
		return errDisk
	}
	return c.Store.View(ctx, fn)
}

// TestUnreadable: a store that cannot be read after a failed commit is asked
// again in the same pauses, also while metrics look.
func TestUnreadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faulty := storetest.NewFaulty(store.NewMemory())
		st := &counting{Store: faulty}
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		submit(t, r, signal("a", "disk"))
		faulty.Fail(errDisk)
		st.unreadable.Store(true)
		st.reset()
		time.Sleep(3 * time.Minute)
		if u, v := st.updates.Load(), st.views.Load(); u > 2 || v > 50 {
			t.Errorf("in three minutes there were %d commits and %d loads", u, v)
		}
		for range 100 {
			if err := r.Look(t.Context(), func(*escalation.State) {}); !errors.Is(err, errDisk) {
				t.Fatalf("looking gave %v", err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		st.unreadable.Store(false)
		faulty.Fail(nil)
		time.Sleep(maxPause)
		if inc := incident(t, r, 1); inc.PageSeq != 2 {
			t.Errorf("%d pages were made, want the late one as well", inc.PageSeq)
		}
	})
}

func TestTimersFireAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		stop := start(t, r)
		submit(t, r, signal("a", "disk"))
		stop()
		time.Sleep(time.Hour)
		r = New(st, testRules(), Options{})
		defer start(t, r)()
		synctest.Wait()
		if inc := incident(t, r, 1); inc.PageSeq != 2 || inc.Now != "tanaka" {
			t.Errorf("after an hour down: %d pages, turn of %s", inc.PageSeq, inc.Now)
		}
		time.Sleep(3*time.Minute + time.Second)
		if inc := incident(t, r, 1); inc.PageSeq != 3 || inc.Now != "suzuki" {
			t.Errorf("the second step: %d pages, turn of %s", inc.PageSeq, inc.Now)
		}
	})
}

func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newGated()
		r := New(st, testRules(), Options{Queue: 2})
		defer start(t, r)()
		var senders sync.WaitGroup
		for i := range 3 {
			senders.Go(func() { submit(t, r, signal(hostName(i), "disk")) })
			synctest.Wait()
		}
		if _, err := r.Submit(t.Context(), signal("x", "disk")); !errors.Is(err, ErrBusy) {
			t.Errorf("with a full queue: %v", err)
		}
		close(st.gate)
		senders.Wait()
		submit(t, r, signal("x", "disk"))
	})
}

// TestDrain: what is queued when the end comes is still accepted; what comes
// later is told so, and nobody hangs.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newGated()
		r := New(st, testRules(), Options{})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		var senders sync.WaitGroup
		for i := range 10 {
			senders.Go(func() { submit(t, r, signal(hostName(i), "disk")) })
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(st.gate)
		senders.Wait()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if n := stored(t, st, bucketOpen); n != 10 {
			t.Errorf("%d of 10 are stored", n)
		}
		if _, err := r.Submit(t.Context(), signal("late", "disk")); !errors.Is(err, ErrStopped) {
			t.Errorf("after the end: %v", err)
		}
		if err := r.Look(t.Context(), func(*escalation.State) {}); !errors.Is(err, ErrStopped) {
			t.Errorf("looking after the end: %v", err)
		}
	})
}

func TestStopsWhileSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		stop := start(t, r)
		var accepted atomic.Int64
		var senders sync.WaitGroup
		for i := range 16 {
			senders.Go(func() {
				for j := range 200 {
					_, err := r.Submit(context.Background(), signal(fmt.Sprint("host", i, "-", j), "disk"))
					switch {
					case err == nil:
						accepted.Add(1)
					case errors.Is(err, ErrStopped):
						return
					default:
						t.Error(err)
					}
				}
			})
		}
		stop()
		senders.Wait()
		if n := stored(t, st, bucketOpen); int64(n) != accepted.Load() {
			t.Errorf("%d incidents are stored and %d senders were told so", n, accepted.Load())
		}
	})
}

func TestCanceledBeforeQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Submit(ctx, signal("a", "disk")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := stored(t, st, bucketOpen); n != 0 {
			t.Errorf("%d incidents are stored", n)
		}
	})
}

// TestStoreCloses: a loop that may no longer lead says so, because its
// program must not go on without it.
func TestStoreCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		ended := make(chan error)
		go func() { ended <- r.Run(t.Context()) }()
		synctest.Wait()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, store.ErrClosed) {
			t.Errorf("Run gave %v", err)
		}
	})
}

func TestChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(store.NewMemory(), testRules(), Options{})
		defer start(t, r)()
		submit(t, r, signal("a", "disk"), signal("b", "disk"))
		one, two, any := r.Changed(1), r.Changed(2), r.Changed(0)
		if r.Changed(1) != one {
			t.Error("two who wait for the same have two channels")
		}
		submit(t, r, escalation.Ack{Incident: 1, Person: "tanaka"})
		if !closed(one) || !closed(any) || closed(two) {
			t.Errorf("woken: one %v, any %v, two %v", closed(one), closed(any), closed(two))
		}
		any = r.Changed(0)
		submit(t, r, escalation.Ack{Incident: 1, Person: "tanaka"}) // a repetition
		if closed(any) {
			t.Error("a repetition woke everybody")
		}
	})
}

func TestWatchersAreBounded(t *testing.T) {
	w := newWatchers()
	first := w.wait(1)
	for id := range escalation.ID(3 * maxWatched) {
		w.wait(id + 1)
	}
	if len(w.of) > maxWatched || !closed(first) {
		t.Errorf("%d incidents are watched; the oldest was woken: %v", len(w.of), closed(first))
	}
}

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// TestOneCulprit: what one request cannot write fails that request alone.
func TestOneCulprit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newGated()
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		bad := errors.New("the value cannot be read")
		go submit(t, r, signal("first", "disk")) // holds the gate
		synctest.Wait()
		var senders sync.WaitGroup
		for i := range 10 {
			senders.Go(func() { submit(t, r, signal(hostName(i), "disk")) })
		}
		senders.Go(func() {
			rs, err := r.SubmitWith(context.Background(), func(store.Writer) error { return bad }, signal("bad", "disk"))
			if !errors.Is(err, bad) || rs != nil {
				t.Errorf("the culprit got %v, %v", rs, err)
			}
		})
		senders.Go(func() {
			also := func(tx store.Writer) error { return tx.Put("elsewhere", "done", nil) }
			if _, err := r.SubmitWith(context.Background(), also, signal("good", "disk")); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		close(st.gate)
		senders.Wait()
		if n := stored(t, st, bucketOpen); n != 12 {
			t.Errorf("%d incidents are stored, want 12", n)
		}
		if n := stored(t, st, "elsewhere"); n != 1 {
			t.Error("the other's further write is lost")
		}
		look(t, r, func(s *escalation.State) {
			if n, _ := s.Len(); n != 12 {
				t.Errorf("the state has %d incidents", n)
			}
		})
		if r.Fault() != nil {
			t.Errorf("one request's failure counts as the store's: %v", r.Fault())
		}
	})
}

func TestManyCulprits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newGated()
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		go submit(t, r, signal("first", "disk"))
		synctest.Wait()
		bad := errors.New("bad")
		var senders sync.WaitGroup
		for i := range 50 {
			senders.Go(func() {
				if _, err := r.SubmitWith(context.Background(), func(store.Writer) error { return bad }, signal(hostName(i), "disk")); !errors.Is(err, bad) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(st.gate)
		senders.Wait()
		if n := st.updates.Load(); n > 1+maxCulprits+1 {
			t.Errorf("%d commits were tried", n)
		}
		time.Sleep(maxPause)
		submit(t, r, signal("next", "disk"))
	})
}

// TestUnstorable: an alert that JSON cannot hold refuses nobody else's.
func TestUnstorable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(store.NewMemory(), testRules(), Options{})
		defer start(t, r)()
		odd, err := time.Parse(time.RFC3339, "2026-01-01T00:00:00+24:00")
		if err != nil {
			t.Log(err)
		}
		for _, at := range []time.Time{time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC), odd} {
			bad := signal("a", "disk")
			bad.Alert.At = at
			if _, err := r.Submit(t.Context(), bad); err == nil {
				t.Errorf("an alert of %s was accepted", at)
			}
		}
		if r.Fault() != nil {
			t.Errorf("the store is blamed: %v", r.Fault())
		}
		submit(t, r, signal("a", "disk"))
	})
}

// TestEffectsWaitInTheirLanes: the outbox holds what follows, pages apart
// from news.
func TestEffectsWaitInTheirLanes(t *testing.T) {
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	items, err := itemsOf([]escalation.Effect{
		{Kind: escalation.OpenTicket, Key: "I-1/ticket", Incident: 1, At: at},
		{Kind: escalation.Reach, Channel: escalation.Chat, Person: "tanaka", Key: "I-1/page/1", Incident: 1, At: at},
		{Kind: escalation.Reach, Channel: escalation.Phone, Person: "tanaka", Key: "I-1/page/2", Incident: 1, Gravity: escalation.Grave, At: at},
		{Kind: escalation.Refresh, Key: "I-1/refresh/3", Incident: 1, At: at},
		{Kind: escalation.Tell, Person: "tanaka", Key: "I-1/line/4/tanaka", Incident: 1, At: at},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range items {
		got = append(got, fmt.Sprint(it.Dest, " ", it.Lane, " ", it.Urgent, " ", it.Weight))
		if !it.Created.Equal(at) {
			t.Errorf("%s was made at %s", it.Key, it.Created)
		}
	}
	want := []string{"tracker I-1 false 0", "chat I-1/page true 0", "phone tanaka true 2", "chat I-1 false 0", "chat I-1 false 0"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
