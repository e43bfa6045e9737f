// Package source keeps the newest good know-how in memory: it reads a folder
// whole, parses it, and puts an immutable Snapshot in the place of the last.
// A folder that does not parse changes nothing but the Snapshot's Fault, so
// people are helped with what was right yesterday while somebody corrects
// today's.
//
// The data's way: origin (a folder, or files embedded in the program) ->
// knowhow.Load -> Snapshot, which readers take with Current and never wait for.
package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tebiki/knowhow"
)

// A Snapshot is the know-how as it was at one moment. It never changes.
type Snapshot struct {
	Base   *knowhow.Base // never nil; empty until something was loaded
	ID     string        // identifies the content; "" until something was loaded
	Loaded time.Time     // when this content was first seen
	Fault  error         // why the newest try gave nothing better: knowhow.Faults, or that the folder cannot be read
}

// A Source reloads know-how from one place. Its methods may be called by any
// number of goroutines.
type Source struct {
	origin  origin
	log     *slog.Logger
	current atomic.Pointer[Snapshot]

	mu   sync.Mutex // held while loading
	seen string     // the stamp of what was loaded last, good or not
}

// An origin is where the files are.
type origin interface {
	// open gives the files as they are now; the caller closes them.
	open() (tree, error)
}

// A tree is one state of the files.
type tree struct {
	files  fs.FS
	change func(path string) knowhow.Change
	close  func() error
}

func newSource(o origin, log *slog.Logger) *Source {
	s := &Source{origin: o, log: log}
	s.current.Store(&Snapshot{Base: new(knowhow.Base)})
	return s
}

// Current gives the newest snapshot at once.
func (s *Source) Current() *Snapshot { return s.current.Load() }

// Reload reads everything now. Its error is also the new snapshot's Fault.
func (s *Source) Reload(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.load(ctx, true)
	return err
}

// Run looks for changes until ctx is done, and logs what became of each.
func (s *Source) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.look(ctx)
		}
	}
}

func (s *Source) look(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.Current()
	tried, err := s.load(ctx, false)
	now := s.Current()
	switch {
	case !tried || ctx.Err() != nil:
	case err != nil:
		s.log.Warn("the know-how does not load; what was loaded before stays in use", "id", now.ID, "fault", err)
	case now.ID != before.ID:
		s.log.Info("know-how loaded", "id", now.ID, "components", len(now.Base.Components()), "warnings", len(now.Base.Warnings()))
	case before.Fault != nil:
		s.log.Info("the know-how loads again", "id", now.ID)
	}
}

// load reads the files if they changed since the last try, or in any case if
// always is set, and tells whether it did. The stamp is taken first: what
// changes while it reads is seen by the next look.
func (s *Source) load(ctx context.Context, always bool) (tried bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	t, err := s.origin.open()
	if err != nil {
		return s.failed(err.Error(), always, err)
	}
	defer t.close()
	mark, err := stamp(t.files)
	if err != nil {
		return s.failed(err.Error(), always, fmt.Errorf("looking through the know-how: %w; give the bot leave to read it", err))
	}
	if mark == s.seen && !always {
		return false, nil
	}
	base, err := knowhow.Load(t.files)
	if err != nil {
		return s.failed(mark, true, err)
	}
	s.seen = mark
	s.keep(base, t.change)
	return true, nil
}

// failed notes why nothing was loaded. The same failure again is no news.
func (s *Source) failed(mark string, always bool, err error) (bool, error) {
	if mark == s.seen && !always {
		return false, nil
	}
	s.seen = mark
	old := *s.Current()
	old.Fault = err
	s.current.Store(&old)
	return true, err
}

// keep makes base current. The same content keeps the time it was first
// loaded at, though its files may have been written anew.
func (s *Source) keep(base *knowhow.Base, change func(string) knowhow.Change) {
	loaded := time.Now()
	if old := s.Current(); old.ID == base.Digest() {
		loaded = old.Loaded
	}
	s.current.Store(&Snapshot{Base: base.WithChanges(change), ID: base.Digest(), Loaded: loaded})
}

// stamp sums up the names, sizes and times of the files that Load reads.
func stamp(files fs.FS) (string, error) {
	var all []byte
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == ".":
			return err
		case err != nil:
			return nil // Load says so with the place
		case d.IsDir():
			return skipOther(path)
		}
		info, err := fs.Stat(files, path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = fmt.Appendf(all, "%s %v\n", path, err)
		}
		if err == nil {
			all = fmt.Appendf(all, "%s %d %d %v\n", path, info.Size(), info.ModTime().UnixNano(), info.Mode())
		}
		return nil
	})
	return string(all), err
}

// skipOther keeps the walk out of folders that hold no know-how, such as .git.
func skipOther(path string) error {
	if path == "." || path == "docs" {
		return nil
	}
	return fs.SkipDir
}
