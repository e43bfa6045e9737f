package usage_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/usage"
	"tebiki/store"
)

func record(t *testing.T, st store.Store, fn func(store.Writer, usage.Event) error, e usage.Event) {
	t.Helper()
	if err := st.Update(t.Context(), func(tx store.Writer) error { return fn(tx, e) }); err != nil {
		t.Error(err)
	}
}

// agree holds the counts against the events, and gives the events.
func agree(t *testing.T, st store.Store) []usage.Event {
	t.Helper()
	events, err := usage.Events(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	want := map[usage.Kind]uint64{}
	for _, k := range usage.Kinds {
		want[k] = 0
	}
	for _, e := range events {
		want[e.Kind]++
	}
	got, err := usage.Counts(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events and counts disagree (-events +counts):\n%s", d)
	}
	return events
}

func TestRecordAtOnce(t *testing.T) {
	st := store.NewMemory()
	agree(t, st)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for n := range 20 {
				record(t, st, usage.Record, usage.Event{Kind: usage.Kinds[(i+n)%len(usage.Kinds)], Person: fmt.Sprint(i), At: time.Unix(int64(n), 0)})
			}
		})
	}
	all.Wait()
	if n := len(agree(t, st)); n != 320 {
		t.Errorf("%d events of 320", n)
	}
}

func TestEventsKeepWhatTheyHold(t *testing.T) {
	st := store.NewMemory()
	want := []usage.Event{
		{Kind: usage.NotFound, At: time.Unix(1, 0).UTC(), Person: "lee", Words: "\x00 <b> \u202e 洪水"},
		{Kind: usage.Pushed, At: time.Unix(2, 0).UTC(), Person: "lee", Ticket: "T-1", Component: "disk"},
	}
	for _, e := range want {
		record(t, st, usage.Record, e)
	}
	if d := cmp.Diff(want, agree(t, st)); d != "" {
		t.Error(d)
	}
}

func TestRefusedCommitCountsNothing(t *testing.T) {
	st := store.NewMemory()
	full := errors.New("full")
	err := st.Update(t.Context(), func(tx store.Writer) error {
		return errors.Join(usage.Record(tx, usage.Event{Kind: usage.Useful}), full)
	})
	if !errors.Is(err, full) || len(agree(t, st)) != 0 {
		t.Errorf("error %v, %d events", err, len(agree(t, st)))
	}
}

func TestRateOnce(t *testing.T) {
	st := store.NewMemory()
	useful := usage.Event{Kind: usage.Useful, Person: "lee", Ticket: "T-1", Component: "disk"}
	for range 3 {
		record(t, st, usage.Rate, useful)
	}
	for _, alter := range []func(*usage.Event){
		func(e *usage.Event) { e.Kind = usage.Outdated },
		func(e *usage.Event) { e.Person = "sato" },
		func(e *usage.Event) { e.Ticket = "T-2" },
		func(e *usage.Event) { e.Ticket, e.Component = "", "T-1 disk" },
	} {
		e := useful
		alter(&e)
		record(t, st, usage.Rate, e)
	}
	if n := len(agree(t, st)); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
}
