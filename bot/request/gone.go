package request

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/watch"
	"tebiki/store"
	"tebiki/store/outbox"
)

// Gone forgets a ticket that was deleted, or moved out of sight, and tells
// everybody who has a message about it. A sub-ticket goes from the checklist.
func (f *Flow) Gone(tx store.Writer, key string, was watch.Seen) error {
	if was.Parent != "" {
		return outdateAll(tx, was.Parent, time.Now())
	}
	rec, found, err := load(tx, key)
	if err != nil || !found {
		return err
	}
	now := time.Now()
	for _, s := range rec.told(key) {
		s.Title, s.Cause = rec.Title, fmt.Sprint(now.UnixNano())
		if err := add(tx, "chat", kindGone, s, now); err != nil {
			return err
		}
	}
	return tx.Delete(bucket, key)
}

// told gives a step for each message that there is about the ticket.
func (r *record) told(ticket string) (out []step) {
	for _, component := range slices.Sorted(maps.Keys(r.Prepared)) {
		for _, id := range r.Prepared[component].Pushed {
			out = append(out, step{Ticket: ticket, Component: component, Person: id})
		}
	}
	for _, team := range r.Asked {
		out = append(out, step{Ticket: ticket, Team: team})
	}
	return out
}

// gone takes the work and the buttons out of a message about a ticket that is
// no more.
func (f *Flow) gone(ctx context.Context, it outbox.Item, s step) error {
	person, key, ok := f.toldOf(s)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	p := text.For(person.Lang, person.Zone)
	err := f.send(ctx, chat.Message{Key: key, To: person.Chat, Lang: p.Lang(), Sent: it.Created,
		Title:    p.Say("push.gone", "ticket", s.Ticket, "title", s.Title),
		Sections: []chat.Section{{Markdown: p.Markdown("push.gone.why")}}})
	if err != nil {
		return err
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// toldOf gives who has the message that a step is about, and its key.
func (f *Flow) toldOf(s step) (who roster.Person, key string, ok bool) {
	if s.Team != "" {
		who, ok = f.Roster.Leader(s.Team)
		return who, assignKey(s.Ticket), ok
	}
	who, ok = f.Roster.ByTracker(s.Person)
	return who, messageKey(s.Ticket, s.Component), ok
}
