//go:build unix

package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tebiki/store"
)

// TestFull runs in a process that may write no file above a limit, which the
// kernel refuses much as it refuses on a full disk.
func TestFull(t *testing.T) {
	out, err := child(t, "fill a small disk", filepath.Join(t.TempDir(), "tebiki.db")).CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "all is well\n") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// fillSmallDisk writes until the limit, and goes on when it is raised.
func fillSmallDisk(path string, out io.Writer) error {
	const limit = 24 << 20
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	small := syscall.Rlimit{Cur: limit, Max: before.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	s, err := Open(path, Options{})
	if err != nil {
		return err
	}
	stored, err := fill(s, 1000)
	if !errors.Is(err, store.ErrFull) || stored < 10 {
		return fmt.Errorf("after %d values: %v, want %v", stored, err, store.ErrFull)
	}
	for range 3 { // it stays so, and what is there can be read
		if err := putOne(s, stored); !errors.Is(err, store.ErrFull) {
			return fmt.Errorf("still full: %v, want %v", err, store.ErrFull)
		}
		if err := wantStored(s, stored); err != nil {
			return err
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	if err := putOne(s, stored); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	if err := errors.Join(wantStored(s, stored+1), s.Close()); err != nil {
		return err
	}
	if s, err = Open(path, Options{}); err != nil {
		return err
	}
	if err := errors.Join(wantStored(s, stored+1), s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "all is well")
	return err
}

// fill puts up to n large values and gives how many were stored.
func fill(s *Store, n int) (stored int, err error) {
	for stored < n {
		if err := putOne(s, stored); err != nil {
			return stored, err
		}
		stored++
	}
	return stored, nil
}

func putOne(s *Store, i int) error {
	return s.Update(context.Background(), func(tx store.Writer) error {
		return tx.Put("b", store.Seq(uint64(i)), bytes.Repeat([]byte{byte(i)}, 256<<10))
	})
}

func wantStored(s *Store, want int) error {
	return s.View(context.Background(), func(tx store.Reader) error {
		n := 0
		for key, value := range tx.Scan("b", "", "") {
			if key != store.Seq(uint64(n)) || !bytes.Equal(value, bytes.Repeat([]byte{byte(n)}, 256<<10)) {
				return fmt.Errorf("value %d is not as it was put", n)
			}
			n++
		}
		if n != want {
			return fmt.Errorf("%d values are stored, want %d", n, want)
		}
		return nil
	})
}
