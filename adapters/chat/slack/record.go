package slack

import (
	"context"
	"time"

	"tebiki/adapters/chat"
	"tebiki/store"
)

// The buckets.
const (
	messageBucket = "slack.message"
	atBucket      = "slack.at"
	personBucket  = "slack.person"
	channelBucket = "slack.channel"
)

const version = 1 // of record and person

// record is where a message is, and what it shows. It is stored before the
// message is posted, with Pending in place of TS.
type record struct {
	Channel string    `json:"channel"`
	TS      string    `json:"ts,omitempty"`
	Root    string    `json:"root,omitempty"`    // of its thread
	Hash    string    `json:"hash,omitempty"`    // of what it shows
	Pending string    `json:"pending,omitempty"` // hash of a post whose answer is not known
	Asked   time.Time `json:"asked,omitzero"`    // when it was posted
}

func joined(a, b string) string { return a + "\x00" + b }

// recall gives what is known of m, and of the message it belongs under.
func (s *Slack) recall(ctx context.Context, m chat.Message) (rec, parent record, err error) {
	err = s.opt.Store.View(ctx, func(tx store.Reader) error {
		rec, parent = record{}, record{}
		if m.Thread != "" {
			if _, err := store.Get(tx, messageBucket, joined(m.To, m.Thread), version, &parent); err != nil {
				return err
			}
		}
		_, err := store.Get(tx, messageBucket, joined(m.To, m.Key), version, &rec)
		return err
	})
	return rec, parent, err
}

// remember keeps where a message is. What was done must be kept even when
// the caller no longer waits.
func (s *Slack) remember(ctx context.Context, m chat.Message, rec record) error {
	key := joined(m.To, m.Key)
	return s.opt.Store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error {
		if rec.TS != "" {
			if err := tx.Put(atBucket, joined(rec.Channel, rec.TS), []byte(key)); err != nil {
				return err
			}
		}
		return store.Put(tx, messageBucket, key, version, rec)
	})
}

// forgetMessage takes back the intent of a post that Slack refused, or what
// is known of a message that is gone.
func (s *Slack) forgetMessage(ctx context.Context, m chat.Message, rec record) error {
	return s.opt.Store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error {
		if rec.TS != "" {
			if err := tx.Delete(atBucket, joined(rec.Channel, rec.TS)); err != nil {
				return err
			}
		}
		return tx.Delete(messageBucket, joined(m.To, m.Key))
	})
}

// keyAt gives the key of the message that stands somewhere, "" when it is
// none of ours.
func (s *Slack) keyAt(ctx context.Context, channel, ts string) (key string, err error) {
	err = s.opt.Store.View(ctx, func(tx store.Reader) error {
		key = ""
		address := string(tx.Get(atBucket, joined(channel, ts)))
		for i := range address {
			if address[i] == 0 {
				key = address[i+1:]
				break
			}
		}
		return nil
	})
	return key, err
}
