package hotline

import (
	"slices"
	"sync"
	"time"
)

// How PINs may be guessed at. Whoever mistypes has three tries, and then a
// pause that doubles; whoever calls under many numbers is stopped by what all
// callers together may get wrong, and until then everybody who is not known
// by number can still report.
const (
	lockFirst   = time.Minute
	lockMost    = 12 * time.Hour
	forgetAfter = 24 * time.Hour
	maxGuessers = 1024
	maxGuesses  = 30 // in an hour, by all
)

// A guard counts guesses. Every guess counts as wrong before it is looked at,
// so that many at the same time are as many; a right one is forgiven.
type guard struct {
	mu      sync.Mutex
	callers map[string]guesses
	all     []time.Time // of guesses, oldest first
}

type guesses struct {
	n     int
	last  time.Time
	until time.Time // locked out
}

// allow tells whether a caller may guess now, and counts it.
func (g *guard) allow(caller string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(now)
	c := g.callers[caller]
	if now.Before(c.until) || len(g.all) >= maxGuesses || len(g.callers) >= maxGuessers && c.n == 0 {
		return false
	}
	c.n++
	c.last = now
	if c.n%maxPINs == 0 {
		c.until = now.Add(lock(c.n / maxPINs))
	}
	if g.callers == nil {
		g.callers = map[string]guesses{}
	}
	g.callers[caller] = c
	g.all = append(g.all, now)
	return true
}

// lock is how long a caller is locked out for the n-th time.
func lock(n int) time.Duration {
	d := lockFirst
	for ; n > 1 && d < lockMost; n-- {
		d *= 2
	}
	return min(d, lockMost)
}

// forgive takes a right guess out of the count, and what went before it.
func (g *guard) forgive(caller string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.callers, caller)
	g.all = g.all[:max(0, len(g.all)-1)]
}

func (g *guard) forget(now time.Time) {
	g.all = slices.DeleteFunc(g.all, func(t time.Time) bool { return now.Sub(t) >= time.Hour })
	for key, c := range g.callers {
		if now.Sub(c.last) >= forgetAfter {
			delete(g.callers, key)
		}
	}
}
