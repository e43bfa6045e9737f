package runner

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/storetest"
)

const retain = 2 * 24 * time.Hour

// finish lets an incident end and close.
func finish(t *testing.T, r *Runner, id escalation.ID) {
	t.Helper()
	submit(t, r, escalation.Fix{Incident: id, Person: "tanaka"})
	time.Sleep(2*time.Hour + time.Minute)
	if inc := incident(t, r, id); inc.Status != escalation.Closed {
		t.Fatalf("%s is %s", id, inc.Status)
	}
}

// TestPruneStorm: an incident of many alerts goes in pieces, while others are
// served, and what is newer stays.
func TestPruneStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &biggest{Store: store.NewMemory()}
		r := New(st, testRules(), Options{Retain: retain})
		defer start(t, r)()
		const alerts = 10_000
		events := make([]escalation.Event, alerts)
		for i := range events {
			events[i] = signal("a", fmt.Sprint("check-", i))
		}
		submit(t, r, events...)
		finish(t, r, 1)
		time.Sleep(retain / 2)
		submit(t, r, signal("b", "disk"))
		finish(t, r, 2)
		if n := stored(t, st, bucketAlert); n != alerts+1 {
			t.Fatalf("%d alerts are stored", n)
		}

		time.Sleep(retain/2 + time.Hour)
		if n := stored(t, st, bucketAlert); n != 1 {
			t.Errorf("%d alerts are left, want that of the newer incident", n)
		}
		if _, ok, err := r.Incident(t.Context(), 1); ok || err != nil {
			t.Errorf("the old incident: %v, %v", ok, err)
		}
		if lines, err := r.History(t.Context(), 1); len(lines) != 0 || err != nil {
			t.Errorf("its history has %d lines, %v", len(lines), err)
		}
		if lines, err := r.History(t.Context(), 2); len(lines) == 0 || err != nil {
			t.Errorf("the newer one's history has %d lines, %v", len(lines), err)
		}
		if st.deleted > pruneAlerts+1 {
			t.Errorf("%d keys were deleted in one commit", st.deleted)
		}
		look(t, r, func(s *escalation.State) {
			if _, alerts := s.Len(); alerts != 1 {
				t.Errorf("the state remembers %d alerts", alerts)
			}
		})
	})
}

// biggest records the most deletions of one commit.
type biggest struct {
	store.Store
	deleted int
}

func (b *biggest) Update(ctx context.Context, fn func(store.Writer) error) error {
	return b.Store.Update(ctx, func(tx store.Writer) error {
		d := &deleting{Writer: tx}
		err := fn(d)
		b.deleted = max(b.deleted, d.n)
		return err
	})
}

type deleting struct {
	store.Writer
	n int
}

func (d *deleting) Delete(bucket, key string) error {
	d.n++
	return d.Writer.Delete(bucket, key)
}

// TestNumbersAreNotGivenAgain: an incident's number names it in the tracker
// for ever, so that of the newest is kept when all are old.
func TestNumbersAreNotGivenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{Retain: retain})
		stop := start(t, r)
		for i := range 3 {
			submit(t, r, signal(hostName(i), "disk"))
			finish(t, r, escalation.ID(i+1))
		}
		time.Sleep(2 * retain)
		stop()
		if n := stored(t, st, bucketClosed); n != 1 {
			t.Errorf("%d closed incidents are left, want the newest", n)
		}
		r = New(st, testRules(), Options{Retain: retain})
		defer start(t, r)()
		if rs := submit(t, r, signal("new", "disk")); rs[0].Incident != 4 {
			t.Errorf("the next incident is %s", rs[0].Incident)
		}
	})
}

// TestPruneFails: a commit that fails takes nothing away, and is made later.
func TestPruneFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := storetest.NewFaulty(store.NewMemory())
		r := New(st, testRules(), Options{Retain: retain})
		defer start(t, r)()
		for i := range 2 {
			submit(t, r, signal(hostName(i), "disk"))
			finish(t, r, escalation.ID(i+1))
		}
		st.Fail(errDisk)
		time.Sleep(2 * retain)
		if n := stored(t, st, bucketAlert); n != 2 {
			t.Errorf("%d alerts are left", n)
		}
		st.Fail(nil)
		time.Sleep(time.Hour)
		if n := stored(t, st, bucketAlert); n != 1 {
			t.Errorf("%d alerts are left", n)
		}
	})
}
