package storetest

import (
	"context"
	"errors"
	"testing"

	"tebiki/store"
)

func testContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.Update(ctx, func(store.Writer) error {
		t.Error("Update called the function")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update: %v, want %v", err, context.Canceled)
	}
	err = s.View(ctx, func(store.Reader) error {
		t.Error("View called the function")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("View: %v, want %v", err, context.Canceled)
	}
}

// hold runs an Update that stays in its function until release is called;
// release waits for its end and gives its error.
func hold(s store.Store) (release func() error) {
	started, letGo, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.Update(context.Background(), func(tx store.Writer) error {
			close(started)
			<-letGo
			return tx.Put("held", "k", []byte("v"))
		})
	}()
	<-started
	return func() error {
		close(letGo)
		return <-ended
	}
}

func testContextWaiting(t *testing.T, s store.Store) {
	release := hold(s)
	ctx, cancel := context.WithCancel(context.Background())
	waiting := make(chan error)
	go func() {
		waiting <- s.Update(ctx, func(tx store.Writer) error {
			return tx.Put("b", "k", []byte("v"))
		})
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("Update: %v, want %v", err, context.Canceled)
	}
	if err := release(); err != nil {
		t.Errorf("the Update before: %v", err)
	}
	put(t, s, "b", "after", "v")
	wantValue(t, s, "b", "k", "none")
	wantValue(t, s, "held", "k", `"v"`)
}

func testLead(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	mine, err := s.Lead(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if mine.Err() != nil {
		t.Fatalf("the lease began ended: %v", mine.Err())
	}
	if err := s.Update(mine, func(tx store.Writer) error { return tx.Put("b", "k", nil) }); err != nil {
		t.Errorf("Update under the lease: %v", err)
	}
	cancel()
	<-mine.Done()
	ended := make(chan struct{})
	again, err := s.Lead(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(again, func() { close(ended) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-ended
	if _, err := s.Lead(context.Background()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Lead on a closed store: %v, want %v", err, store.ErrClosed)
	}
}

func testClose(t *testing.T, s store.Store) {
	put(t, s, "b", "k", "v")
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	err := s.Update(context.Background(), func(store.Writer) error {
		t.Error("Update called the function")
		return nil
	})
	if !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: %v, want %v", err, store.ErrClosed)
	}
	err = s.View(context.Background(), func(store.Reader) error {
		t.Error("View called the function")
		return nil
	})
	if !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: %v, want %v", err, store.ErrClosed)
	}
}

// testCloseWaits closes while one Update runs and others wait: each of them
// either is written or says that the store is closed.
func testCloseWaits(t *testing.T, s store.Store) {
	release := hold(s)
	const waiting = 10
	done := make(chan error)
	for range waiting {
		go func() {
			done <- s.Update(context.Background(), func(tx store.Writer) error {
				return tx.Put("b", "k", nil)
			})
		}()
	}
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	if err := release(); err != nil {
		t.Errorf("the Update that ran: %v", err)
	}
	for range waiting {
		if err := <-done; err != nil && !errors.Is(err, store.ErrClosed) {
			t.Errorf("an Update that waited: %v", err)
		}
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}
