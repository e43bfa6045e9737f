package slack

import (
	"context"
	"sync"
	"time"
)

// A crew does what people ask for: the jobs of one person in their order, of
// so many people at a time, and with a bound on what waits.
type crew struct {
	slots chan struct{}
	life  context.Context
	end   context.CancelFunc
	done  sync.WaitGroup

	mu      sync.Mutex
	queues  map[string][]job
	waiting int
	stopped bool
}

type job func(ctx context.Context)

const (
	maxWaiting = 2000            // jobs
	jobTime    = 2 * time.Minute // of one job
	drainTime  = 2 * time.Second // for what is under way when the program ends
)

func newCrew(workers int) *crew {
	c := &crew{slots: make(chan struct{}, workers), queues: map[string][]job{}}
	c.life, c.end = context.WithCancel(context.Background())
	return c
}

// do takes a job for somebody, or tells that too many wait.
func (c *crew) do(who string, j job) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || c.waiting >= maxWaiting {
		return false
	}
	c.waiting++
	queue, busy := c.queues[who]
	c.queues[who] = append(queue, j)
	if !busy {
		c.done.Go(func() { c.work(who) })
	}
	return true
}

// work does the jobs of one person until none is left.
func (c *crew) work(who string) {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	for {
		j, ok := c.next(who)
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(c.life, jobTime)
		j(ctx)
		cancel()
	}
}

func (c *crew) next(who string) (job, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	queue := c.queues[who]
	if len(queue) == 0 {
		delete(c.queues, who)
		return nil, false
	}
	c.queues[who] = queue[1:]
	c.waiting--
	return queue[0], true
}

// stop takes no more jobs, and waits for those it has; after a while it ends
// their context.
func (c *crew) stop() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	late := time.AfterFunc(drainTime, c.end)
	defer late.Stop()
	c.done.Wait()
	c.end()
}
