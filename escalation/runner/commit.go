package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/outbox"
)

// maxBatch bounds the events of one commit, so that the first of a flood is
// not answered only with the last.
const maxBatch = 4096

// maxCulprits is how many requests of one batch may fail by themselves before
// that is taken for the store's fault, and all fail.
const maxCulprits = 3

// serve takes the request and all others that wait, and what is due, into
// one commit. first may be nil: then only time has passed.
func (r *Runner) serve(first *request) {
	now := time.Now()
	if first != nil && first.look != nil {
		r.look(first)
		return
	}
	if fault := r.Fault(); fault != nil && now.Before(r.retry.until) {
		first.end(fault)
		return
	}
	if err := r.reload(now); err != nil {
		first.end(err)
		return
	}
	r.serveAll(r.gather(first), now)
}

// serveAll lets what the batch holds happen. A request that fails by itself
// is answered alone, and the rest happens anew without it: one value that
// cannot be read must not refuse everybody's alerts.
func (r *Runner) serveAll(batch []*request, now time.Time) {
	for culprits := 0; ; culprits++ {
		changes := r.happen(batch, now)
		err := r.commit(batch, changes)
		var own *alsoError
		if !errors.As(err, &own) || culprits == maxCulprits {
			r.settle(batch, changes, err, now)
			return
		}
		own.request.end(own.err)
		batch = slices.DeleteFunc(batch, func(q *request) bool { return q == own.request })
		r.state = nil // it holds what the culprit's events did
		if err := r.reload(now); err != nil {
			answer(batch, err)
			return
		}
	}
}

// happen steps through the batch's events, and what is due.
func (r *Runner) happen(batch []*request, now time.Time) *escalation.Changes {
	var c escalation.Changes
	for _, q := range batch {
		q.receipts = make([]escalation.Receipt, len(q.events))
		for i, ev := range q.events {
			q.receipts[i] = escalation.Step(r.state, &c, ev, now)
		}
	}
	if at, ok := r.state.Due(); ok && !at.After(now) {
		escalation.Step(r.state, &c, escalation.Timer{}, now)
	}
	if r.opts.Announce {
		c.Effects = append(c.Effects, c.Announcements()...)
	}
	return &c
}

// gather takes requests from the queue. Those that only look are served at
// once: what they see is what the commits so far have made.
//
// When the queue is empty it yields once. Those whose answers the commit
// before has given are about to come back, and a fuller commit is worth more
// than an earlier one; with nobody about, yielding takes no time.
func (r *Runner) gather(first *request) []*request {
	var batch []*request
	n, yielded := 0, false
	for req := first; ; {
		switch {
		case req == nil:
		case req.look != nil:
			r.look(req)
		default:
			batch = append(batch, req)
			n += len(req.events)
		}
		if n >= maxBatch {
			return batch
		}
		select {
		case req = <-r.queue:
		default:
			if yielded {
				return batch
			}
			req, yielded = nil, true
			runtime.Gosched()
		}
	}
}

// look needs a state and nothing else, so it is served while commits fail.
func (r *Runner) look(q *request) {
	if r.state == nil {
		if err := r.Load(context.Background()); err != nil {
			q.end(err)
			return
		}
	}
	q.look(r.state)
	q.end(nil)
}

// An alsoError is the failure of what one request wanted written besides.
type alsoError struct {
	request *request
	err     error
}

func (e *alsoError) Error() string { return e.err.Error() }
func (e *alsoError) Unwrap() error { return e.err }

// commit writes what changed. Encoding comes first: the function of an Update
// may run again, and holds up others while it does.
func (r *Runner) commit(batch []*request, c *escalation.Changes) error {
	puts, err := encode(c)
	if err != nil {
		return err
	}
	items, err := itemsOf(c.Effects)
	if err != nil {
		return err
	}
	batch = withAlso(batch)
	if r.fault.Load() != nil {
		// With nothing else to write this still finds out whether it can be.
		puts = append(puts, put{bucketProbe, "probe", []byte{1}})
	}
	if len(puts)+len(items)+len(c.Low)+len(c.Closed)+len(batch) == 0 {
		return nil
	}
	// Those who wait have been promised an answer, so nothing cancels this.
	err = r.store.Update(context.Background(), func(tx store.Writer) error {
		if err := write(tx, puts, c); err != nil {
			return err
		}
		if err := alsoWrite(tx, batch); err != nil {
			return err
		}
		return outbox.Add(tx, items...)
	})
	if err == nil {
		r.commits.Add(1)
	}
	return err
}

func write(tx store.Writer, puts []put, c *escalation.Changes) error {
	if err := putAll(tx, puts); err != nil {
		return err
	}
	for _, id := range c.Closed {
		if err := tx.Delete(bucketOpen, store.Seq(uint64(id))); err != nil {
			return err
		}
	}
	return putLow(tx, c.Low)
}

func withAlso(batch []*request) []*request {
	var out []*request
	for _, q := range batch {
		if q.also != nil {
			out = append(out, q)
		}
	}
	return out
}

func alsoWrite(tx store.Writer, batch []*request) error {
	for _, q := range batch {
		if err := q.also(tx); err != nil {
			return &alsoError{q, err}
		}
	}
	return nil
}

// settle answers the requests. After a failed commit the state holds what
// never happened, so it is loaded anew before anything else.
func (r *Runner) settle(batch []*request, c *escalation.Changes, err error, now time.Time) {
	if err != nil {
		err = fmt.Errorf("store what follows from %d requests: %w", len(batch), err)
		r.failed(err, now)
	} else {
		r.succeeded(batch, c)
	}
	answer(batch, err)
}

func answer(batch []*request, err error) {
	for _, q := range batch {
		q.end(err)
	}
}

func (r *Runner) succeeded(batch []*request, c *escalation.Changes) {
	if r.fault.Swap(nil) != nil {
		r.opts.Log.Info("the store takes commits again")
	}
	r.retry = backoff{}
	for _, q := range batch {
		r.accepted.Add(uint64(len(q.events)))
	}
	r.watch.announce(c.Incidents)
	if len(c.Effects) > 0 {
		r.opts.Wake()
	}
}

func (r *Runner) failed(err error, now time.Time) {
	if r.fault.Swap(&err) == nil {
		r.opts.Log.Error("alerts are refused and timers wait until the store takes commits again", "err", err)
	}
	r.retry.grow(now)
	r.state = nil
}

// reload makes the state anew after a failed commit.
func (r *Runner) reload(now time.Time) error {
	if r.state != nil {
		return nil
	}
	err := r.Load(context.Background())
	if err != nil {
		r.failed(err, now)
	}
	return err
}

// A backoff keeps attempts apart while the store takes no commits: each may
// have to load the state anew.
type backoff struct {
	pause time.Duration
	until time.Time
}

const (
	minPause = 100 * time.Millisecond
	maxPause = 5 * time.Second
)

func (b *backoff) grow(now time.Time) {
	b.pause = min(max(2*b.pause, minPause), maxPause)
	b.until = now.Add(b.pause)
}
