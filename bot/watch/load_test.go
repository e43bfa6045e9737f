package watch

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

func TestLoad(t *testing.T) {
	st := store.NewMemory()
	err := st.Update(t.Context(), func(tx store.Writer) error {
		for key, s := range map[string]Seen{
			"T-1": {Status: tracker.Open, Assignee: "sato"},
			"T-2": {Status: tracker.Open, Assignee: "sato"},
			"T-3": {Status: tracker.Open, Assignee: "sato", Parent: "T-1"},
			"T-4": {Status: tracker.Fixed, Assignee: "sato"},
			"T-5": {Status: tracker.Closed, Assignee: "lee"},
			"T-6": {Status: tracker.Open},
			"T-7": {Status: tracker.Open, Assignee: "tanaka"},
		} {
			if err := store.Put(tx, bucketTicket, key, 1, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]int
	err = st.View(t.Context(), func(tx store.Reader) (err error) {
		got, err = Load(tx)
		return err
	})
	if diff := cmp.Diff(map[string]int{"sato": 2, "tanaka": 1}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func BenchmarkLoad(b *testing.B) {
	st := store.NewMemory()
	err := st.Update(b.Context(), func(tx store.Writer) error {
		for i := range uint64(100_000) {
			if err := store.Put(tx, bucketTicket, store.Seq(i), 1, Seen{Component: "disk-full", Status: tracker.Closed, Assignee: "sato", Label: "tebiki/request/1"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := st.View(b.Context(), func(tx store.Reader) error { _, err := Load(tx); return err }); err != nil {
			b.Fatal(err)
		}
	}
}
