package storetest

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"tebiki/store"
)

func next(t *testing.T, s store.Store, bucket string) (n uint64) {
	t.Helper()
	update(t, s, func(tx store.Writer) (err error) {
		n, err = tx.Next(bucket)
		return err
	})
	return n
}

func testCounters(t *testing.T, s store.Store) {
	for want := uint64(1); want <= 3; want++ {
		if got := next(t, s, "b"); got != want {
			t.Errorf("the number is %d, want %d", got, want)
		}
	}
	if got := next(t, s, "other"); got != 1 {
		t.Errorf("another bucket's first number is %d, want 1", got)
	}
	err := s.Update(context.Background(), func(tx store.Writer) error {
		for range 5 {
			if _, err := tx.Next("b"); err != nil {
				return err
			}
		}
		return errOwn
	})
	if err != errOwn {
		t.Fatalf("Update: %v", err)
	}
	update(t, s, func(tx store.Writer) error {
		if err := tx.Put("b", "k", nil); err != nil {
			return err
		}
		return tx.Delete("b", "k")
	})
	if got := next(t, s, "b"); got != 4 {
		t.Errorf("after a rollback and a delete the number is %d, want 4", got)
	}
	if got := scan(t, s, "b", "", ""); len(got) > 0 {
		t.Errorf("counting left the keys %q", got)
	}
}

// spoil makes every kind of change to what testX put first.
func spoil(tx store.Writer) error {
	_, err := tx.Next("new")
	return errors.Join(err,
		tx.Put("b", "changed", []byte("x")), tx.Put("b", "changed", []byte("y")),
		tx.Delete("b", "deleted"),
		tx.Delete("b", "replaced"), tx.Put("b", "replaced", []byte("x")),
		tx.Put("b", "added", []byte("x")),
		tx.Put("b", "brief", []byte("x")), tx.Delete("b", "brief"),
		tx.Put("new", "k", []byte("x")))
}

func beforeSpoil(t *testing.T, s store.Store) {
	t.Helper()
	for _, key := range []string{"changed", "deleted", "replaced"} {
		put(t, s, "b", key, "old")
	}
}

func wantUnspoilt(t *testing.T, s store.Store) {
	t.Helper()
	for _, key := range []string{"changed", "deleted", "replaced"} {
		wantValue(t, s, "b", key, `"old"`)
	}
	wantValue(t, s, "b", "added", "none")
	wantValue(t, s, "b", "brief", "none")
	wantValue(t, s, "new", "k", "none")
	if got := next(t, s, "new"); got != 1 {
		t.Errorf("the first number is %d: the counter was not rolled back", got)
	}
}

func testRollback(t *testing.T, s store.Store) {
	beforeSpoil(t, s)
	err := s.Update(context.Background(), func(tx store.Writer) error {
		return errors.Join(spoil(tx), errOwn)
	})
	if !errors.Is(err, errOwn) {
		t.Fatalf("Update: %v, want %v", err, errOwn)
	}
	wantUnspoilt(t, s)
	err = s.View(context.Background(), func(store.Reader) error { return errOwn })
	if err != errOwn {
		t.Errorf("View: %v, want %v", err, errOwn)
	}
}

func testPanic(t *testing.T, s store.Store) {
	beforeSpoil(t, s)
	func() {
		defer func() {
			if r := recover(); r != "on purpose" {
				t.Errorf("the caller recovered %v", r)
			}
		}()
		err := s.Update(context.Background(), func(tx store.Writer) error {
			if err := spoil(tx); err != nil {
				t.Error(err)
			}
			panic("on purpose")
		})
		t.Errorf("Update returned %v", err)
	}()
	wantUnspoilt(t, s)
}

// testGoexit ends the caller's goroutine inside a function, as t.Fatal does.
func testGoexit(t *testing.T, s store.Store) {
	beforeSpoil(t, s)
	returned := false
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Update(context.Background(), func(tx store.Writer) error {
			if err := spoil(tx); err != nil {
				t.Error(err)
			}
			runtime.Goexit()
			return nil
		})
		returned = true
	}()
	<-ended
	if returned {
		t.Error("Update returned from a function that did not")
	}
	wantUnspoilt(t, s)
}
