package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"

	"tebiki/store"
	"tebiki/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.NewMemory() })
}

// A View keeps the state it began with, and holds up no Update.
func TestMemoryViewIsASnapshot(t *testing.T) {
	m := store.NewMemory()
	put := func(tx store.Writer) error { return tx.Put("b", "k", []byte("v")) }
	err := m.View(context.Background(), func(tx store.Reader) error {
		if err := m.Update(context.Background(), put); err != nil {
			return err
		}
		if v := tx.Get("b", "k"); v != nil {
			t.Errorf("a View sees the later %q", v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFaulty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := storetest.NewFaulty(store.NewMemory())
		ran := 0
		put := func(tx store.Writer) error {
			ran++
			return tx.Put("b", fmt.Sprint(ran), nil)
		}
		f.Fail(store.ErrFull)
		if err := f.Update(t.Context(), put); !errors.Is(err, store.ErrFull) {
			t.Errorf("Update: %v, want %v", err, store.ErrFull)
		}
		f.Fail(nil)
		if err := f.Update(t.Context(), put); err != nil {
			t.Errorf("Update: %v", err)
		}
		_ = f.View(t.Context(), func(tx store.Reader) error {
			if tx.Get("b", "1") != nil || tx.Get("b", "2") == nil {
				t.Error("the failed Update was written, or the good one was not")
			}
			return nil
		})
		if ran != 2 {
			t.Errorf("%d functions ran, want 2", ran)
		}
	})
}

func TestSeq(t *testing.T) {
	numbers := []uint64{0, 1, 255, 256, 1 << 32, math.MaxUint64}
	for i, n := range numbers {
		if got, err := store.ParseSeq(store.Seq(n)); got != n || err != nil {
			t.Errorf("%d came back as %d, %v", n, got, err)
		}
		if i > 0 && store.Seq(n) <= store.Seq(numbers[i-1]) {
			t.Errorf("%d is not ordered after %d", n, numbers[i-1])
		}
	}
	for _, key := range []string{"", "short", "too long a key"} {
		if n, err := store.ParseSeq(key); err == nil {
			t.Errorf("%q was read as %d", key, n)
		}
	}
}

func TestEncoding(t *testing.T) {
	type page struct{ Person string }
	m := store.NewMemory()
	err := m.Update(t.Context(), func(tx store.Writer) error {
		if err := store.Put(tx, "b", "k", 2, page{"mori"}); err != nil {
			return err
		}
		return tx.Put("b", "bad", []byte("\x01{"))
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = m.View(t.Context(), func(tx store.Reader) error {
		var p page
		if found, err := store.Get(tx, "b", "k", 2, &p); !found || err != nil || p.Person != "mori" {
			t.Errorf("got %v, %v, %v", p, found, err)
		}
		if found, err := store.Get(tx, "b", "none", 2, &p); found || err != nil {
			t.Errorf("nothing was read as %v, %v", found, err)
		}
		for _, bad := range []struct {
			key    string
			newest byte
		}{{"k", 1}, {"bad", 1}} {
			if _, err := store.Get(tx, "b", bad.key, bad.newest, &p); err == nil {
				t.Errorf("%s was read up to version %d", bad.key, bad.newest)
			}
		}
		return nil
	})
	for _, data := range []string{"", "\x00{}", "\x03{}", "\x01"} {
		if _, err := store.Decode([]byte(data), 2, new(page)); err == nil {
			t.Errorf("%q was decoded", data)
		}
	}
}

func BenchmarkMemoryUpdate(b *testing.B) {
	m := store.NewMemory()
	for i := range b.N {
		err := m.Update(b.Context(), func(tx store.Writer) error {
			return tx.Put("b", store.Seq(uint64(i)), []byte("value"))
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
