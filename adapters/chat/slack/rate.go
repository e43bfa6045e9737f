package slack

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
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
		Channel: Rate{time.Second, 3}, Posts: Rate{time.Minute / 300, 60},
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

// of gives the gates that a call passes, one after the other. The last is
// the one that Slack's Retry-After closes.
func (g *gates) of(m method, channel string) []*gate {
	all := g.gate(m.name, g.rates.of(m.tier))
	if m.tier != posting {
		return []*gate{all}
	}
	return []*gate{all, g.gate(m.name+" "+channel, g.rates.Channel)}
}

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
