package request

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/text"
	"tebiki/bot/watch"
	"tebiki/store"
	"tebiki/store/outbox"
)

// subticket brings the messages about a ticket up to date when the status of
// a sub-ticket changed, or when somebody made one. Those that the flow makes
// are there before its messages are.
func (f *Flow) subticket(tx store.Writer, was *watch.Seen, sub tracker.Ticket) error {
	if was == nil && sub.Status == tracker.Open && strings.HasPrefix(sub.Label, labels) {
		return nil
	}
	if was != nil && was.Status == sub.Status {
		return nil
	}
	return outdateAll(tx, sub.Parent, sub.Updated)
}

// outdateAll notes for a ticket's messages, one of each component, that they
// no longer say how things are.
func outdateAll(tx store.Writer, ticket string, now time.Time) error {
	rec, found, err := load(tx, ticket)
	if err != nil || !found {
		return err
	}
	for _, component := range slices.Sorted(maps.Keys(rec.Prepared)) {
		if err := outdate(tx, rec.Prepared[component], step{Ticket: ticket, Component: component}, now); err != nil {
			return err
		}
	}
	return store.Put(tx, bucket, ticket, 1, rec)
}

// outdate notes it for the messages of one component. One item is
// enough for all that changes until its turn has come: a storm of alerts may
// join the ticket.
func outdate(tx store.Writer, prep *preparation, s step, now time.Time) error {
	if len(prep.Pushed) == 0 {
		return nil
	}
	prep.News++
	if prep.News > 1 {
		return nil
	}
	s.Cause = fmt.Sprint(now.UnixNano())
	return add(tx, "chat", kindRefresh, s, now)
}

// refresh sends everybody who has the message the message as it is now. Its
// item has the lane of the pushes, so it never comes before them.
func (f *Flow) refresh(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	st, err := f.standing(ctx, t, s)
	if err != nil {
		return err
	}
	if err := f.sendAll(ctx, it, st); err != nil {
		return err
	}
	done := allDone(st.subs)
	if done && !st.prep.AllDone {
		if err := f.tellDone(ctx, it, st); err != nil {
			return err
		}
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		return change(tx, s, func(_ *record, prep *preparation) error {
			return refreshed(tx, prep, st.prep.News, done, s, it.Created)
		})
	})
}

// refreshed notes what the messages say now. They were made after so many
// news; for what came meanwhile they are sent once more.
func refreshed(tx store.Writer, prep *preparation, news int, done bool, s step, now time.Time) error {
	if done && !prep.AllDone {
		prep.Rounds++
	}
	prep.AllDone = done
	later := prep.News > news
	prep.News = 0
	if !later {
		return nil
	}
	return outdate(tx, prep, s, now)
}

func (f *Flow) sendAll(ctx context.Context, it outbox.Item, st standing) error {
	for _, id := range st.prep.Pushed {
		person, ok := f.Roster.ByTracker(id)
		if !ok {
			continue
		}
		m := f.message(st, person)
		m.Sent = it.Created
		if err := f.send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func allDone(subs []tracker.Ticket) bool {
	return len(subs) > 0 && !slices.ContainsFunc(subs, func(t tracker.Ticket) bool { return !isDone(t) })
}

// tellDone is the one thing that is news to the assignee, who sees the rest
// in the message when looking. Whoever fixed the ticket itself knows.
func (f *Flow) tellDone(ctx context.Context, it outbox.Item, st standing) error {
	person, ok := f.Roster.ByTracker(st.ticket.Assignee)
	if !ok || st.ticket.Status != tracker.Open || !slices.Contains(st.prep.Pushed, st.ticket.Assignee) {
		return nil
	}
	p := text.For(person.Lang, person.Zone)
	above := messageKey(st.ticket.Key, st.component)
	return f.send(ctx, chat.Message{Key: fmt.Sprintf("%s/done/%d", above, st.prep.Rounds+1), Thread: above, To: person.Chat, Lang: p.Lang(),
		Title: p.Say("push.done", "ticket", st.ticket.Key), Link: f.page(st.ticket.Key), Sent: it.Created})
}

// send gives up a message that the chat will never take.
func (f *Flow) send(ctx context.Context, m chat.Message) error {
	err := f.Chat.Send(ctx, m)
	if err != nil && adapters.Lasting(err) {
		f.Log.Warn("the chat does not take a message about a ticket", "message", m.Key, "to", m.To, "err", err)
		return nil
	}
	return err
}
