package usage_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
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
	events, err := usage.Between(t.Context(), st, time.Time{}, time.Unix(1<<40, 0))
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

// TestLongWords: nobody fills the store with one search.
func TestLongWords(t *testing.T) {
	st := store.NewMemory()
	record(t, st, usage.Record, usage.Event{Kind: usage.NotFound, Words: strings.Repeat("洪", 1<<20)})
	if got := agree(t, st)[0].Words; len(got) > 16<<10 || strings.Trim(got, "洪") != "" || got == "" {
		t.Errorf("%d bytes are kept, of which are not the words: %q", len(got), strings.Trim(got, "洪"))
	}
}

// TestReadEnds: whoever has seen enough may stop, and what cannot be read is
// an error and no end.
func TestReadEnds(t *testing.T) {
	st := store.NewMemory()
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for range 3 {
		record(t, st, usage.Record, usage.Event{Kind: usage.Opened, At: at})
	}
	seen := func() (n int, err error) {
		err = usage.Read(t.Context(), st, at, at.Add(time.Hour), func(events iter.Seq[usage.Event]) {
			for range events {
				if n++; n == 2 {
					break
				}
			}
		})
		return n, err
	}
	if n, err := seen(); n != 2 || err != nil {
		t.Errorf("%d events, %v", n, err)
	}
	err := st.Update(t.Context(), func(tx store.Writer) error { return tx.Put("usage", store.Seq(2), []byte("nonsense")) })
	if err != nil {
		t.Fatal(err)
	}
	if n, err := seen(); n != 1 || err == nil {
		t.Errorf("%d events, %v; want an error after the first", n, err)
	}
}

// TestBetween: a period is read whole, whatever the order of what was
// recorded, and also what was recorded before days were noted.
func TestBetween(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }
	tests := []struct {
		name     string
		recorded []int // days, in the order of recording
		old      int   // how many of them before days were noted
		from, to int
		want     []int
	}{
		{"all", []int{1, 2, 3}, 0, 1, 4, []int{1, 2, 3}},
		{"the middle", []int{1, 2, 2, 3}, 0, 2, 3, []int{2, 2}},
		{"late ones", []int{1, 3, 2, 3, 1, 4}, 0, 2, 4, []int{3, 2, 3}},
		{"later than all", []int{1, 2}, 0, 5, 9, nil},
		{"earlier than all", []int{3, 4}, 0, 1, 4, []int{3}},
		{"between days that have some", []int{1, 9}, 0, 4, 10, []int{9}},
		{"from before days were noted", []int{2, 3, 4}, 2, 3, 5, []int{3, 4}},
		{"nothing at all", nil, 0, 1, 9, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := store.NewMemory()
			for i, n := range tt.recorded {
				record(t, st, usage.Record, usage.Event{Kind: usage.Opened, At: day(n)})
				if i+1 == tt.old {
					forgetDays(t, st)
				}
			}
			events, err := usage.Between(t.Context(), st, day(tt.from), day(tt.to))
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, e := range events {
				got = append(got, e.At.Day())
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("days (-want +got):\n%s", d)
			}
		})
	}
}

func forgetDays(t *testing.T, st store.Store) {
	t.Helper()
	err := st.Update(t.Context(), func(tx store.Writer) error {
		for day := range tx.Scan("usage.day", "", "") {
			if err := tx.Delete("usage.day", day); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
