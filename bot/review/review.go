// Package review is what becomes of a ticket when the work is done: the
// operator fixes it, the leader is asked to look, and closes it or sends it
// back with a reason. It holds for every ticket that is not a sub-ticket,
// whichever flow it came from; table.go has all there is to it.
//
//	fixed ─► the leader is asked ─┬─ close ─► closed: the question is settled
//	                              ├─ send back ─► open: the assignee is told, and why
//	                              └─ deleted ─► the question is taken back
//
//	what waits too long for the leader's look, or for somebody to do it ─► each morning
//	one message to the leader
//
// The buttons change the ticket; what follows from that is read from the
// tracker, so it makes no difference whether somebody pressed here or worked
// in the tracker itself.
//
// Stored: bucket "review.waiting", key the ticket's, a waiting as JSON,
// version 1; bucket "review.reason", key the ticket's, a reason as JSON,
// version 1, until the assignee has read it; bucket "review.remind", as
// package daily does.
package review

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/digest"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/watch"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"
)

const (
	kindAsk  = "review ask"
	kindBack = "review back"
	kindGone = "review gone"

	kindRemind = "review remind"
)

// The buttons of the question. Their value is the ticket's key.
const (
	ButtonClose = "close"
	ButtonBack  = "back"
)

// A Flow is what the messages need.
type Flow struct {
	Store   store.Store
	Outbox  *outbox.Outbox
	Tracker tracker.Tracker
	Chat    chat.Chat
	Roster  *roster.Roster
	KnowHow func() *knowhow.Base
	Team    string        // whose a ticket is that has no assignee and no component of a team
	Patient time.Duration // how much working time a ticket may wait before somebody is reminded
	URL     string
	Log     *slog.Logger
}

// Routes lists what the flow delivers.
func (f *Flow) Routes() []outbox.Route {
	return []outbox.Route{
		{Dest: "chat", Kind: kindAsk, Handle: f.ask},
		{Dest: "chat", Kind: kindBack, Handle: f.back},
		{Dest: "chat", Kind: kindGone, Handle: f.gone},
		{Dest: "chat", Kind: kindRemind, Handle: f.tellWaiting},
	}
}

// Ticket decides what follows from a ticket's change.
func (f *Flow) Ticket(tx store.Writer, was *watch.Seen, t tracker.Ticket) error {
	if t.Parent != "" {
		return nil
	}
	if err := f.wait(tx, t); err != nil {
		return err
	}
	before := tracker.Open
	if was != nil {
		before = was.Status
	}
	if before != t.Status && t.Status != tracker.Open { // a reason of before has been met
		if err := tx.Delete(bucketReason, t.Key); err != nil {
			return err
		}
	}
	next := moves[move{before, t.Status}]
	if next.leader {
		if err := f.add(tx, kindAsk, t); err != nil {
			return err
		}
	}
	if next.assignee && t.Assignee != "" {
		return f.add(tx, kindBack, t)
	}
	return nil
}

func (f *Flow) add(tx store.Writer, kind string, t tracker.Ticket) error {
	return addItem(tx, kind, t.Key, t.Updated, t.Key)
}

// addItem leaves an item in the lane of its ticket's others.
func addItem(tx store.Writer, kind, ticket string, at time.Time, about any) error {
	body, err := json.Marshal(about)
	if err != nil {
		return err
	}
	return outbox.Add(tx, outbox.Item{Dest: "chat", Lane: "review/" + ticket, Kind: kind,
		Key: fmt.Sprintf("%s/%s/%d", kind, ticket, at.UnixNano()), Created: at, Body: body})
}

