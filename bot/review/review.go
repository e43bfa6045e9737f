// Package review is what becomes of a ticket when the work is done: the
// operator fixes it, the leader is asked to look, and closes it or sends it
// back. It holds for every ticket that is not a sub-ticket, whichever flow it
// came from.
//
//	fixed ─► the leader is asked ─┬─ close ─► closed: the question is settled
//	                              ├─ send back ─► open: the assignee is told
//	                              └─ deleted ─► the question is taken back
//
// The buttons change the ticket; what follows from that is read from the
// tracker, so it makes no difference whether somebody pressed here or worked
// in the tracker itself.
package review

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/watch"
	"tebiki/store"
	"tebiki/store/outbox"
)

const (
	kindAsk  = "review ask"
	kindBack = "review back"
	kindGone = "review gone"
)

// The buttons of the question. Their value is the ticket's key.
const (
	ButtonClose = "close"
	ButtonBack  = "back"
)

// A Flow is what the messages need.
type Flow struct {
	Outbox  *outbox.Outbox
	Tracker tracker.Tracker
	Chat    chat.Chat
	Roster  *roster.Roster
	Team    string // whose leader looks at a ticket without an assignee
	URL     string
}

// Routes lists what the flow delivers.
func (f *Flow) Routes() []outbox.Route {
	return []outbox.Route{
		{Dest: "chat", Kind: kindAsk, Handle: f.ask},
		{Dest: "chat", Kind: kindBack, Handle: f.back},
		{Dest: "chat", Kind: kindGone, Handle: f.gone},
	}
}

// Ticket decides what follows from a change of status. The leader hears of a
// ticket that is fixed and of what becomes of it then: one that somebody
// closes without fixing it first is no question.
func (f *Flow) Ticket(tx store.Writer, was *watch.Seen, t tracker.Ticket) error {
	before := tracker.Open
	if was != nil {
		before = was.Status
	}
	if t.Parent != "" || before == t.Status || before == tracker.Open && t.Status == tracker.Closed {
		return nil
	}
	if err := f.add(tx, kindAsk, t); err != nil {
		return err
	}
	if t.Status == tracker.Open && t.Assignee != "" {
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

// Leader gives who looks at a ticket: the leader of its assignee's team.
func (f *Flow) Leader(t tracker.Ticket) (roster.Person, bool) {
	team := f.Team
	if p, ok := f.Roster.ByTracker(t.Assignee); ok {
		team = p.Team
	}
	return f.Roster.Leader(team)
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
	p := text.For(person.Lang, person.Zone)
	return f.send(ctx, it, chat.Message{Key: it.Key, To: person.Chat, Lang: p.Lang(), Sent: it.Created, Link: brief.Absolute(f.URL, f.Tracker.URL(t.Key)),
		Title:    p.Say("review.back.title", "ticket", t.Key, "title", t.Title),
		Sections: []chat.Section{{Markdown: p.Markdown("review.back")}}})
}

func (f *Flow) send(ctx context.Context, it outbox.Item, m chat.Message) error {
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	}
	return f.Outbox.Settle(ctx, it, nil)
}
