package storetest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"tebiki/store"
)

const callers, rounds = 16, 20

// together runs fn in many goroutines at once and waits for them.
func together(n int, fn func(caller int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}

// add is the read-modify-write that loses counts unless updates are
// serialisable.
func add(tx store.Writer, key string, n int) error {
	sum, err := number(tx, key)
	if err != nil {
		return err
	}
	return tx.Put("sum", key, []byte(strconv.Itoa(sum+n)))
}

func number(tx store.Reader, key string) (int, error) {
	b := tx.Get("sum", key)
	if b == nil {
		return 0, nil
	}
	return strconv.Atoi(string(b))
}

func testConcurrentUpdates(t *testing.T, s store.Store) {
	var mu sync.Mutex
	seen := map[uint64]bool{}
	together(callers, func(int) {
		before := uint64(0)
		for range rounds {
			var n uint64
			err := s.Update(context.Background(), func(tx store.Writer) (err error) {
				if n, err = tx.Next("log"); err != nil {
					return err
				}
				if key, _, ok := tx.Last("log"); ok && key >= store.Seq(n) {
					t.Errorf("number %d was given after %x was written", n, key)
				}
				if err := tx.Put("log", store.Seq(n), nil); err != nil {
					return err
				}
				return add(tx, "total", 1)
			})
			if err != nil || n <= before {
				t.Errorf("number %d after %d: %v", n, before, err)
			}
			before = n
			mu.Lock()
			seen[n] = true
			mu.Unlock()
		}
	})
	if len(seen) != callers*rounds {
		t.Errorf("%d numbers were given, want %d", len(seen), callers*rounds)
	}
	wantValue(t, s, "sum", "total", fmt.Sprintf("%q", strconv.Itoa(callers*rounds)))
}

// testConcurrentFailures mixes functions that fail, panic and are withdrawn
// among others, which must neither notice nor keep anything of them.
func testConcurrentFailures(t *testing.T, s store.Store) {
	together(callers, func(caller int) {
		for round := range rounds {
			ctx, cancel := context.WithCancel(context.Background())
			want := failOne(ctx, cancel, s, caller, round)
			if !want {
				t.Errorf("caller %d, round %d (kind %d): not the result its function has", caller, round, (caller+round)%4)
			}
			cancel()
		}
	})
	total := callers * rounds / 4
	wantValue(t, s, "sum", "good", fmt.Sprintf("%q", strconv.Itoa(total)))
	wantValue(t, s, "sum", "bad", "none")
	if got := next(t, s, "n"); got != uint64(total+1) {
		t.Errorf("the next number is %d, want %d", got, total+1)
	}
}

// failOne makes one call of one of four kinds and tells whether it ended as
// that kind must.
func failOne(ctx context.Context, cancel func(), s store.Store, caller, round int) (asItMust bool) {
	kind := (caller + round) % 4
	defer func() {
		if r := recover(); r != nil {
			asItMust = kind == 2
		}
	}()
	if kind == 3 {
		cancel()
	}
	err := s.Update(ctx, func(tx store.Writer) error {
		if _, err := tx.Next("n"); err != nil {
			return err
		}
		switch kind {
		case 0:
			return add(tx, "good", 1)
		case 1:
			if err := add(tx, "good", 1000); err != nil {
				return err
			}
			return fmt.Errorf("left out: %w", errOwn)
		case 2:
			if err := tx.Delete("sum", "good"); err != nil {
				return err
			}
			panic("left out")
		default:
			return add(tx, "bad", 1)
		}
	})
	return (err == nil) == (kind == 0) && kind != 2
}

func testConcurrentViews(t *testing.T, s store.Store) {
	together(callers, func(caller int) {
		for round := range rounds {
			if caller%2 == 0 {
				err := s.Update(context.Background(), func(tx store.Writer) error {
					if err := add(tx, "left", round+1); err != nil {
						return err
					}
					return add(tx, "right", -round-1)
				})
				if err != nil {
					t.Error(err)
				}
				continue
			}
			err := s.View(context.Background(), func(tx store.Reader) error {
				left, err := number(tx, "left")
				if err != nil {
					return err
				}
				right, err := number(tx, "right")
				if left+right != 0 {
					t.Errorf("left %d, right %d: a commit was seen in part", left, right)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}
