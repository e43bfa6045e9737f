package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tebiki/store"
)

func testValues(t *testing.T, s store.Store) {
	wantValue(t, s, "b", "k", "none")
	put(t, s, "b", "k", "one")
	put(t, s, "b", "k", "two")
	put(t, s, "other", "k", "three")
	wantValue(t, s, "b", "k", `"two"`)
	wantValue(t, s, "other", "k", `"three"`)
	wantValue(t, s, "b", "K", "none")

	put(t, s, "b", "empty", "")
	update(t, s, func(tx store.Writer) error { return tx.Put("b", "nil", nil) })
	wantValue(t, s, "b", "empty", `""`)
	wantValue(t, s, "b", "nil", `""`)

	big := strings.Repeat("0123456789abcdef", 1<<14)
	put(t, s, "b", "big", big)
	wantValue(t, s, "b", "big", fmt.Sprintf("%q", big))

	update(t, s, func(tx store.Writer) error {
		if err := tx.Put("b", "nil", nil); err != nil {
			return err
		}
		if tx.Get("b", "nil") == nil {
			t.Error("an empty value is not seen by the function that put it")
		}
		if err := tx.Delete("no bucket", "k"); err != nil {
			return err
		}
		if err := tx.Delete("b", "no key"); err != nil {
			return err
		}
		if err := tx.Delete("b", "empty"); err != nil {
			return err
		}
		return tx.Delete("b", "k")
	})
	wantValue(t, s, "b", "k", "none")
	wantValue(t, s, "b", "empty", "none")
	wantValue(t, s, "other", "k", `"three"`)
}

// testCopies changes a value after the function returned, when a store that
// shares commits may not have written it yet.
func testCopies(t *testing.T, s store.Store) {
	const callers = 20
	done := make(chan error)
	for i := range callers {
		go func() {
			value := []byte("as it was")
			err := s.Update(context.Background(), func(tx store.Writer) error {
				defer copy(value, "CHANGED!!")
				return tx.Put("b", fmt.Sprint(i), value)
			})
			copy(value, "CHANGED!!")
			done <- err
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for i := range callers {
		wantValue(t, s, "b", fmt.Sprint(i), `"as it was"`)
	}
}

func testKeys(t *testing.T, s store.Store) {
	keys := []string{"\x00", "\x00\x00", "\x00\xff", " ", "a", "a\x00", "a/b", "aa", "b", "\x7f", "\x80", "\xc3\xa9", "\xff", "\xff\xff", strings.Repeat("\xff", store.MaxKey)}
	for _, key := range slices.Backward(keys) {
		put(t, s, "b", key, key)
	}
	for _, key := range keys {
		wantValue(t, s, "b", key, fmt.Sprintf("%q", key))
	}
	if got := scan(t, s, "b", "", ""); !slices.Equal(got, keys) {
		t.Errorf("scanned %q, want %q", got, keys)
	}
}

func testRefusedKeys(t *testing.T, s store.Store) {
	refused := []struct{ bucket, key string }{
		{"b", ""}, {"", "k"}, {"b", strings.Repeat("k", store.MaxKey+1)},
	}
	for _, r := range refused {
		update(t, s, func(tx store.Writer) error {
			if err := tx.Put(r.bucket, r.key, []byte("v")); err == nil {
				t.Errorf("put %q/%.10q: no error", r.bucket, r.key)
			}
			if err := tx.Delete(r.bucket, r.key); err == nil {
				t.Errorf("delete %q/%.10q: no error", r.bucket, r.key)
			}
			if tx.Get(r.bucket, r.key) != nil {
				t.Errorf("get %q/%.10q: found something", r.bucket, r.key)
			}
			return nil
		})
	}
	update(t, s, func(tx store.Writer) error {
		if _, err := tx.Next(""); err == nil {
			t.Error("a counter without a name: no error")
		}
		return nil
	})
	if got := scan(t, s, "", "", ""); len(got) > 0 {
		t.Errorf("a bucket without a name holds %q", got)
	}
}

// scan gives the keys of a committed range.
func scan(t *testing.T, s store.Store, bucket, from, to string) (keys []string) {
	t.Helper()
	err := s.View(context.Background(), func(tx store.Reader) error {
		keys = nil
		for key := range tx.Scan(bucket, from, to) {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	return keys
}

func testScan(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Writer) error {
		for key := range tx.Scan("b", "", "") {
			t.Errorf("a bucket that does not exist holds %q", key)
		}
		for i := range 1000 {
			if err := tx.Put("b", fmt.Sprintf("%03d", 999-i), []byte{byte(i)}); err != nil {
				return err
			}
		}
		return tx.Put("c", "0", nil)
	})
	ranges := []struct {
		from, to    string
		n           int
		first, last string
	}{
		{"", "", 1000, "000", "999"},
		{"500", "", 500, "500", "999"},
		{"", "500", 500, "000", "499"},
		{"100", "200", 100, "100", "199"},
		{"1000", "2000", 100, "101", "200"},
		{"100\x00", "101\x00", 1, "101", "101"},
		{"500", "500", 0, "", ""},
		{"600", "500", 0, "", ""},
		{"a", "", 0, "", ""},
		{"", "0", 0, "", ""},
	}
	for _, r := range ranges {
		got := scan(t, s, "b", r.from, r.to)
		if len(got) != r.n || !slices.IsSorted(got) {
			t.Errorf("from %q to %q: %d keys (in order: %v), want %d", r.from, r.to, len(got), slices.IsSorted(got), r.n)
		} else if r.n > 0 && (got[0] != r.first || got[r.n-1] != r.last) {
			t.Errorf("from %q to %q: %s to %s, want %s to %s", r.from, r.to, got[0], got[r.n-1], r.first, r.last)
		}
	}
	testScanStops(t, s)
}

func testScanStops(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Writer) error {
		n := 0
		for key, value := range tx.Scan("b", "500", "") {
			if key != "500" || value[0] != byte(499%256) {
				t.Errorf("the first from 500 is %s = %v", key, value)
			}
			n++
			break
		}
		if n != 1 {
			t.Errorf("a walk that was stopped yielded %d keys", n)
		}
		return nil
	})
}

func testLast(t *testing.T, s store.Store) {
	last := func(tx store.Reader) string {
		key, value, ok := tx.Last("b")
		return fmt.Sprintf("%s %s %v", key, value, ok)
	}
	expect := func(tx store.Reader, want string) {
		t.Helper()
		if got := last(tx); got != want {
			t.Errorf("last is %q, want %q", got, want)
		}
	}
	update(t, s, func(tx store.Writer) error {
		expect(tx, "  false")
		for i := range 500 {
			if err := tx.Put("b", store.Seq(uint64(i)), []byte("v")); err != nil {
				return err
			}
		}
		return tx.Put("b", "z", []byte("last"))
	})
	update(t, s, func(tx store.Writer) error {
		expect(tx, "z last true")
		return tx.Delete("b", "z")
	})
	update(t, s, func(tx store.Writer) error {
		for i := range 500 {
			expect(tx, store.Seq(uint64(499-i))+" v true")
			if err := tx.Delete("b", store.Seq(uint64(499-i))); err != nil {
				return err
			}
		}
		expect(tx, "  false")
		return nil
	})
}
