package slack

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tebiki/store"
)

const (
	pruneEvery = 24 * time.Hour
	pruneBatch = 1000 // records in one transaction, so that it holds up nobody
)

// forgetOld forgets old messages once a day until ctx ends.
func (s *Slack) forgetOld(ctx context.Context) {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if n, err := s.prune(ctx, now.Add(-s.opt.Keep)); err != nil && ctx.Err() == nil {
				s.log.Warn("slack: old messages are not forgotten; tomorrow again", "forgotten", n, "error", err)
			}
		}
	}
}

// prune forgets where the messages stand that were posted before a time. One
// that is sent again afterwards is posted anew.
func (s *Slack) prune(ctx context.Context, before time.Time) (forgotten int, err error) {
	for from := ""; ; {
		var old []string
		next, err := s.older(ctx, from, before, &old)
		if err != nil {
			return forgotten, err
		}
		if err := s.forgetAll(ctx, old); err != nil {
			return forgotten, err
		}
		if forgotten += len(old); next == "" {
			return forgotten, nil
		}
		from = next
	}
}

// older collects keys of old messages in one batch from a key on, and gives
// where the next batch begins; "" after the last.
func (s *Slack) older(ctx context.Context, from string, before time.Time, old *[]string) (next string, err error) {
	err = s.opt.Store.View(ctx, func(tx store.Reader) error {
		*old, next = nil, ""
		n := 0
		for key := range tx.Scan(messageBucket, from, "") {
			if n++; n > pruneBatch {
				next = key
				return nil
			}
			var rec record
			if _, err := store.Get(tx, messageBucket, key, version, &rec); err != nil {
				return err
			}
			if rec.posted().Before(before) {
				*old = append(*old, key)
			}
		}
		return nil
	})
	return next, err
}

func (s *Slack) forgetAll(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return s.opt.Store.Update(ctx, func(tx store.Writer) error {
		for _, key := range keys {
			var rec record
			if _, err := store.Get(tx, messageBucket, key, version, &rec); err != nil {
				return err
			}
			if rec.TS != "" {
				if err := tx.Delete(atBucket, joined(rec.Channel, rec.TS)); err != nil {
					return err
				}
			}
			if err := tx.Delete(messageBucket, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// posted is when the message was posted: Slack's ts says it in seconds.
func (r record) posted() time.Time {
	seconds, _, _ := strings.Cut(r.TS, ".")
	if n, err := strconv.ParseInt(seconds, 10, 64); err == nil {
		return time.Unix(n, 0)
	}
	return r.Asked
}
