package request

import (
	"context"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/store"
	"tebiki/store/outbox"
)

// The buttons of the flow's messages. Their value is a ticket and a component
// with a space between, of ButtonAssign a ticket and a person.
const (
	ButtonUseful   = "useful"
	ButtonOutdated = "outdated"
	ButtonChecks   = "checks"
	ButtonLeader   = "leader"
	ButtonAssign   = "assign"
)

// push sends the assignee what the sub-tickets hold, in short.
func (f *Flow) push(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	person, ok := f.Roster.ByTracker(s.Person)
	if !ok {
		f.Log.Warn("a ticket's assignee is not in the roster and gets no message", "ticket", t.Key, "assignee", s.Person)
		return f.Outbox.Settle(ctx, it, nil)
	}
	now, err := f.standing(ctx, t, s)
	if err != nil {
		return err
	}
	m := f.message(now, person)
	m.Sent = it.Created
	if err := f.Chat.Send(ctx, m); err != nil {
		if !adapters.Lasting(err) {
			return err
		}
		f.Log.Warn("the chat does not take a push", "ticket", t.Key, "person", person.ID, "err", err)
		return f.Outbox.Settle(ctx, it, nil)
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		if now.entry == nil {
			return nil // there was no know-how to push
		}
		err := change(tx, s, func(_ *record, prep *preparation) error {
			if prep.First.IsZero() {
				prep.First = it.Created
			}
			return nil
		})
		if err != nil {
			return err
		}
		return usage.Record(tx, usage.Event{Kind: usage.Pushed, At: it.Created, Ticket: t.Key, Component: s.Component, Person: person.ID})
	})
}

// assign asks a team's leader who is to do it or, when that is settled, says
// how.
func (f *Flow) assign(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	leader, ok := f.Roster.Leader(s.Team)
	if !ok {
		f.Log.Warn("a ticket has nobody and its team has no leader to ask", "ticket", t.Key, "team", s.Team)
		return f.Outbox.Settle(ctx, it, nil)
	}
	bench, err := Look(ctx, f.Store, f.Roster, f.Rules, time.Now())
	if err != nil {
		return err
	}
	owners, stale := Owners(ctx, f.Inventory, f.Roster, t.Fields["host"])
	m := AssignMessage(f.Roster, leader, t, bench.Candidates(s.Team, owners))
	p := text.For(leader.Lang, leader.Zone)
	if stale && len(m.Buttons) > 0 {
		m.Sections = append(m.Sections, chat.Section{Markdown: p.Markdown("inventory.stale")})
	}
	m.Sections = append(m.Sections, chat.Section{Markdown: f.request(p, t)})
	m.Link, m.Sent = f.page(t.Key), it.Created
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	} else if err != nil {
		f.Log.Warn("the chat does not take a question to a leader", "ticket", t.Key, "person", leader.ID, "err", err)
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// maxChoices is how many people a question offers: chats take no more.
const maxChoices = 100

func assignKey(ticket string) string { return "assign/" + ticket }

// AssignMessage asks a team's leader to assign a ticket to one of the
// candidates; when it is assigned it says to whom. The morning flow asks with
// it too.
func AssignMessage(r *roster.Roster, leader roster.Person, t tracker.Ticket, of []Candidate) chat.Message {
	p := text.For(leader.Lang, leader.Zone)
	m := chat.Message{Key: assignKey(t.Key), To: leader.Chat, Lang: p.Lang()}
	switch {
	case t.Assignee != "":
		name := t.Assignee
		if person, ok := r.ByTracker(t.Assignee); ok {
			name = person.Name
		}
		m.Title = p.Say("assign.done", "ticket", t.Key, "title", t.Title, "name", name)
	case t.Status == tracker.Fixed || t.Status == tracker.Closed:
		m.Title = p.Say("assign.over", "ticket", t.Key, "title", t.Title)
	default:
		m.Title = p.Say("assign.title", "ticket", t.Key, "title", t.Title)
		m.Buttons = []chat.Button{assignButton(p, of, t.Key)}
		m.Sections = []chat.Section{{Markdown: p.Markdown("assign.ask")}}
	}
	return m
}

func assignButton(p text.Printer, of []Candidate, ticket string) chat.Button {
	b := chat.Button{ID: ButtonAssign, Value: ticket, Label: p.Say("button.assign"), Style: chat.Primary}
	for _, c := range of[:min(len(of), maxChoices)] {
		b.Choices = append(b.Choices, chat.Choice{Value: ticket + " " + c.ID, Label: choice(p, c)})
	}
	return b
}
