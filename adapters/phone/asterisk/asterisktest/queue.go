package asterisktest

import "slices"

// A job is something that a channel's thread does alone until it is done: a
// playback or a recording. The next one waits.
type job interface {
	waits() bool // it has not begun
	begin()
	cutOff() // its call has ended, and it had begun
	drop()   // it is forgotten without a word
}

// enqueue gives a channel a job, and tells whether nothing is before it. The
// lock is held.
func (a *Asterisk) enqueue(c *channel, j job) bool {
	c.queue = append(c.queue, j)
	if len(c.queue) > 1 {
		return false
	}
	a.schedule(c)
	return true
}

// schedule lets the first job begin, soon.
func (a *Asterisk) schedule(c *channel) {
	j := c.queue[0]
	a.later(reaction, c.line.over, func() {
		if len(c.queue) > 0 && c.queue[0] == j && j.waits() {
			j.begin()
		}
	})
}

// dequeue takes a job away, and lets the next one begin.
func (a *Asterisk) dequeue(c *channel, j job) {
	first := len(c.queue) > 0 && c.queue[0] == j
	c.queue = slices.DeleteFunc(c.queue, func(other job) bool { return other == j })
	if first && len(c.queue) > 0 {
		a.schedule(c)
	}
}

// silence ends everything that plays or records on a channel that ends.
// Asterisk says nothing of the jobs that waited.
func (a *Asterisk) silence(c *channel) {
	queue := c.queue
	c.queue = nil
	for _, j := range queue {
		if j.waits() {
			j.drop()
		} else {
			j.cutOff()
		}
	}
}
