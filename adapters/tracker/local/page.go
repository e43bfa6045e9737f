package local

import (
	"context"
	"iter"
	"strconv"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

const defaultLimit = 50

// List gives the newest tickets first. The next page is the same filter with
// Before set to the last key of this one.
func (t *Tracker) List(ctx context.Context, f tracker.Filter) ([]tracker.Ticket, error) {
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	var out []tracker.Ticket
	err := t.view(ctx, "list the tickets", func(tx store.Reader) error {
		out = nil
		from, err := newest(tx, f)
		if err != nil {
			return err
		}
		for number := range numbers(tx, f, from) {
			var r record
			found, err := store.Get(tx, ticketBucket, store.Seq(number), version, &r)
			if err != nil {
				return err
			}
			if found && takes(f, r) {
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
func newest(tx store.Reader, f tracker.Filter) (uint64, error) {
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
func numbers(tx store.Reader, f tracker.Filter, newest uint64) iter.Seq[uint64] {
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

func takes(f tracker.Filter, r record) bool {
	return (f.Status == "" || f.Status == r.Status) &&
		(f.Component == "" || f.Component == r.Component) &&
		(f.Assignee == "" || f.Assignee == r.Assignee) &&
		(!f.TopLevel || r.Parent == 0)
}

// History gives what happened to a ticket, oldest first.
func (t *Tracker) History(ctx context.Context, key string) ([]tracker.Event, error) {
	var out []tracker.Event
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
			out = append(out, tracker.Event{At: e.At, By: e.By, Kind: e.Kind, Text: e.Text})
		}
		return nil
	})
	return out, err
}
