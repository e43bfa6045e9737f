package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/outbox"
)

// maxBatch bounds the events of one commit, so that the first of a flood is
// not answered only with the last.
const maxBatch = 4096

// serve takes the request and all others that wait, and what is due, into
// one commit. first may be nil: then only time has passed.
func (r *Runner) serve(first *request) {
	now := time.Now()
	if err := r.reload(now); err != nil {
		first.end(err)
		return
	}
	batch := r.gather(first)
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
	err := r.commit(batch, &c)
	r.settle(batch, &c, err, now)
}

// gather takes requests from the queue. Those that only look are served at
// once: what they see is what the commits so far have made.
func (r *Runner) gather(first *request) []*request {
	var batch []*request
	n := 0
	for req := first; req != nil; {
		if req.look != nil {
			req.look(r.state)
			req.end(nil)
		} else {
			batch = append(batch, req)
			n += len(req.events)
		}
		req = nil
		if n < maxBatch {
			select {
			case req = <-r.queue:
			default:
			}
		}
	}
	return batch
}

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
	also := alsoOf(batch)
	if len(puts)+len(items)+len(c.Low)+len(c.Closed)+len(also) == 0 {
		return nil
	}
	// Those who wait have been promised an answer, so nothing cancels this.
	return r.store.Update(context.Background(), func(tx store.Writer) error {
		for _, p := range puts {
			if err := tx.Put(p.bucket, p.key, p.value); err != nil {
				return err
			}
		}
		for _, id := range c.Closed {
			if err := tx.Delete(bucketOpen, store.Seq(uint64(id))); err != nil {
				return err
			}
		}
		if err := putLow(tx, c.Low); err != nil {
			return err
		}
		for _, fn := range also {
			if err := fn(tx); err != nil {
				return err
			}
		}
		return outbox.Add(tx, items...)
	})
}

func alsoOf(batch []*request) []func(store.Writer) error {
	var out []func(store.Writer) error
	for _, q := range batch {
		if q.also != nil {
			out = append(out, q.also)
		}
	}
	return out
}

// settle answers the requests. After a failed commit the state holds what
// never happened, so it is loaded anew before anything else.
func (r *Runner) settle(batch []*request, c *escalation.Changes, err error, now time.Time) {
	if err != nil {
		err = fmt.Errorf("store %d alerts and events: %w", len(batch), err)
		r.failed(err, now)
	} else {
		r.succeeded(batch, c)
	}
	for _, q := range batch {
		q.end(err)
	}
}

func (r *Runner) succeeded(batch []*request, c *escalation.Changes) {
	if r.fault.Swap(nil) != nil {
		r.opts.Log.Info("the store takes commits again")
	}
	r.retry = backoff{}
	r.commits.Add(1)
	for _, q := range batch {
		r.accepted.Add(uint64(len(q.events)))
	}
	r.announce(c.Incidents)
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

// A backoff keeps due timers from being tried in a spin.
type backoff struct {
	pause time.Duration
	until time.Time
}

func (b *backoff) grow(now time.Time) {
	b.pause = min(max(2*b.pause, 100*time.Millisecond), 5*time.Second)
	b.until = now.Add(b.pause)
}

// itemsOf gives the effects the form in which they wait to be delivered.
//
// All of an incident's chat messages share a lane, since each shows the state
// of its moment and the newest must come last; so do its changes to tickets,
// whose sub-tickets need the ticket. Calls are in the lane of their person,
// who has one ear.
func itemsOf(effects []escalation.Effect) ([]outbox.Item, error) {
	items := make([]outbox.Item, len(effects))
	for i, e := range effects {
		body, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("encode the effect %s: %w", e.Key, err)
		}
		it := outbox.Item{Dest: Tracker, Lane: e.Incident.String(), Kind: string(e.Kind), Key: e.Key, Created: e.At, Body: body}
		switch {
		case e.Kind == escalation.Reach && e.Channel == escalation.Phone:
			it.Dest, it.Lane, it.Urgent = Phone, e.Person, true
		case e.Kind == escalation.Reach:
			it.Dest, it.Urgent = Chat, true
		case e.Kind == escalation.Tell || e.Kind == escalation.Refresh:
			it.Dest = Chat
		}
		items[i] = it
	}
	return items, nil
}

// The destinations of effects.
const (
	Tracker = "tracker"
	Chat    = "chat"
	Phone   = "phone"
)
