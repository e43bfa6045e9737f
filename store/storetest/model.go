package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tebiki/store"
)

// model is what a store holds, in the plainest form: "bucket/key" to value,
// and the counters.
type model struct {
	values   map[string]string
	counters map[string]uint64
}

func (m model) clone() model {
	return model{maps.Clone(m.values), maps.Clone(m.counters)}
}

// keys gives the keys of a bucket within a range, in order.
func (m model) keys(bucket, from, to string) []string {
	var keys []string
	for path := range m.values {
		b, key := path[:1], path[2:]
		if b == bucket && key >= from && (to == "" || key < to) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

var (
	drawBucket = rapid.SampledFrom([]string{"a", "b", "c"})
	// Few and similar keys, so that they meet; some with many others between,
	// so that a tree has several levels.
	drawKey = rapid.OneOf(
		rapid.StringMatching(`[\x00ab\x7f]{1,3}`),
		rapid.Map(rapid.IntRange(0, 2000), func(n int) string { return fmt.Sprintf("k%04d", n) }))
	drawBound = rapid.OneOf(rapid.Just(""), drawKey)
)

// testModel makes random transactions on a store and on the model and
// compares them. The property runs many times on one store: each run begins
// by deleting all there is, which is one more thing to get right.
func testModel(t *testing.T, s store.Store) {
	counters := map[string]uint64{}
	rapid.Check(t, func(t *rapid.T) {
		m := model{map[string]string{}, counters}
		empty(t, s)
		for range rapid.IntRange(1, 8).Draw(t, "transactions") {
			m = transact(t, s, m)
			err := s.View(context.Background(), func(tx store.Reader) error {
				compare(t, tx, m)
				return nil
			})
			if err != nil {
				t.Fatalf("View: %v", err)
			}
		}
		counters = m.counters
	})
}

func empty(t *rapid.T, s store.Store) {
	err := s.Update(context.Background(), func(tx store.Writer) error {
		for _, bucket := range []string{"a", "b", "c"} {
			for key, _, ok := tx.Last(bucket); ok; key, _, ok = tx.Last(bucket) {
				if err := tx.Delete(bucket, key); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("empty: %v", err)
	}
}

// transact makes one random transaction and gives the model after it.
func transact(t *rapid.T, s store.Store, before model) model {
	fail := rapid.IntRange(0, 3).Draw(t, "fail") == 0
	after := before.clone()
	err := s.Update(context.Background(), func(tx store.Writer) error {
		after = before.clone()
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			step(t, tx, after)
		}
		compare(t, tx, after)
		if fail {
			return errOwn
		}
		return nil
	})
	if fail {
		if err != errOwn {
			t.Fatalf("Update: %v, want %v", err, errOwn)
		}
		return before
	}
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	return after
}

// step makes one random change to both.
func step(t *rapid.T, tx store.Writer, m model) {
	bucket := drawBucket.Draw(t, "bucket")
	var err error
	switch rapid.SampledFrom([]string{"put", "put", "put", "fill", "delete", "clear", "next"}).Draw(t, "step") {
	case "put":
		err = putBoth(tx, m, bucket, drawKey.Draw(t, "key"), rapid.StringN(0, 20, 40).Draw(t, "value"))
	case "fill":
		for i := range 150 {
			err = putBoth(tx, m, bucket, fmt.Sprintf("k%04d", i*13), fmt.Sprintf("a value of some length, number %d", i))
		}
	case "delete":
		key := drawKey.Draw(t, "key")
		delete(m.values, bucket+"/"+key)
		err = tx.Delete(bucket, key)
	case "clear":
		err = clearBoth(tx, m, bucket, drawBound.Draw(t, "from"), drawBound.Draw(t, "to"))
	case "next":
		m.counters[bucket]++
		var n uint64
		n, err = tx.Next(bucket)
		if n != m.counters[bucket] {
			t.Fatalf("the number is %d, want %d", n, m.counters[bucket])
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func putBoth(tx store.Writer, m model, bucket, key, value string) error {
	m.values[bucket+"/"+key] = value
	return tx.Put(bucket, key, []byte(value))
}

// clearBoth deletes a range: the store's is what its scan gives.
func clearBoth(tx store.Writer, m model, bucket, from, to string) error {
	for _, key := range m.keys(bucket, from, to) {
		delete(m.values, bucket+"/"+key)
	}
	var keys []string
	for key := range tx.Scan(bucket, from, to) {
		keys = append(keys, key)
	}
	for _, key := range keys {
		if err := tx.Delete(bucket, key); err != nil {
			return err
		}
	}
	return nil
}

// compare holds a transaction's view to the model.
func compare(t *rapid.T, tx store.Reader, m model) {
	for _, bucket := range []string{"a", "b", "c"} {
		from, to := drawBound.Draw(t, "from"), drawBound.Draw(t, "to")
		var keys []string
		for key, value := range tx.Scan(bucket, from, to) {
			keys = append(keys, key)
			if want := m.values[bucket+"/"+key]; string(value) != want {
				t.Fatalf("%s/%q scanned as %q, want %q", bucket, key, value, want)
			}
		}
		if want := m.keys(bucket, from, to); !slices.Equal(keys, want) {
			t.Fatalf("%s from %q to %q: scanned %q, want %q", bucket, from, to, keys, want)
		}
		compareOne(t, tx, m, bucket, drawKey.Draw(t, "key"))
	}
}

func compareOne(t *rapid.T, tx store.Reader, m model, bucket, key string) {
	want, found := m.values[bucket+"/"+key]
	if got := tx.Get(bucket, key); (got != nil) != found || string(got) != want {
		t.Fatalf("%s/%q holds %q, want %q (found: %v)", bucket, key, got, want, found)
	}
	all := m.keys(bucket, "", "")
	last, value, ok := tx.Last(bucket)
	if ok != (len(all) > 0) {
		t.Fatalf("%s: last found: %v, want %v", bucket, ok, len(all) > 0)
	}
	if ok && (last != all[len(all)-1] || string(value) != m.values[bucket+"/"+last]) {
		t.Fatalf("%s: last is %q = %q, want %q", bucket, last, value, all[len(all)-1])
	}
}
