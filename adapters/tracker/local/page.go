package local

import (
	"context"
	"iter"
	"strconv"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

// A Filter says which tickets a list shows; what is empty does not filter.
type Filter struct {
	Status    tracker.Status
	Component string
	Assignee  string
	TopLevel  bool   // no sub-tickets
	Limit     int    // at most so many; 50 when it is 0
	Before    string // only tickets older than the one with this key
}

const defaultLimit = 50

// An Entry is one line of a ticket's history.
type Entry struct {
	At   time.Time
	By   string // who; "" when nobody said
	Kind Kind
	Text string // the comment, or what the thing is now
}

// A Kind says what happened to a ticket.
type Kind string

// The kinds.
const (
	Created   Kind = "created"
	Commented Kind = "comment"
	Assigned  Kind = "assigned" // Text is the assignee, "" for nobody
	Moved     Kind = "status"   // Text is the status
	Retitled  Kind = "title"
	Rewritten Kind = "body"
)

// List gives the newest tickets first. The next page is the same filter with
// Before set to the last key of this one.
func (t *Tracker) List(ctx context.Context, f Filter) ([]tracker.Ticket, error) {
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	var out []tracker.Ticket
	err := t.view(ctx, "list the tickets", func(tx store.Reader) error {
		out = nil
		newest, err := f.newest(tx)
		if err != nil {
			return err
		}
		for number := range f.numbers(tx, newest) {
			var r record
			found, err := store.Get(tx, ticketBucket, store.Seq(number), version, &r)
			if err != nil {
				return err
			}
			if found && f.takes(r) {
				out = append(out, t.ticket(r))
			}
			if len(out) == f.Limit {
				break
			}
		}
		return ctx.Err()
	})
	return out, err
}

// newest is the number of the newest ticket that may be in the list.
func (f Filter) newest(tx store.Reader) (uint64, error) {
	if f.Before != "" {
		r, err := load(tx, f.Before)
		return max(r.Number, 1) - 1, err
	}
	seq, _, ok := tx.Last(ticketBucket)
	if !ok {
		return 0, nil
	}
	return store.ParseSeq(seq)
}

// numbers walks from the newest to the oldest, among those of the filter's
// status if it has one.
func (f Filter) numbers(tx store.Reader, newest uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		if f.Status == "" {
			for n := newest; n > 0 && yield(n); n-- {
			}
			return
		}
		end := string(f.Status) + "\x01"
		for key := range tx.Scan(statusBucket, statusKey(f.Status, newest), end) {
			number, err := store.ParseSeq(key[len(f.Status)+1:])
			if err != nil || !yield(^number) {
				return
			}
		}
	}
}

func (f Filter) takes(r record) bool {
	return (f.Status == "" || f.Status == r.Status) &&
		(f.Component == "" || f.Component == r.Component) &&
		(f.Assignee == "" || f.Assignee == r.Assignee) &&
		(!f.TopLevel || r.Parent == 0)
}

// History gives what happened to a ticket, oldest first.
func (t *Tracker) History(ctx context.Context, key string) ([]Entry, error) {
	var out []Entry
	err := t.view(ctx, "read the history of ticket "+strconv.Quote(key), func(tx store.Reader) error {
		out = nil
		r, err := load(tx, key)
		if err != nil {
			return err
		}
		from, to := span(r.Number)
		for _, value := range tx.Scan(historyBucket, from, to) {
			var e entry
			if _, err := store.Decode(value, version, &e); err != nil {
				return err
			}
			out = append(out, Entry(e))
		}
		return nil
	})
	return out, err
}
