package review

import (
	"context"
	"fmt"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/roster"
	"tebiki/store"
)

const bucketReason = "review.reason"

// maxReason is how much of a reason is passed on, in characters.
const maxReason = 3000

// A reason is why a ticket was sent back, for its assignee.
type reason struct {
	By   string    `json:"by"` // id of a person
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// SendBack opens a ticket again and says why, on the ticket and to whoever
// has it. Tried again because something failed, it says nothing twice.
func (f *Flow) SendBack(ctx context.Context, ticket string, by roster.Person, why string, now time.Time) error {
	r := reason{by.ID, why, now}
	err := f.Store.Update(ctx, func(tx store.Writer) error {
		var last reason
		if _, err := store.Get(tx, bucketReason, ticket, 1, &last); err != nil {
			return err
		}
		if last.By == r.By && last.Text == r.Text {
			r = last // the same return, which its time names
		}
		return store.Put(tx, bucketReason, ticket, 1, r)
	})
	if err != nil {
		return fmt.Errorf("keep why %s is sent back: %w", ticket, err)
	}
	label := fmt.Sprintf("tebiki/back/%s/%d", ticket, r.At.UnixNano())
	if err := f.Tracker.Comment(ctx, ticket, tracker.Comment{Label: label, Author: by.Tracker, Body: why}); err != nil {
		return err
	}
	open := tracker.Open
	_, err = f.Tracker.Change(ctx, ticket, tracker.Change{By: by.Tracker, Status: &open})
	return err
}

// why gives the reason that a ticket's assignee has not read yet.
func (f *Flow) why(ctx context.Context, ticket string) (r reason, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		_, err := store.Get(tx, bucketReason, ticket, 1, &r)
		return err
	})
	return r, err
}
