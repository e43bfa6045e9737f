// Package watch reads the tracker's changes, once for all flows.
//
//	tracker ─► Since(cursor) ─► for each ticket: (as it was, as it is) ─► every reader ─┐
//	                            for each comment of a person: who, what                 │
//	                            for each ticket that is gone: as it was                 │
//	                                                                                    ▼
//	                       one commit: the new cursor, the tickets as seen, and what the readers add to the outbox
//
// A reader does nothing in the outside world: it decides, and leaves an item
// in the outbox. So a change is handled exactly once, wherever the process
// dies, and a reader is told what a ticket was like when it was last seen,
// which no tracker tells.
//
// Stored: bucket "watch", key "cursor", the tracker's cursor; bucket
// "watch.ticket", key the ticket's, a Seen as JSON, version 1.
package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

const (
	bucket       = "watch"
	bucketTicket = "watch.ticket"
	cursorKey    = "cursor"
)

// Seen is what is remembered of a ticket.
type Seen struct {
	Parent    string         `json:"parent,omitempty"`
	Component string         `json:"component,omitempty"`
	Status    tracker.Status `json:"status"`
	Assignee  string         `json:"assignee,omitempty"`
	Label     string         `json:"label,omitempty"` // of the draft that made it
}

// A Reader decides what follows from a change. was is nil for a ticket that
// was not seen before.
type Reader interface {
	Ticket(tx store.Writer, was *Seen, t tracker.Ticket) error
}

// A Listener is a reader that is told of people's comments too. on is the
// comment's ticket.
type Listener interface {
	Said(tx store.Writer, on Seen, s tracker.Said) error
}

// A Mourner is a reader that is told of tickets which are no more.
type Mourner interface {
	Gone(tx store.Writer, key string, was Seen) error
}

// A Watch reads one tracker for its readers.
type Watch struct {
	store   store.Store
	tracker tracker.Tracker
	readers []Reader
	every   time.Duration
	wake    func()
	log     *slog.Logger
}

// New makes a watch that asks the tracker every so often, or at once when the
// tracker is a Waker. wake is called after a commit.
func New(st store.Store, t tracker.Tracker, every time.Duration, wake func(), log *slog.Logger, readers ...Reader) *Watch {
	return &Watch{store: st, tracker: t, readers: readers, every: every, wake: wake, log: log}
}

// Begin makes sure that there is a cursor, so that nothing that changes from
// now on is missed.
func (w *Watch) Begin(ctx context.Context) error {
	cursor, err := w.cursor(ctx)
	if err != nil || cursor != "" {
		return err
	}
	batch, err := w.tracker.Since(ctx, "")
	if err != nil {
		return fmt.Errorf("begin to watch the tracker: %w", err)
	}
	w.log.Info("the tracker is watched from now on", "open tickets from before, which are left alone", batch.Skipped)
	return w.store.Update(ctx, func(tx store.Writer) error {
		return tx.Put(bucket, cursorKey, []byte(batch.Cursor))
	})
}

// Run reads until ctx ends. A tracker that is away is asked again; what
// changed meanwhile is read when it is back.
func (w *Watch) Run(ctx context.Context) error {
	failing := false
	for ctx.Err() == nil {
		changed := w.changed()
		more, err := w.read(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			w.log.Warn("the tracker's changes cannot be read; it is asked again", "err", err, "every", w.every)
		case err == nil && failing:
			w.log.Info("the tracker's changes can be read again")
		}
		failing = err != nil
		if !more || failing {
			w.sleep(ctx, changed)
		}
	}
	return nil
}

func (w *Watch) changed() <-chan struct{} {
	if waker, ok := w.tracker.(tracker.Waker); ok {
		return waker.Changed()
	}
	return nil
}

func (w *Watch) sleep(ctx context.Context, changed <-chan struct{}) {
	timer := time.NewTimer(w.every)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-changed:
	}
}

