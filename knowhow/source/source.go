// Package source keeps the newest good know-how in memory: it takes a folder,
// or a branch of a git repository, reads it whole, parses it, and puts an
// immutable Snapshot in the place of the last. What does not parse changes
// nothing but the Snapshot's Fault, so people are helped with what was right
// yesterday while somebody corrects today's.
//
// The data's way: origin (a folder, files embedded in the program, or package
// mirror's copy of a repository) -> knowhow.Load -> Snapshot, which readers
// take with Current and never wait for. A repository is asked every time Run
// looks, and at once when its service says by the Hook that it was pushed to.
//
// After a restart the same is served as before: package mirror remembers which
// commit was good last. Without that memory, and when that commit is no longer
// on the branch, it is the newest of the commits before that loads.
package source

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tebiki/knowhow"
)

// A Source reloads know-how from one place. Its methods may be called by any
// number of goroutines.
type Source struct {
	origin  origin
	log     *slog.Logger
	current atomic.Pointer[Snapshot]
	wake    chan struct{} // holds one: what comes while it is full is served by the same look
	between time.Duration // the least from one woken look to the next

	mu      sync.Mutex // held while loading
	seen    string     // the mark of what was loaded last, good or not
	content error      // why that is not in use; nil if it is
}

// betweenWakes bounds how often whoever sends webhooks has the repository
// asked.
const betweenWakes = 2 * time.Second

func newSource(o origin, log *slog.Logger) *Source {
	s := &Source{origin: o, log: log, wake: make(chan struct{}, 1), between: betweenWakes}
	s.current.Store(&Snapshot{Base: new(knowhow.Base), replaced: make(chan struct{})})
	return s
}

// Current gives the newest snapshot at once.
func (s *Source) Current() *Snapshot { return s.current.Load() }

// Reload reads everything now. Its error is also the new snapshot's Fault.
// There may be know-how all the same: an older state of it, see Snapshot.ID.
func (s *Source) Reload(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.load(ctx, how{always: true, ask: true}); err != nil {
		return err
	}
	return s.Current().Fault
}

// Recall reads what is at hand and waits for nobody: of a repository it is
// what was fetched before the bot was started. So the bot can begin its work
// though the repository does not answer; Run will look at once. The error is
// as that of Reload.
func (s *Source) Recall(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.Wake()
	if _, err := s.load(ctx, how{always: true}); err != nil {
		return err
	}
	return s.Current().Fault
}

// Wake has Run look at once. It returns at once.
func (s *Source) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run looks for changes every so often, and when it is woken, until ctx is
// done. It logs what became of each. Whoever wakes it soon after another waits
// a moment, and is not forgotten.
func (s *Source) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	wake, rested := s.wake, (<-chan time.Time)(nil)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-rested:
			wake = s.wake
			continue
		case <-wake:
			wake, rested = nil, time.After(s.between)
		}
		s.look(ctx)
	}
}

func (s *Source) look(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, fault := s.Current(), s.content
	if tried, err := s.load(ctx, how{ask: true}); err == nil {
		s.report(before, fault, tried)
	}
}

// report logs what is news: a fault that stays is none.
func (s *Source) report(before *Snapshot, fault error, tried bool) {
	now := s.Current()
	log := s.log.With("id", now.ID, "commit", now.Commit.hash())
	switch {
	case now.Away != nil && before.Away == nil:
		log.Warn("the know-how's repository cannot be asked; what was fetched before stays in use", "fault", now.Away)
	case now.Away == nil && before.Away != nil:
		log.Info("the know-how's repository answers again")
	}
	switch {
	case !tried:
	case s.content != nil && before.ID != "" && now.Commit.hash() != before.Commit.hash():
		log.Warn("the know-how does not load, and what was in use is no longer on the branch; the newest commit before that loads is in use", "failed", now.Failed.hash(), "fault", s.content)
	case s.content != nil:
		log.Warn("the know-how does not load; what was loaded before stays in use", "failed", now.Failed.hash(), "fault", s.content)
	case now.ID != before.ID:
		log.Info("know-how loaded", "components", len(now.Base.Components()), "warnings", len(now.Base.Warnings()))
	case fault != nil:
		log.Info("the know-how loads again")
	}
}
