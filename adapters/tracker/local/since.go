package local

import (
	"context"
	"strconv"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

const batchSize = 200 // tickets in one batch

// Since gives what changed after a cursor, which is the number of the last
// change that its reader has seen.
func (t *Tracker) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	var out tracker.Batch
	err := t.view(ctx, "read the changes since "+strconv.Quote(cursor), func(tx store.Reader) (err error) {
		last, err := lastChange(tx)
		if err != nil {
			return err
		}
		if cursor == "" {
			out = tracker.Batch{Cursor: strconv.FormatUint(last, 10), Skipped: t.open(tx)}
			return nil
		}
		seen, err := strconv.ParseUint(cursor, 10, 64)
		if err != nil || seen > last {
			return foreignCursor()
		}
		out, err = t.batch(tx, seen)
		return err
	})
	return out, err
}

// lastChange is the number of the latest change. The log always holds it,
// because only a later change takes an entry away.
func lastChange(tx store.Reader) (uint64, error) {
	key, _, ok := tx.Last(changeBucket)
	if !ok {
		return 0, nil
	}
	return store.ParseSeq(key)
}

func (t *Tracker) batch(tx store.Reader, seen uint64) (tracker.Batch, error) {
	out := tracker.Batch{Cursor: strconv.FormatUint(seen, 10)}
	for _, seq := range tx.Scan(changeBucket, store.Seq(seen+1), "") {
		if len(out.Tickets) == batchSize {
			out.More = true
			break
		}
		r, err := loadSeq(tx, string(seq))
		if err != nil {
			return out, err
		}
		out.Tickets = append(out.Tickets, t.ticket(r))
		if r.Said > seen { // a history may be long, and few have what a person said
			if out.Said, err = said(tx, out.Said, r.Number, seen); err != nil {
				return out, err
			}
		}
		out.Cursor = strconv.FormatUint(r.Change, 10)
	}
	return out, nil
}

// open counts the tickets that are open.
func (t *Tracker) open(tx store.Reader) (n int) {
	for range tx.Scan(statusBucket, string(tracker.Open)+"\x00", string(tracker.Open)+"\x01") {
		n++
	}
	return n
}

// said adds what people have commented on a ticket since a change.
func said(tx store.Reader, list []tracker.Said, number, seen uint64) ([]tracker.Said, error) {
	from, to := span(number)
	for key, value := range tx.Scan(historyBucket, from, to) {
		var e entry
		if _, err := store.Decode(value, version, &e); err != nil {
			return list, err
		}
		if e.Change > seen {
			id, err := store.ParseSeq(key[len(from):])
			if err != nil {
				return list, err
			}
			list = append(list, tracker.Said{Ticket: formatKey(number), ID: strconv.FormatUint(id, 10), Author: e.By, Text: e.Text, At: e.At})
		}
	}
	return list, nil
}
