package request

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A Help says what came of asking the leader.
type Help struct {
	State  HelpState
	Leader roster.Person
}

// A HelpState is how it stands with the question.
type HelpState string

// The states.
const (
	HelpSent    HelpState = "sent"
	HelpAlready HelpState = "already" // the same person asked before
	HelpAlone   HelpState = "alone"   // the asker leads the team, or nobody does
	HelpGone    HelpState = "gone"    // nothing was prepared for this component
)

// AskLeader tells the team's leader that somebody asks for help with a ticket,
// once for each ticket and person.
func (f *Flow) AskLeader(ctx context.Context, ticket, component string, asker roster.Person, now time.Time) (Help, error) {
	leader, ok := f.leaderFor(component, asker)
	out := Help{Leader: leader}
	err := f.Store.Update(ctx, func(tx store.Writer) error {
		rec, _, err := load(tx, ticket)
		if err != nil {
			return err
		}
		out.State = HelpSent
		switch {
		case rec.Prepared[component] == nil:
			out.State = HelpGone
			return nil
		case !ok:
			out.State = HelpAlone
			return nil
		case slices.Contains(rec.Helped, asker.ID):
			out.State = HelpAlready
			return nil
		}
		rec.Helped = append(rec.Helped, asker.ID)
		if err := add(tx, "chat", kindHelp, step{Ticket: ticket, Component: component, Person: asker.ID}, now); err != nil {
			return err
		}
		return store.Put(tx, bucket, ticket, 1, rec)
	})
	if err != nil {
		return Help{}, fmt.Errorf("ask the leader for help with %s: %w", ticket, err)
	}
	f.Outbox.Wake()
	return out, nil
}

// leaderFor gives whom to ask: the leader of the component's team or, who
// leads that one, of the asker's own.
func (f *Flow) leaderFor(component string, asker roster.Person) (roster.Person, bool) {
	entry, _ := f.KnowHow().Entry(component)
	for _, team := range []string{f.teamOf(entry), asker.Team} {
		if leader, ok := f.Roster.Leader(team); ok && leader.ID != asker.ID {
			return leader, true
		}
	}
	return roster.Person{}, false
}

// help tells the leader. When that can never arrive the asker hears of it and
// may ask anew.
func (f *Flow) help(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	asker, known := f.Roster.Person(s.Person)
	leader, ok := f.leaderFor(s.Component, asker)
	if !known || !ok {
		return f.Outbox.Settle(ctx, it, nil) // the roster has changed since
	}
	st, err := f.standing(ctx, t, s)
	if err != nil {
		return err
	}
	m := f.question(st, asker, leader)
	m.Sent = it.Created
	err = f.Chat.Send(ctx, m)
	if err != nil && adapters.Lasting(err) {
		f.Log.Warn("the chat does not take a call for help", "ticket", t.Key, "leader", leader.ID, "asker", asker.ID, "err", err)
		return f.unheard(ctx, it, s, asker, leader)
	}
	if err != nil {
		return err
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// question is what the leader reads: who asks, what for, what is to be done
// first, and how far it is.
func (f *Flow) question(st standing, asker, leader roster.Person) chat.Message {
	p := text.For(leader.Lang, leader.Zone)
	t := st.ticket
	var out sections
	out.add("", p.Markdown("help.ask", "name", asker.Name), false)
	out.add("", f.request(p, t), false)
	if st.entry != nil {
		for _, one := range toDo(st.pieces(p)) {
			out.add(one.title+": "+p.Say("doc.todo"), one.doc.TODO, false)
		}
	}
	out.add(p.Say("push.subtickets"), f.checklist(p, st.subs), false)
	return chat.Message{Key: "help/" + t.Key + "/" + asker.ID, To: leader.Chat, Lang: p.Lang(),
		Title: p.Say("help.title", "name", asker.Name, "ticket", t.Key, "title", t.Title),
		Link:  f.page(t.Key), Sections: out}
}

func (f *Flow) unheard(ctx context.Context, it outbox.Item, s step, asker, leader roster.Person) error {
	p := text.For(asker.Lang, asker.Zone)
	err := f.send(ctx, chat.Message{Key: it.Key, Thread: messageKey(s.Ticket, s.Component), To: asker.Chat, Lang: p.Lang(),
		Title: p.Say("help.unheard", "name", leader.Name, "ticket", s.Ticket), Sent: it.Created})
	if err != nil {
		return err
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		return change(tx, s, func(rec *record, _ *preparation) error {
			rec.Helped = slices.DeleteFunc(rec.Helped, func(id string) bool { return id == asker.ID })
			return nil
		})
	})
}
