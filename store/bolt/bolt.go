// Package bolt keeps a store.Store in one bbolt file: the default, no server
// needed. One process at a time has the file open.
//
// Data's way: Update puts a request into a queue. One goroutine, the writer,
// takes all that wait, opens one bolt transaction, gives it to each caller in
// turn to run its function, commits, and answers them all. So a commit is
// shared by as many as came during the one before, and nobody waits for
// company: a lone caller pays for its own commit and no more. What a function
// that fails has written is taken back step by step, and the others go on.
//
// Functions run in their callers' goroutines, so a panic unwinds the caller
// that caused it and nobody else.
//
// Stored: a bolt bucket for each bucket, its sequence as the counter. This
// package adds none of its own.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	bbolt "go.etcd.io/bbolt"

	"tebiki/store"
)

// Options are what may differ from one use to another.
type Options struct {
	// LockTimeout is how long Open waits for another process to let the file
	// go; zero means 2 s, about what a service manager's restart needs.
	LockTimeout time.Duration
}

// Store is a store.Store in one file.
type Store struct {
	db   *bbolt.DB
	path string
	life context.Context // ends at Close
	end  context.CancelFunc

	mu      sync.Mutex
	arrived sync.Cond // something for the writer: a request, or the closing
	queue   []*request
	closed  bool
	doubt   error // after a commit of which nobody knows whether it is stored

	written  chan struct{} // closed when the writer has ended
	commitTx func(*bbolt.Tx) error
	commits  atomic.Uint64
	updates  atomic.Uint64
}

// Open opens the file at path, and makes it and its folder if there is none.
func Open(path string, opts Options) (*Store, error) {
	if opts.LockTimeout == 0 {
		opts.LockTimeout = 2 * time.Second
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the store's folder: %w", err)
	}
	db, err := openFile(path, opts.LockTimeout)
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", path, explainOpen(err))
	}
	s := &Store{db: db, path: path, written: make(chan struct{}), commitTx: (*bbolt.Tx).Commit}
	s.arrived.L = &s.mu
	s.life, s.end = context.WithCancel(context.Background())
	go s.write()
	return s, nil
}

func openFile(path string, lockTimeout time.Duration) (*bbolt.DB, error) {
	info, err := os.Stat(path)
	isNew := errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0
	if !isNew {
		if err := checkPages(path, lockTimeout); err != nil {
			return nil, err
		}
	}
	var db *bbolt.DB
	err = guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout: lockTimeout,
			// The free list is built anew at opening (0.2 s for 100k free
			// pages) instead of being written with every commit.
			NoFreelistSync:  true,
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: mapSize(),
		})
		return err
	})
	if err == nil && isNew {
		err = syncFolder(filepath.Dir(path))
	}
	return db, err
}

// mapSize is how much address space is set apart for the file to grow in. To
// grow beyond it bolt waits for every View under way, and no other can begin.
func mapSize() int {
	if math.MaxInt == math.MaxInt32 {
		return 64 << 20
	}
	return 1 << 30
}

// View runs fn on what was committed when it began. A View that runs long
// keeps the pages that it sees from being used again: the file grows.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := s.db.Begin(false)
	if err != nil {
		return s.explainBegin(err)
	}
	defer func() { _ = tx.Rollback() }() // of a read transaction: cannot fail
	return fn(reader{tx})
}

// usable tells why the store takes no more calls.
func (s *Store) usable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	return s.doubt
}

// Lead gives at once a context that lasts until Close.
func (s *Store) Lead(ctx context.Context) (context.Context, error) {
	return store.LeadAlone(ctx, s.life)
}

// Close lets the Updates that wait be committed, waits for the Views under
// way, and gives the file free.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.arrived.Signal()
	s.mu.Unlock()
	s.end()
	<-s.written
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close the store %s: %w", s.path, err)
	}
	return nil
}

// Stats are cheap figures for metrics.
type Stats struct {
	FileBytes int64  // the file's size, which never shrinks
	FreeBytes int64  // of these, free to be used again
	Updates   uint64 // functions whose writes were committed, since Open
	Commits   uint64 // commits that held them
}

// Stats gives the figures of this moment.
func (s *Store) Stats() Stats {
	st := Stats{Updates: s.updates.Load(), Commits: s.commits.Load()}
	if info, err := os.Stat(s.path); err == nil {
		st.FileBytes = info.Size()
	}
	pages := s.db.Stats()
	st.FreeBytes = int64(pages.FreePageN+pages.PendingPageN) * int64(os.Getpagesize())
	return st
}