func (w *Watch) cursor(ctx context.Context) (cursor string, err error) {
	err = w.store.View(ctx, func(tx store.Reader) error {
		cursor = string(tx.Get(bucket, cursorKey))
		return nil
	})
	return cursor, err
}

// read handles one batch; more tells that there is another already.
func (w *Watch) read(ctx context.Context) (more bool, err error) {
	if err := w.Begin(ctx); err != nil {
		return false, err
	}
	cursor, err := w.cursor(ctx)
	if err != nil {
		return false, err
	}
	batch, err := w.tracker.Since(ctx, cursor)
	if errors.Is(err, tracker.ErrCursor) {
		return false, w.beginAnew(ctx, err)
	}
	if err != nil {
		return false, fmt.Errorf("read the tracker's changes: %w", err)
	}
	if batch.Cursor == cursor {
		return false, nil
	}
	err = w.store.Update(ctx, func(tx store.Writer) error {
		if err := w.batch(tx, &batch); err != nil {
			return err
		}
		return tx.Put(bucket, cursorKey, []byte(batch.Cursor))
	})
	if err != nil {
		return false, fmt.Errorf("store what follows from %d changed tickets: %w", len(batch.Tickets), err)
	}
	w.wake()
	return batch.More, nil
}

// beginAnew forgets a cursor that the tracker does not know: another tracker
// was configured, and of that one only what changes from now on is news. Any
// other error of the tracker's, however lasting, leaves the cursor as it is:
// what changed meanwhile is read when it is mended.
func (w *Watch) beginAnew(ctx context.Context, why error) error {
	w.log.Warn("the tracker does not know where reading had come to; its changes are read from now on", "err", why)
	if err := w.store.Update(ctx, func(tx store.Writer) error { return tx.Delete(bucket, cursorKey) }); err != nil {
		return fmt.Errorf("begin to watch another tracker: %w", err)
	}
	return w.Begin(ctx)
}

func (w *Watch) batch(tx store.Writer, b *tracker.Batch) error {
	for _, t := range b.Tickets {
		if err := w.ticket(tx, t); err != nil {
			return fmt.Errorf("ticket %s: %w", t.Key, err)
		}
	}
	for _, s := range b.Said {
		if err := w.said(tx, s); err != nil {
			return fmt.Errorf("comment %s on ticket %s: %w", s.ID, s.Ticket, err)
		}
	}
	for _, key := range b.Gone {
		if err := w.gone(tx, key); err != nil {
			return fmt.Errorf("ticket %s, which is gone: %w", key, err)
		}
	}
	return nil
}

func (w *Watch) ticket(tx store.Writer, t tracker.Ticket) error {
	var was *Seen
	seen, found, err := load(tx, t.Key)
	if err != nil {
		return err
	}
	if found {
		was = &seen
	}
	for _, r := range w.readers {
		if err := r.Ticket(tx, was, t); err != nil {
			return err
		}
	}
	return store.Put(tx, bucketTicket, t.Key, 1, Seen{Parent: t.Parent, Component: t.Component, Status: t.Status, Assignee: t.Assignee, Label: t.Label})
}

func (w *Watch) said(tx store.Writer, s tracker.Said) error {
	on, _, err := load(tx, s.Ticket)
	if err != nil {
		return err
	}
	for _, r := range w.readers {
		if l, ok := r.(Listener); ok {
			if err := l.Said(tx, on, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Watch) gone(tx store.Writer, key string) error {
	was, found, err := load(tx, key)
	if err != nil || !found {
		return err // nobody was told that it was there
	}
	for _, r := range w.readers {
		if m, ok := r.(Mourner); ok {
			if err := m.Gone(tx, key, was); err != nil {
				return err
			}
		}
	}
	return tx.Delete(bucketTicket, key)
}

func load(tx store.Reader, key string) (s Seen, found bool, err error) {
	found, err = store.Get(tx, bucketTicket, key, 1, &s)
	return s, found, err
}
