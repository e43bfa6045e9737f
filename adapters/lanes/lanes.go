// Package lanes lets one caller at a time do what has a name: adapters make
// each thing once, and two callers with the same cause must not both begin.
package lanes

import (
	"context"
	"sync"
)

// Lanes are names that are free or taken. The zero value has none taken.
type Lanes struct {
	mu   sync.Mutex
	busy map[string]*lane
}

type lane struct {
	free  chan struct{}
	users int
}

// Lock waits for a name and gives what frees it again.
func (l *Lanes) Lock(ctx context.Context, name string) (unlock func(), err error) {
	l.mu.Lock()
	if l.busy == nil {
		l.busy = map[string]*lane{}
	}
	one := l.busy[name]
	if one == nil {
		one = &lane{free: make(chan struct{}, 1)}
		l.busy[name] = one
	}
	one.users++
	l.mu.Unlock()
	select {
	case one.free <- struct{}{}:
		return func() { <-one.free; l.leave(name, one) }, nil
	case <-ctx.Done():
		l.leave(name, one)
		return nil, ctx.Err()
	}
}

func (l *Lanes) leave(name string, one *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one.users--; one.users == 0 {
		delete(l.busy, name)
	}
}
