// Package local is the tracker that Tebiki brings along: tickets kept in its
// own store, read and written by people on the console's pages.
//
// What arrives is cleaned and held against the limits in text.go, then
// written in one transaction together with its line in the history and in the
// log of changes; after the commit whoever waits at Changed is woken. Each
// transaction's function starts from nothing, because a store may run it
// again.
//
// Numbers below are store.Seq keys. The buckets:
//
//	ticket          number                   -> record: the ticket as it is now
//	ticket.label    label of the draft       -> number of the ticket it made
//	ticket.status   status 0 Seq(^number)    -> nothing: the newest ticket of a status comes first
//	ticket.child    parent, number           -> nothing: the sub-tickets of a ticket
//	ticket.history  number, entry            -> entry: what happened, in order
//	ticket.comment  number, label of comment -> nothing: the comment is there
//	ticket.change   change                   -> number of the ticket that changed
//
// Tickets are numbered from 1 with hardly a gap, so that walking back from the
// newest needs no index; the one by status is for the few that are open among
// all that ever were. The log of changes holds each ticket once, at its
// latest change: it never grows beyond the tickets, and a reader that was
// away for a year reads each ticket once.
package local

import (
	"context"
	"strconv"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/store"
)

// The buckets.
const (
	ticketBucket  = "ticket"
	labelBucket   = "ticket.label"
	statusBucket  = "ticket.status"
	childBucket   = "ticket.child"
	historyBucket = "ticket.history"
	commentBucket = "ticket.comment"
	changeBucket  = "ticket.change"
)

const keyPrefix = "T-"

// A Tracker keeps tickets in a store. It is safe for concurrent use.
type Tracker struct {
	store   store.Store
	base    string
	changed *signal
}

var (
	_ tracker.Tracker = (*Tracker)(nil)
	_ tracker.Waker   = (*Tracker)(nil)
)

// New gives the tracker whose tickets are in st. Ticket T-1 is opened at
// base + "/tickets/T-1".
func New(st store.Store, base string) *Tracker {
	return &Tracker{store: st, base: strings.TrimRight(base, "/"), changed: newSignal()}
}

// URL is the ticket's page in the console.
func (t *Tracker) URL(key string) string {
	if _, ok := parseKey(key); !ok {
		return ""
	}
	return t.base + "/tickets/" + key
}

// Changed gives a channel that is closed after the next change.
func (t *Tracker) Changed() <-chan struct{} { return t.changed.wait() }

// Ticket gives one ticket as it is now.
func (t *Tracker) Ticket(ctx context.Context, key string) (tracker.Ticket, error) {
	var r record
	err := t.view(ctx, "read ticket "+strconv.Quote(key), func(tx store.Reader) (err error) {
		r, err = load(tx, key)
		return err
	})
	if err != nil {
		return tracker.Ticket{}, err
	}
	return t.ticket(r), nil
}

// Subtickets gives the sub-tickets of a ticket in the order they were made.
func (t *Tracker) Subtickets(ctx context.Context, key string) ([]tracker.Ticket, error) {
	var out []tracker.Ticket
	err := t.view(ctx, "read the sub-tickets of "+strconv.Quote(key), func(tx store.Reader) error {
		out = nil
		parent, err := load(tx, key)
		if err != nil {
			return err
		}
		from, to := span(parent.Number)
		for k := range tx.Scan(childBucket, from, to) {
			r, err := loadSeq(tx, k[len(from):])
			if err != nil {
				return err
			}
			out = append(out, t.ticket(r))
		}
		return nil
	})
	return out, err
}

func (t *Tracker) view(ctx context.Context, op string, fn func(store.Reader) error) error {
	return named(op, t.store.View(ctx, fn))
}

// update commits what fn writes and wakes the readers when fn says that it
// changed something.
func (t *Tracker) update(ctx context.Context, op string, fn func(store.Writer) (changed bool, err error)) error {
	var changed bool
	err := t.store.Update(ctx, func(tx store.Writer) (err error) {
		changed, err = fn(tx)
		return err
	})
	if err == nil && changed {
		t.changed.fire()
	}
	return named(op, err)
}

// named gives an error its operation, and the code Unavailable to one that
// comes from the store.
func named(op string, err error) error {
	if err == nil {
		return nil
	}
	var f *fault
	if asFault(err, &f) {
		return &adapters.Error{Op: op, Code: f.code, Err: f}
	}
	return &adapters.Error{Op: op, Code: adapters.Unavailable, Err: err}
}
