package jira

import (
	"context"
	"strings"
	"time"

	"tebiki/store"
)

const (
	knownBucket = "jira.open"
	// wide is how far back the wide look reaches, and how long a closed
	// issue is remembered for it.
	wide = 2 * time.Hour
)

// known is an issue that was handed out. It is kept when what was handed out
// with it has been handled: until then the cursor has it.
type known struct {
	Key     string `json:"key"`
	Updated int64  `json:"updated"` // in ms
	Sum     uint32 `json:"sum"`
	Closed  bool   `json:"closed,omitempty"`
}

func (r *reading) remember(id string, k known) {
	if r.c.Known == nil {
		r.c.Known = map[string]known{}
	}
	r.c.Known[id] = k
}

// settle keeps what the last batch gave, and forgets what it gave as gone.
func (j *Jira) settle(ctx context.Context, c *cursor) error {
	if len(c.Known)+len(c.Gone) == 0 {
		return nil
	}
	handled, gone := c.Known, c.Gone
	c.Known, c.Gone = nil, nil
	return j.opt.Store.Update(ctx, func(tx store.Writer) error {
		for id, k := range handled {
			if err := store.Put(tx, knownBucket, j.scoped(id), 1, k); err != nil {
				return err
			}
		}
		return j.forget(tx, gone)
	})
}

func (j *Jira) forget(tx store.Writer, ids []string) error {
	for _, id := range ids {
		if err := tx.Delete(knownBucket, j.scoped(id)); err != nil {
			return err
		}
	}
	return nil
}

func (j *Jira) loadKnown(ctx context.Context) (all map[string]known, err error) {
	err = j.opt.Store.View(ctx, func(tx store.Reader) error {
		all = map[string]known{}
		for key, value := range tx.Scan(knownBucket, j.scoped(""), j.scoped("\xff")) {
			id := strings.TrimPrefix(key, j.scoped(""))
			var k known
			if _, err := store.Decode(value, 1, &k); err != nil {
				return err
			}
			all[id] = k
		}
		return nil
	})
	return all, err
}

// knows gives what is known of one issue, from this batch or an earlier one.
func (r *reading) knows(ctx context.Context, id string) (k known, found bool, err error) {
	if k, found = r.c.Known[id]; found {
		return k, true, nil
	}
	err = r.j.opt.Store.View(ctx, func(tx store.Reader) (err error) {
		found, err = store.Get(tx, knownBucket, r.j.scoped(id), 1, &k)
		return err
	})
	return k, found, err
}
