package slack

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tebiki/adapters"
)

// A gate lets callers pass at a rate, the urgent first.
type gate struct {
	mu       sync.Mutex
	limiter  *rate.Limiter
	until    time.Time // closed until then
	urgent   []*waiter
	ordinary []*waiter
	timer    *time.Timer // runs while somebody waits
}

type waiter struct {
	pass   chan struct{}
	passed bool
}

// wait gives when the caller may pass, or tells that it would take longer
// than patience.
func (g *gate) wait(ctx context.Context, urgent bool, patience time.Duration) error {
	w, closed := g.enter(urgent, patience)
	if w == nil {
		return throttled(closed)
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-w.pass:
		return nil
	case <-ctx.Done():
		g.leave(w)
		return ctx.Err()
	case <-late.C:
		if g.leave(w) {
			return nil // it passed at the last moment
		}
		return throttled(g.closedFor(time.Now()))
	}
}

func throttled(after time.Duration) error {
	return &fault{code: adapters.Throttled, after: max(after, time.Second), what: "too many messages wait for Slack's rate limit"}
}

// enter takes a place in the queue, unless the gate stays closed too long.
func (g *gate) enter(urgent bool, patience time.Duration) (w *waiter, closed time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if closed = time.Until(g.until); closed > patience {
		return nil, closed
	}
	w = &waiter{pass: make(chan struct{})}
	if urgent {
		g.urgent = append(g.urgent, w)
	} else {
		g.ordinary = append(g.ordinary, w)
	}
	if g.timer == nil {
		g.admit()
	}
	return w, 0
}

// admit lets pass whoever may, and comes back for the others when it is time.
// The caller holds mu.
func (g *gate) admit() {
	g.timer = nil
	for len(g.urgent)+len(g.ordinary) > 0 {
		now := time.Now()
		pause := g.until.Sub(now)
		if pause <= 0 {
			r := g.limiter.ReserveN(now, 1)
			if pause = r.DelayFrom(now); pause <= 0 {
				g.next().enter()
				continue
			}
			r.CancelAt(now)
		}
		g.timer = time.AfterFunc(pause, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.admit()
		})
		return
	}
}

func (w *waiter) enter() {
	w.passed = true
	close(w.pass)
}

// next takes the first of the queue.
func (g *gate) next() (w *waiter) {
	from := &g.ordinary
	if len(g.urgent) > 0 {
		from = &g.urgent
	}
	w, *from = (*from)[0], (*from)[1:]
	return w
}

// leave gives up a place, and tells whether it had passed already.
func (g *gate) leave(w *waiter) (passed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.urgent, g.ordinary = without(g.urgent, w), without(g.ordinary, w)
	return w.passed
}

func without(queue []*waiter, w *waiter) []*waiter {
	for i := range queue {
		if queue[i] == w {
			return append(queue[:i:i], queue[i+1:]...)
		}
	}
	return queue
}

// close lets nobody pass for a time.
func (g *gate) close(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

func (g *gate) closedFor(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until.Sub(now)
}

// idle tells whether forgetting the gate changes nothing.
func (g *gate) idle(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.urgent)+len(g.ordinary) == 0 && !g.until.After(now) && g.limiter.TokensAt(now) >= float64(g.limiter.Burst())
}
