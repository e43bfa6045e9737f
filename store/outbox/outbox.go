// Package outbox keeps what is to be done in the outside world in the same
// commit as the decision to do it, and delivers it at least once.
//
// Data's way: a flow calls Add inside its own transaction, then Wake. Run
// reads the new items in order and gives a small reference of each to its
// destination's queue, which reads the item again when its turn has come,
// hands it to the handler, and tries again with growing pauses until the
// handler has settled it. Settling removes the item in the same commit that
// holds the result, so a crash at any point repeats a delivery and never
// loses one.
//
// The rules:
//
//   - Items of one lane are delivered one after the other in the order they
//     were added; lanes do not wait for each other. A lane whose first item
//     fails waits for that item. An empty lane's name is a name like others.
//   - Each destination has its own bounded workers and its own pause after
//     an Error with Pause set: a slow destination never delays another.
//   - Among the lanes ready at a destination those that hold an urgent item
//     go first, the weightiest before the others, then the one whose first
//     item is the oldest. (An urgent item hastens what its lane must deliver
//     before it.)
//   - A handler that returns nil has settled the item. A handler that
//     returns an error is called again later; what must give up decides so
//     itself, and settles. A panic is an error.
//   - An item that another flow removed before its turn is not delivered.
//
// Stored: bucket "outbox", key store.Seq(counter of the bucket), value
// version 1 of Item without its Seq. Attempts are kept in memory only: after
// a restart everything is tried at once.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tebiki/store"
)

// A Handler delivers one item. When it returns nil the item is settled:
// removed, by Settle or Item.Remove, in the commit that holds the result.
type Handler func(ctx context.Context, it Item) error

// A Destination is one system outside, with its own workers and pauses.
type Destination struct {
	Name    string
	Workers int           // deliveries at once; 1 if less
	Timeout time.Duration // of each attempt; 0: none
	Backoff Backoff
	Handle  Handler
}

// Outbox delivers the items of one store.
type Outbox struct {
	st     store.Store
	log    *slog.Logger
	queues []*queue
	wake   chan struct{}

	// Only Run's own goroutine uses these.
	read     uint64          // the number up to which items have been queued
	unserved map[string]bool // destinations that were logged as nobody's
}

// New gives an outbox that delivers to dests once it runs.
func New(st store.Store, log *slog.Logger, dests ...Destination) *Outbox {
	o := &Outbox{st: st, log: log, wake: make(chan struct{}, 1), unserved: map[string]bool{}}
	for _, d := range dests {
		o.queues = append(o.queues, newQueue(d, st, log))
	}
	return o
}

// Wake tells of items that were added. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default: // it has been told and has not looked yet
	}
}

// Run queues what is stored and delivers until ctx ends; it waits for the
// handlers under way, whose contexts end with ctx. It runs once.
func (o *Outbox) Run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	for _, q := range o.queues {
		running.Go(func() { q.run(ctx) })
	}
	for {
		pause, err := o.loadOrWait(ctx)
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-pause:
		case <-o.wake:
		}
	}
}

// check finds what would make deliveries fail without end.
func (o *Outbox) check() error {
	seen := map[string]bool{}
	for _, q := range o.queues {
		switch {
		case q.Handle == nil:
			return fmt.Errorf("outbox: destination %q has no handler", q.Name)
		case seen[q.Name]:
			return fmt.Errorf("outbox: destination %q is given twice", q.Name)
		}
		seen[q.Name] = true
	}
	return nil
}

// loadOrWait queues what is new. When the store cannot be read it gives the
// time to try again; a closed store is the end.
func (o *Outbox) loadOrWait(ctx context.Context) (<-chan time.Time, error) {
	err := o.load(ctx)
	switch {
	case err == nil || ctx.Err() != nil:
		return nil, nil
	case errors.Is(err, store.ErrClosed):
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	o.log.Error("outbox: new items cannot be read, trying again", "in", rereadAfter, "err", err)
	return time.After(rereadAfter), nil
}

const rereadAfter = 5 * time.Second

// settleTime is how long Settle goes on after its context has ended.
const settleTime = 5 * time.Second

// Settle removes the item and runs fn, which may be nil and may Add items, in
// one commit, then wakes. The end of ctx does not at once keep it from writing:
// what has been done outside is done, and forgetting it would repeat it.
func (o *Outbox) Settle(ctx context.Context, it Item, fn func(store.Writer) error) error {
	outliving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(settleTime, cancel) })()
	err := o.st.Update(outliving, func(tx store.Writer) error {
		if err := it.Remove(tx); err != nil || fn == nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		return fmt.Errorf("settle %s %s %s: %w", it.Dest, it.Kind, it.Key, err)
	}
	o.Wake()
	return nil
}

// DestStats are one destination's figures of a moment.
type DestStats struct {
	Name      string
	Waiting   int       // items not under way
	Running   int       // deliveries under way
	Failed    uint64    // attempts that failed, in total
	Delivered uint64    // items settled, in total
	Oldest    time.Time // when the oldest item, waiting or under way, was added; zero: none
	Paused    bool
}

// Stats gives the figures of each destination, in the order given to New.
func (o *Outbox) Stats() []DestStats {
	all := make([]DestStats, len(o.queues))
	for i, q := range o.queues {
		all[i] = q.stats(time.Now())
	}
	return all
}