// ticket reads the ticket of an item; gone is true when it was deleted.
func (f *Flow) ticket(ctx context.Context, it outbox.Item) (t tracker.Ticket, gone bool, err error) {
	var key string
	if err := json.Unmarshal(it.Body, &key); err != nil {
		return t, false, fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	t, err = f.Tracker.Ticket(ctx, key)
	if err != nil && adapters.CodeOf(err) == adapters.NotFound {
		return t, true, f.Outbox.Settle(ctx, it, nil)
	}
	return t, false, err
}

// Leader gives who looks at a ticket.
func (f *Flow) Leader(t tracker.Ticket) (roster.Person, bool) { return f.Roster.Leader(f.teamOf(t)) }

// teamOf gives whose a ticket is: its assignee's team, that of the morning
// that made it, its component's, or the one that all others belong to.
func (f *Flow) teamOf(t tracker.Ticket) string {
	if p, ok := f.Roster.ByTracker(t.Assignee); ok {
		return p.Team
	}
	if team, ok := digest.TeamOf(t.Label); ok {
		return team
	}
	if e, ok := f.KnowHow().Entry(t.Component); ok && e.Team != "" {
		return e.Team
	}
	return f.Team
}

// Leads tells whether a person leads a team, their own or another.
func Leads(r *roster.Roster, person string) bool {
	return slices.ContainsFunc(r.Teams(), func(t roster.Team) bool { return t.Leader == person })
}

// ask asks the leader to look or, when that is settled, says how.
func (f *Flow) ask(ctx context.Context, it outbox.Item) error {
	t, gone, err := f.ticket(ctx, it)
	if gone || err != nil {
		return err
	}
	leader, ok := f.Leader(t)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	return f.send(ctx, it, f.question(text.For(leader.Lang, leader.Zone), leader, t, it.Created))
}

func messageKey(ticket string) string { return "review/" + ticket }

func (f *Flow) question(p text.Printer, leader roster.Person, t tracker.Ticket, at time.Time) chat.Message {
	m := chat.Message{Key: messageKey(t.Key), To: leader.Chat, Lang: p.Lang(), Sent: at, Link: brief.Absolute(f.URL, f.Tracker.URL(t.Key)),
		Title: p.Say("review.title."+string(t.Status), "ticket", t.Key, "title", t.Title)}
	if t.Status != tracker.Closed { // of which the title says all
		m.Sections = []chat.Section{{Markdown: f.standing(p, t)}}
	}
	if t.Status == tracker.Fixed {
		m.Buttons = []chat.Button{{ID: ButtonClose, Value: t.Key, Label: p.Say("button.close"), Style: chat.Primary},
			{ID: ButtonBack, Value: t.Key, Label: p.Say("button.back")}}
	}
	return m
}

// standing says whose work on a ticket is fixed, or open again.
func (f *Flow) standing(p text.Printer, t tracker.Ticket) string {
	if t.Assignee == "" {
		return p.Markdown("review." + string(t.Status) + ".nobody")
	}
	name := t.Assignee
	if person, ok := f.Roster.ByTracker(t.Assignee); ok {
		name = person.Name
	}
	return p.Markdown("review."+string(t.Status), "name", name)
}

// back tells the assignee that the ticket came back.
func (f *Flow) back(ctx context.Context, it outbox.Item) error {
	t, gone, err := f.ticket(ctx, it)
	if gone || err != nil {
		return err
	}
	person, ok := f.Roster.ByTracker(t.Assignee)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	why, err := f.why(ctx, t.Key)
	if err != nil {
		return err
	}
	p := text.For(person.Lang, person.Zone)
	m := chat.Message{Key: it.Key, To: person.Chat, Lang: p.Lang(), Sent: it.Created, Link: brief.Absolute(f.URL, f.Tracker.URL(t.Key)),
		Title:    p.Say("review.back.title", "ticket", t.Key, "title", t.Title),
		Sections: []chat.Section{{Markdown: p.Markdown("review.back")}}}
	if why.Text != "" {
		m.Sections = []chat.Section{{Markdown: p.Markdown("review.back.why", "name", f.Roster.Name(why.By)) + "\n\n" + chat.Escape(brief.Plain(why.Text, maxReason))}}
	}
	return f.sendThen(ctx, it, m, func(tx store.Writer) error { return tx.Delete(bucketReason, t.Key) })
}

func (f *Flow) send(ctx context.Context, it outbox.Item, m chat.Message) error {
	return f.sendThen(ctx, it, m, nil)
}

// sendThen delivers a message and commits what follows. One that the chat will
// never take is for the log.
func (f *Flow) sendThen(ctx context.Context, it outbox.Item, m chat.Message, then func(store.Writer) error) error {
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	} else if err != nil {
		f.Log.Warn("the chat does not take a message about the review of a ticket", "to", m.To, "message", m.Key, "err", err)
	}
	return f.Outbox.Settle(ctx, it, then)
}
