package flowtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

// A Deleter is a tracker in which people delete tickets, as they can in a
// vendor's: its reader is told once, and whoever asks does not find them.
type Deleter struct {
	tracker.Tracker

	mu   sync.Mutex
	gone []string // in the order of their deletion
}

// Delete takes tickets away.
func (d *Deleter) Delete(keys ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = append(d.gone, keys...)
}

// Restore brings a ticket back into sight. The tracker's reader hears of it
// at the ticket's next change.
func (d *Deleter) Restore(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone[slices.Index(d.gone, key)] = "" // its place counts for cursors
}

// find gives NotFound for a ticket that was deleted.
func (d *Deleter) find(key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if key != "" && slices.Contains(d.gone, key) {
		return &adapters.Error{Op: "find " + key, Code: adapters.NotFound, Err: errors.New("somebody has deleted it")}
	}
	return nil
}

// Ticket implements tracker.Tracker.
func (d *Deleter) Ticket(ctx context.Context, key string) (tracker.Ticket, error) {
	if err := d.find(key); err != nil {
		return tracker.Ticket{}, err
	}
	return d.Tracker.Ticket(ctx, key)
}

// Subtickets implements tracker.Tracker.
func (d *Deleter) Subtickets(ctx context.Context, key string) ([]tracker.Ticket, error) {
	if err := d.find(key); err != nil {
		return nil, err
	}
	subs, err := d.Tracker.Subtickets(ctx, key)
	return slices.DeleteFunc(subs, func(t tracker.Ticket) bool { return d.find(t.Key) != nil }), err
}

// Create implements tracker.Tracker.
func (d *Deleter) Create(ctx context.Context, draft tracker.Draft) (tracker.Ticket, error) {
	if err := d.find(draft.Parent); err != nil {
		return tracker.Ticket{}, err
	}
	t, err := d.Tracker.Create(ctx, draft)
	if err == nil && d.find(t.Key) != nil { // the label's first ticket is no more
		draft.Label += "/again"
		return d.Create(ctx, draft)
	}
	return t, err
}

// Comment implements tracker.Tracker.
func (d *Deleter) Comment(ctx context.Context, key string, c tracker.Comment) error {
	if err := d.find(key); err != nil {
		return err
	}
	return d.Tracker.Comment(ctx, key, c)
}

// Change implements tracker.Tracker.
func (d *Deleter) Change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	if err := d.find(key); err != nil {
		return tracker.Ticket{}, err
	}
	return d.Tracker.Change(ctx, key, c)
}

// Since implements tracker.Tracker. Its cursor is that of the tracker within
// and how many deletions have been told.
func (d *Deleter) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	within, at, _ := strings.Cut(cursor, "/")
	told := 0
	_, _ = fmt.Sscan(at, &told) // none is told of an older cursor
	b, err := d.Tracker.Since(ctx, within)
	if err != nil {
		return b, err
	}
	b.Tickets = slices.DeleteFunc(b.Tickets, func(t tracker.Ticket) bool { return d.find(t.Key) != nil })
	d.mu.Lock()
	defer d.mu.Unlock()
	if cursor != "" {
		b.Gone = slices.DeleteFunc(slices.Clone(d.gone[told:]), func(key string) bool { return key == "" })
	}
	b.Cursor = fmt.Sprintf("%s/%d", b.Cursor, len(d.gone))
	return b, nil
}

// Changed passes on that the tracker within knows of a change.
func (d *Deleter) Changed() <-chan struct{} {
	if w, ok := d.Tracker.(tracker.Waker); ok {
		return w.Changed()
	}
	return nil
}
