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
			out = tracker.Batch{Cursor: strconv.FormatUint(last, 10)}
			return nil
		}
		seen, err := strconv.ParseUint(cursor, 10, 64)
		if err != nil || seen > last {
			return refused("the cursor is not one of this tracker's: begin again with an empty one")
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
		out.Cursor = strconv.FormatUint(r.Change, 10)
	}
	return out, nil
}
