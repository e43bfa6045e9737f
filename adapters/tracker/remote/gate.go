package remote

import (
	"context"
	"sync"
	"time"

	"tebiki/adapters"
)

// How often a refused login is tried again.
const (
	firstProbe = time.Minute
	lastProbe  = time.Hour
)

// How long the tracker is left alone when it does not say, and how long a
// request waits here rather than fail.
const (
	leastPause = 5 * time.Second
	shortPause = 10 * time.Second
)

// A gate holds requests back that would only do harm. A pause that the
// tracker asked for ends by itself, a refused login when a probe gets in.
type gate struct {
	mu      sync.Mutex
	pause   hold
	login   hold
	wait    time.Duration // until the next probe
	probing bool          // one request is out to see whether the login is taken
}

type hold struct {
	until time.Time
	why   *Fault
}

// pass lets a request through, perhaps after a short pause, or gives the
// fault that holds it back.
func (g *gate) pass(ctx context.Context) error {
	for {
		err := g.try(time.Now())
		if err == nil || err.Code != adapters.Throttled || err.After > shortPause {
			return asError(err)
		}
		if adapters.Sleep(ctx, err.After) != nil {
			return err
		}
	}
}

// asError keeps a nil *Fault from becoming an error that is not nil.
func asError(f *Fault) error {
	if f == nil {
		return nil
	}
	return f
}

func (g *gate) try(now time.Time) *Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Before(g.pause.until) {
		return unsent(g.pause.why, g.pause.until.Sub(now))
	}
	if g.login.why == nil {
		return nil
	}
	if now.Before(g.login.until) || g.probing {
		return unsent(g.login.why, 0)
	}
	g.probing = true
	return nil
}

// unsent is the fault of a request that is held back because of another's.
func unsent(why *Fault, after time.Duration) *Fault {
	f := *why
	f.Sent, f.After = false, after
	return &f
}

// unused says that a request which had passed was not sent.
func (g *gate) unused() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.probing = false
}

// note learns from how a request ended: f is nil when it succeeded.
func (g *gate) note(f *Fault, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.probing = false
	switch {
	case f != nil && f.login:
		g.wait = min(max(2*g.wait, firstProbe), lastProbe)
		g.login = hold{now.Add(g.wait), f}
	case f != nil && f.Code == adapters.Throttled:
		if until := now.Add(max(f.After, leastPause)); until.After(g.pause.until) {
			g.pause = hold{until, f}
		}
	case f == nil || f.Status != 0: // it answers, so it takes the login
		g.login, g.wait = hold{}, 0
	}
}
