package review

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/text"
	"tebiki/bot/watch"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A goneItem is what is left of a ticket that a leader was asked about.
type goneItem struct {
	Ticket   string `json:"ticket"`
	Assignee string `json:"assignee,omitempty"`
}

// Gone takes back the question about a ticket that was deleted.
func (f *Flow) Gone(tx store.Writer, key string, was watch.Seen) error {
	for _, bucket := range []string{bucketWaiting, bucketReason} {
		if err := tx.Delete(bucket, key); err != nil {
			return err
		}
	}
	if was.Parent != "" || was.Status != tracker.Fixed {
		return nil
	}
	return addItem(tx, kindGone, key, time.Now(), goneItem{key, was.Assignee})
}

// gone tells the leader that there is nothing to look at any more.
func (f *Flow) gone(ctx context.Context, it outbox.Item) error {
	var body goneItem
	if err := json.Unmarshal(it.Body, &body); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	leader, ok := f.Leader(tracker.Ticket{Assignee: body.Assignee})
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	p := text.For(leader.Lang, leader.Zone)
	return f.send(ctx, it, chat.Message{Key: messageKey(body.Ticket), To: leader.Chat, Lang: p.Lang(), Sent: it.Created,
		Title: p.Say("review.gone", "ticket", body.Ticket)})
}
