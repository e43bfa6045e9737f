// Package storetest holds what every implementation of store.Store has to
// pass, and a store that fails on demand for the tests of those who use one.
//
// An implementation's test calls Run with a function that opens an empty
// store. What only it can do (reopening, surviving a kill) it tests itself.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tebiki/store"
)

// Run holds the stores that open gives to the contract in package store. Each
// test opens its own and closes it.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	tests := []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"values", testValues},
		{"value bytes are copied", testCopies},
		{"keys", testKeys},
		{"refused keys", testRefusedKeys},
		{"scan", testScan},
		{"last", testLast},
		{"counters", testCounters},
		{"an error rolls back", testRollback},
		{"a panic rolls back", testPanic},
		{"a function that ends its goroutine rolls back", testGoexit},
		{"an ended context", testContext},
		{"a context that ends while waiting", testContextWaiting},
		{"lead", testLead},
		{"close", testClose},
		{"close waits for a function", testCloseWaits},
		{"updates at once", testConcurrentUpdates},
		{"failures among updates at once", testConcurrentFailures},
		{"views see commits whole", testConcurrentViews},
		{"random transactions", testModel},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			tt.test(t, s)
		})
	}
}

var errOwn = errors.New("the function's own error")

func update(t *testing.T, s store.Store, fn func(store.Writer) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func put(t *testing.T, s store.Store, bucket, key, value string) {
	t.Helper()
	update(t, s, func(tx store.Writer) error { return tx.Put(bucket, key, []byte(value)) })
}

// get gives the committed value under key, quoted, or "none".
func get(t *testing.T, s store.Store, bucket, key string) string {
	t.Helper()
	got := "none"
	err := s.View(context.Background(), func(tx store.Reader) error {
		if v := tx.Get(bucket, key); v != nil {
			got = fmt.Sprintf("%q", v)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	return got
}

func wantValue(t *testing.T, s store.Store, bucket, key, want string) {
	t.Helper()
	if got := get(t, s, bucket, key); got != want {
		t.Errorf("%s/%q holds %s, want %s", bucket, key, got, want)
	}
}
