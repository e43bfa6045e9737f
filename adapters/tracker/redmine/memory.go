package redmine

import (
	"context"
	"slices"
	"strconv"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

// The buckets; see the package's comment.
const (
	bucketTicket = "redmine.ticket"
	bucketNote   = "redmine.note"
	bucketOpen   = "redmine.open"
	bucketNoted  = "redmine.noted"
)

func (r *Redmine) key(id int) string { return r.scope() + store.Seq(uint64(id)) }

// settleBatch writes what a batch has said, now that its reader has it for
// certain: the cursor behind it came back.
func (r *Redmine) settleBatch(ctx context.Context, c *cursor) error {
	settled := true
	err := r.opt.Store.View(ctx, func(tx store.Reader) error {
		settled = true
		for id, last := range c.Noted {
			settled = settled && noted(tx, r.key(id)) >= last
		}
		for _, id := range c.Gone {
			settled = settled && tx.Get(bucketOpen, r.key(id)) == nil
		}
		return nil
	})
	if err != nil || settled {
		return err
	}
	return r.opt.Store.Update(ctx, func(tx store.Writer) error {
		for id, last := range c.Noted {
			if noted(tx, r.key(id)) >= last {
				continue
			}
			if err := tx.Put(bucketNoted, r.key(id), []byte(strconv.Itoa(last))); err != nil {
				return err
			}
		}
		for _, id := range c.Gone {
			if err := tx.Delete(bucketOpen, r.key(id)); err != nil {
				return err
			}
			if err := tx.Delete(bucketNoted, r.key(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// noted is the last entry of a history that was read, 0 when none was.
func noted(tx store.Reader, key string) int {
	n, _ := strconv.Atoi(string(tx.Get(bucketNoted, key))) // nothing is none
	return n
}

// lastNoted gives how far the histories of issues have been read.
func (r *Redmine) lastNoted(ctx context.Context, issues []issue) (last map[int]int, err error) {
	err = r.opt.Store.View(ctx, func(tx store.Reader) error {
		last = map[int]int{}
		for _, i := range issues {
			last[i.ID] = noted(tx, r.key(i.ID))
		}
		return nil
	})
	return last, err
}

// remember notes which tickets are open, so that it can be told when one is
// gone. Doing it before the reader has the batch does no harm.
func (r *Redmine) remember(ctx context.Context, p *place, issues []issue) error {
	if len(issues) == 0 {
		return nil
	}
	return r.opt.Store.Update(ctx, func(tx store.Writer) error {
		for _, i := range issues {
			var err error
			if p.status(i.Status) == tracker.Closed {
				err = tx.Delete(bucketOpen, r.key(i.ID))
			} else {
				err = tx.Put(bucketOpen, r.key(i.ID), nil)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// open gives the open tickets that are known, without those that were said to
// be gone.
func (r *Redmine) open(ctx context.Context, without []int) (out []int, err error) {
	first := r.scope()
	err = r.opt.Store.View(ctx, func(tx store.Reader) error {
		out = nil
		for key := range tx.Scan(bucketOpen, first, first+"\xff") {
			n, err := store.ParseSeq(key[len(first):])
			if err != nil {
				return err
			}
			if !slices.Contains(without, int(n)) {
				out = append(out, int(n))
			}
		}
		return nil
	})
	return out, err
}
