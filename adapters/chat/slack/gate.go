package slack

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tebiki/adapters"
)

// A Rate is how often something may be done, and how often at once.
type Rate struct {
	Every time.Duration // one in this time; 0 means no limit
	Burst int
}

// Rates are Slack's limits as this package keeps them.
type Rates struct {
	Channel                    Rate // chat.postMessage in one channel
	Posts                      Rate // chat.postMessage in all
	Tier1, Tier2, Tier3, Tier4 Rate // each other method, by its tier
}

// DefaultRates are the documented limits.
func DefaultRates() Rates {
	return Rates{
		Channel: Rate{time.Second, 5}, Posts: Rate{time.Minute / 300, 60},
		Tier1: Rate{time.Minute, 1}, Tier2: Rate{3 * time.Second, 10}, Tier3: Rate{1200 * time.Millisecond, 30}, Tier4: Rate{600 * time.Millisecond, 50},
	}
}

func (r Rates) of(t tier) Rate {
	switch t {
	case tier1:
		return r.Tier1
	case tier2:
		return r.Tier2
	case tier3:
		return r.Tier3
	case posting:
		return r.Posts
	}
	return r.Tier4
}

// gates hold a gate for each method, and for posts one for each channel.
type gates struct {
	rates Rates

	mu   sync.Mutex
	open map[string]*gate
}

// maxGates is how many gates are kept before those that hold nobody go.
const maxGates = 2000

func newGates(r Rates) *gates { return &gates{rates: r, open: map[string]*gate{}} }

func (g *gates) gate(name string, r Rate) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if got := g.open[name]; got != nil {
		return got
	}
	if len(g.open) >= maxGates {
		for name, old := range g.open {
			if old.idle(time.Now()) {
				delete(g.open, name)
			}
		}
	}
	limit := rate.Inf
	if r.Every > 0 {
		limit = rate.Every(r.Every)
	}
	got := &gate{limiter: rate.NewLimiter(limit, max(1, r.Burst))}
	g.open[name] = got
	return got
}

// of gives the gates that a call passes, one after the other. The last is
// the one that Slack's Retry-After closes.
func (g *gates) of(m method, channel string) []*gate {
	all := g.gate(m.name, g.rates.of(m.tier))
	if m.tier != posting {
		return []*gate{all}
	}
	return []*gate{all, g.gate(m.name+" "+channel, g.rates.Channel)}
}

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

// waiting counts who waits at all gates.
func (g *gates) waiting() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, one := range g.open {
		one.mu.Lock()
		n += len(one.urgent) + len(one.ordinary)
		one.mu.Unlock()
	}
	return n
}
