package bolt

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	bbolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"tebiki/store"
)

// errUnfinished stands for the result of a function that gave none.
var errUnfinished = errors.New("the function did not return")

// errDamaged is what Open says of a file that bolt cannot have written so.
var errDamaged = errors.New("the file is damaged: move it away, and put a backup in its place or start with an empty one")

// explainOpen says what to do about an error of opening.
func explainOpen(err error) error {
	damage := []error{berrors.ErrInvalid, berrors.ErrChecksum, berrors.ErrVersionMismatch}
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return errors.New("another process has it open: stop that one, or give this one another data folder")
	case strings.HasPrefix(err.Error(), "file size too small"):
		return fmt.Errorf("%w (%w)", errDamaged, err)
	}
	for _, d := range damage {
		if errors.Is(err, d) {
			return fmt.Errorf("%w (%w)", errDamaged, err)
		}
	}
	return explainFull(err)
}

func (s *Store) explainBegin(err error) error {
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	return fmt.Errorf("begin a transaction in %s: %w", s.path, err)
}

// explainCommit finds out what a failed commit has left. Bolt writes its data,
// syncs, writes the page that makes it valid, and syncs again. If that page
// was written and only the last sync failed, readers see what may not be on
// the disk, and nobody can tell: then the store takes no more calls.
func (s *Store) explainCommit(err error, id int) error {
	err = fmt.Errorf("commit to %s: %w", s.path, explainFull(err))
	tx, beginErr := s.db.Begin(false)
	if beginErr != nil {
		return fmt.Errorf("%w; then: %w", err, beginErr)
	}
	visible := tx.ID() >= id
	_ = tx.Rollback() // of a read transaction: cannot fail
	if !visible {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doubt = fmt.Errorf("the store is shut because a sync failed and it is unknown what is on the disk: check the disk and start again: %w", err)
	return s.doubt
}

// explainFull wraps ErrFull around the errors that mean it. It goes by their
// text because bolt has not kept all of them as values.
func explainFull(err error) error {
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if strings.Contains(err.Error(), full.Error()) {
			return fmt.Errorf("%w (free some, or raise the limit): %w", store.ErrFull, err)
		}
	}
	return err
}

// checkPages visits the head of every page. Bolt does so as well, but in a
// goroutine of its own, where a damaged page ends the process with a panic
// that tells an operator nothing.
func checkPages(path string, lockTimeout time.Duration) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return err
	}
	err = guard(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
				if b == nil {
					return errors.New("a value outside of every bucket")
				}
				b.Stats()
				return nil
			})
		})
	})
	if err != nil && !errors.Is(err, errDamaged) {
		err = fmt.Errorf("%w (%w)", errDamaged, err)
	}
	return errors.Join(err, db.Close())
}

// guard turns a panic, or a fault in reading the mapped file, into errDamaged.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w (%v)", errDamaged, r)
		}
	}()
	return fn()
}

// syncFolder makes a new file's name as durable as its content.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // there a folder cannot be synced, and need not be
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
