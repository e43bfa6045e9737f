package app

import (
	"sync"

	"tebiki/knowhow"
	"tebiki/knowhow/search"
	"tebiki/knowhow/source"
)

// A library is the newest know-how with its index, which is made anew when
// the know-how changes.
type library struct {
	source *source.Source

	mu    sync.Mutex
	id    string
	index *search.Index
}

func newLibrary(s *source.Source) *library { return &library{source: s} }

// Base is the newest know-how.
func (l *library) Base() *knowhow.Base { return l.source.Current().Base }

// Search finds documents for words.
func (l *library) Search(query, lang string, n int) []search.Hit {
	return l.newest().Search(query, lang, n)
}

func (l *library) newest() *search.Index {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.source.Current()
	if l.index == nil || l.id != s.ID {
		l.index, l.id = search.New(s.Base), s.ID
	}
	return l.index
}
