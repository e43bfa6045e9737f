package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"tebiki/knowhow"
	"tebiki/knowhow/search"
	"tebiki/knowhow/source"
)

// A library is the newest know-how with its index. Nobody who asks waits for
// an index to be made: the first is made before the program serves, and after a
// change questions are answered from the index before until the new one is
// there.
type library struct {
	source *source.Source

	making sync.Mutex // held while an index is made
	made   atomic.Pointer[indexed]
}

// An indexed is the index of one state of the know-how.
type indexed struct {
	*search.Index
	id string // of the snapshot
}

func newLibrary(s *source.Source) *library { return &library{source: s} }

// Base is the newest know-how.
func (l *library) Base() *knowhow.Base { return l.source.Current().Base }

// Search finds documents for words.
func (l *library) Search(query, lang string, n int) []search.Hit {
	return l.index().Search(query, lang, n)
}

// ForText finds the components that an alert's text is about.
func (l *library) ForText(text string, n int) []search.Suggestion {
	return l.index().ForText(text, n)
}

func (l *library) index() *search.Index {
	if made := l.made.Load(); made != nil {
		return made.Index
	}
	return l.renew()
}

// renew makes the index of the newest know-how, if there is none yet.
func (l *library) renew() *search.Index {
	l.making.Lock()
	defer l.making.Unlock()
	s := l.source.Current()
	made := l.made.Load()
	if made == nil || made.id != s.ID {
		made = &indexed{search.New(s.Base), s.ID}
		l.made.Store(made)
	}
	return made.Index
}

// tellAgain is how long after a failure a snapshot is told again.
const tellAgain = time.Minute

// follow keeps the index up with the know-how until ctx is done, tells of each
// snapshot, and looks for newer know-how every so often; with 0 there is none.
func (l *library) follow(ctx context.Context, every time.Duration, tell func(*source.Snapshot) error) {
	var reading sync.WaitGroup
	defer reading.Wait()
	if every > 0 {
		reading.Go(func() { l.source.Run(ctx, every) })
	}
	for {
		s := l.source.Current()
		l.renew()
		var again <-chan time.Time
		if tell(s) != nil {
			again = time.After(tellAgain)
		}
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-s.Replaced():
		}
	}
}
