package storetest

import (
	"context"
	"sync"

	"tebiki/store"
)

// Faulty is a store whose commits can be made to fail, as on a full disk: the
// function runs, and nothing of it is written. Reading goes on.
type Faulty struct {
	store.Store
	mu  sync.Mutex
	err error
}

// NewFaulty gives a store that does as s does until it is told to fail.
func NewFaulty(s store.Store) *Faulty { return &Faulty{Store: s} }

// Fail makes every Update that commits from now on return err, until Fail(nil).
func (f *Faulty) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// Update runs fn, and fails in the place of its commit when told so.
func (f *Faulty) Update(ctx context.Context, fn func(store.Writer) error) error {
	return f.Store.Update(ctx, func(tx store.Writer) error {
		if err := fn(tx); err != nil {
			return err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.err
	})
}
