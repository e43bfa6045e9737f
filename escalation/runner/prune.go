package runner

import (
	"context"
	"time"

	"tebiki/escalation"
	"tebiki/store"
)

// pruneAlerts is how much is forgotten in one commit: a long deletion would
// hold up everybody who waits for a commit.
const pruneAlerts = 500

// How often old incidents are looked for, and the pause before the next
// piece when there are more.
const (
	pruneEvery = time.Minute
	pruneMore  = time.Second
)

// prune forgets the oldest closed incidents when they are old enough, a
// little at a time, and tells when to do so again.
func (r *Runner) prune(ctx context.Context) (again time.Duration) {
	old, err := r.old(ctx, time.Now().Add(-r.opts.Retain))
	if err != nil {
		if ctx.Err() == nil {
			r.opts.Log.Error("old incidents could not be read, so they stay", "err", err)
		}
		return pruneEvery
	}
	if len(old.keys) == 0 {
		return pruneEvery
	}
	req := &request{events: old.events, done: make(chan struct{}), also: old.remove}
	r.serve(req)
	if req.err != nil || len(old.keys) < pruneAlerts {
		return pruneEvery
	}
	return pruneMore
}

func (o *oldThings) remove(tx store.Writer) error {
	for _, k := range o.keys {
		if err := tx.Delete(k.bucket, k.key); err != nil {
			return err
		}
	}
	return nil
}

type oldThings struct {
	events []escalation.Event
	keys   []put
}

// old collects what a prune takes away. The newest incident of all stays
// however old it is: its number must not be given again.
func (r *Runner) old(ctx context.Context, before time.Time) (oldThings, error) {
	var out oldThings
	err := r.store.View(ctx, func(tx store.Reader) error {
		newest, _, _ := tx.Last(bucketClosed)
		for key, value := range tx.Scan(bucketClosed, "", newest) {
			inc, err := decodeIncident(key, value)
			if err != nil {
				return err
			}
			if inc.Last.After(before) || len(out.keys) >= pruneAlerts {
				break
			}
			if err := out.add(tx, key, inc.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// add takes an incident's alerts, then its history, then itself, as far as
// there is room: the rest of a large one follows later.
func (o *oldThings) add(tx store.Reader, key string, id escalation.ID) error {
	for k, value := range tx.Scan(bucketAlert, numbered(id, 0), numbered(id+1, 0)) {
		if len(o.keys) >= pruneAlerts {
			return nil
		}
		m, err := decodeHead(k, value)
		if err != nil {
			return err
		}
		o.events = append(o.events, escalation.Forgotten{Fingerprint: m.Fingerprint, Incident: id})
		o.keys = append(o.keys, put{bucket: bucketAlert, key: k})
	}
	for k := range tx.Scan(bucketHistory, numbered(id, 0), numbered(id+1, 0)) {
		if len(o.keys) >= pruneAlerts {
			return nil
		}
		o.keys = append(o.keys, put{bucket: bucketHistory, key: k})
	}
	o.keys = append(o.keys, put{bucket: bucketClosed, key: key})
	return nil
}
