package bolt

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"tebiki/store"
	"tebiki/store/storetest"
)

var seed = flag.Uint64("seed", 1, "of the moments at which TestKill kills")

// killPoints are numbers of acknowledged keys, small and large.
func killPoints(n int) []int {
	rng := rand.New(rand.NewPCG(*seed, 0))
	points := make([]int, n)
	for i := range points {
		points[i] = rng.IntN(1 << rng.IntN(10))
	}
	return points
}

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func openNew(t testing.TB) *Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "state", "tebiki.db"))
}

func put(key string) func(store.Writer) error {
	return func(tx store.Writer) error { return tx.Put("b", key, []byte(key)) }
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openNew(t) })
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "tebiki.db")
	for round := range uint64(3) {
		s := open(t, path)
		err := s.Update(t.Context(), func(tx store.Writer) error {
			n, err := tx.Next("b")
			if err != nil || n != round+1 {
				t.Errorf("the number is %d (%v), want %d", n, err, round+1)
			}
			if round > 0 && string(tx.Get("b", store.Seq(round))) != fmt.Sprint(round) {
				t.Errorf("what round %d wrote is gone", round)
			}
			return tx.Put("b", store.Seq(n), fmt.Append(nil, n))
		})
		if err := errors.Join(err, s.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFileModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "tebiki.db")
	open(t, path)
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tebiki.db")
	s := open(t, path)
	if err := s.Update(t.Context(), put("k")); err != nil {
		t.Fatal(err)
	}
	if out, err := child(t, "open", path).CombinedOutput(); err == nil {
		t.Error("a second process opened the file")
	} else if !strings.Contains(string(out), path) || !strings.Contains(string(out), "another process has it open") {
		t.Errorf("a second process was told: %s", out)
	}
	_, err := Open(path, Options{LockTimeout: time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Errorf("a second Open: %v", err)
	}
}

// A damaged file gives an error that names it, whatever the damage.
func TestDamage(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.db")
	s := open(t, whole)
	for i := range 20 {
		err := s.Update(t.Context(), func(tx store.Writer) error {
			for j := range 200 {
				if err := tx.Put("b", store.Seq(uint64(i*200+j)), make([]byte, 50)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	for name, damaged := range map[string][]byte{
		"another kind of file": []byte(strings.Repeat("not a database\n", 10000)),
		"a few bytes":          []byte("x"),
		"only heads":           content[:2*page],
		"cut short":            content[:10*page],
		"no heads":             append(make([]byte, 2*page), content[2*page:]...),
		"zeros inside":         append(append([]byte{}, content[:2*page]...), make([]byte, len(content)-2*page)...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tebiki.db")
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path, Options{})
			if !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), path) {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(file, "tebiki.db"), t.TempDir()} {
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), filepath.Dir(path)) {
			t.Errorf("Open %s: %v", path, err)
		}
	}
}

// Updates that wait while another runs are committed together.
func TestCommitsAreShared(t *testing.T) {
	s := openNew(t)
	started, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.Update(t.Context(), func(tx store.Writer) error {
			close(started)
			<-release
			return put("first")(tx)
		})
	})
	<-started
	const waiting = 50
	for i := range waiting {
		wg.Go(func() {
			if err := s.Update(t.Context(), put(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	for s.queued() < waiting {
		runtime.Gosched() // no event tells of a request in the queue
	}
	close(release)
	wg.Wait()
	if st := s.Stats(); st.Updates != waiting+1 || st.Commits != 2 || st.FileBytes == 0 {
		t.Errorf("the figures are %+v, want %d updates in 2 commits", st, waiting+1)
	}
}

func (s *Store) queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

// An Update that writes nothing needs no commit.
func TestNothingToCommit(t *testing.T) {
	s := openNew(t)
	err := s.Update(t.Context(), func(tx store.Writer) error { return tx.Delete("b", "none") })
	if st := s.Stats(); err != nil || st.Commits != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// When the last sync of a commit fails nobody knows what is on the disk, and
// the store takes no more calls.
func TestDoubt(t *testing.T) {
	s := openNew(t)
	s.commitTx = func(tx *bbolt.Tx) error {
		return errors.Join(tx.Commit(), syscall.EIO)
	}
	ctx := context.Background()
	if err := s.Update(ctx, put("k")); !errors.Is(err, syscall.EIO) {
		t.Errorf("the Update that failed: %v", err)
	}
	s.commitTx = (*bbolt.Tx).Commit
	if err := s.Update(ctx, put("k")); !errors.Is(err, syscall.EIO) {
		t.Errorf("an Update after it: %v", err)
	}
	err := s.View(ctx, func(store.Reader) error { t.Error("View called its function"); return nil })
	if !errors.Is(err, syscall.EIO) {
		t.Errorf("a View after it: %v", err)
	}
}

// A commit that failed before anything became visible leaves the store usable,
// and its error goes also to those whose function failed for what they saw.
func TestFailedCommit(t *testing.T) {
	s := openNew(t)
	s.commitTx = func(tx *bbolt.Tx) error {
		return errors.Join(tx.Rollback(), syscall.ENOSPC)
	}
	if err := s.Update(t.Context(), put("k")); !errors.Is(err, store.ErrFull) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Update: %v, want %v", err, store.ErrFull)
	}
	s.commitTx = (*bbolt.Tx).Commit
	if err := s.Update(t.Context(), put("k")); err != nil {
		t.Errorf("Update after it: %v", err)
	}
}
