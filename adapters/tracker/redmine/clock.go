package redmine

import (
	"sync"
	"time"
)

// A clock knows how far Redmine's clock is ahead of ours, at least. It learns
// from the Date of answers, which only some web servers send, and from when
// an issue that was just made was made.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
	at    time.Time // when that was learned; zero is never
}

// memory is how long the best reading counts: clocks are set, too.
const memory = 10 * time.Minute

// saw is told what Redmine's clock showed, to the second, before an answer
// had come. Of several readings the greatest is the nearest.
func (c *clock) saw(stamp, received time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ahead := stamp.Sub(received)
	if c.at.IsZero() || ahead >= c.ahead || received.Sub(c.at) > memory {
		c.ahead, c.at = ahead, received
	}
}

// there is what Redmine's clock shows at least when ours shows t. Without any
// reading it is taken to be ours, and known is false.
func (c *clock) there(t time.Time) (at time.Time, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return t.Add(c.ahead), !c.at.IsZero()
}
