package mailbox

import (
	"context"
	"encoding/binary"
	"time"

	"tebiki/adapters/source/mail/imap"
	"tebiki/store"
)

const (
	bucketSeen   = "mail.seen"
	bucketCursor = "mail.cursor"
)

// Keep is how long a mail is known again.
const Keep = 30 * 24 * time.Hour

func seenAt(at time.Time) []byte { return binary.BigEndian.AppendUint64(nil, uint64(at.Unix())) }

// unknown leaves of the letters those that were not taken before.
func (in *Intake) unknown(ctx context.Context, letters []letter) (fresh []letter, err error) {
	err = in.store.View(ctx, func(tx store.Reader) error {
		for _, l := range letters {
			if tx.Get(bucketSeen, l.mark.key()) == nil {
				fresh = append(fresh, l)
			}
		}
		return nil
	})
	return fresh, err
}

// How marks are forgotten: so many are looked at and taken away at a time,
// since a long commit would hold up alerts.
const (
	forgetEvery = time.Hour
	lookAtOnce  = 5000
	dropAtOnce  = 500
	forgetPause = time.Second
)

// Forget forgets marks that are old enough, again and again until ctx ends.
func (in *Intake) Forget(ctx context.Context) {
	timer := time.NewTimer(forgetEvery)
	defer timer.Stop()
	from := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		next, err := in.forget(ctx, from)
		if err != nil && ctx.Err() == nil {
			in.log.Warn("marks of old mails could not be forgotten; it is tried again", "err", err)
		}
		pause := forgetPause
		if from = next; from == "" {
			pause = forgetEvery
		}
		timer.Reset(pause)
	}
}

// forget looks at some marks, and gives where to go on; "" at the end.
func (in *Intake) forget(ctx context.Context, from string) (next string, err error) {
	before := in.now().Add(-Keep).Unix()
	var old []string
	n := 0
	err = in.store.View(ctx, func(tx store.Reader) error {
		for key, value := range tx.Scan(bucketSeen, from, "") {
			if n == lookAtOnce || len(old) == dropAtOnce {
				next = key
				return nil
			}
			n++
			if len(value) == 8 && int64(binary.BigEndian.Uint64(value)) < before {
				old = append(old, key)
			}
		}
		return nil
	})
	if err != nil || len(old) == 0 {
		return next, err
	}
	return next, in.store.Update(ctx, func(tx store.Writer) error {
		for _, key := range old {
			if err := tx.Delete(bucketSeen, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// A Cursor keeps up to where a mailbox is taken.
type Cursor struct {
	Store store.Store
	Name  string // of the mailbox
}

// Load implements imap.Cursor.
func (c Cursor) Load(ctx context.Context) (m imap.Mark, err error) {
	err = c.Store.View(ctx, func(tx store.Reader) error {
		_, err := store.Get(tx, bucketCursor, c.Name, 1, &m)
		return err
	})
	return m, err
}

// Save implements imap.Cursor.
func (c Cursor) Save(ctx context.Context, m imap.Mark) error {
	return c.Store.Update(ctx, func(tx store.Writer) error { return store.Put(tx, bucketCursor, c.Name, 1, m) })
}
