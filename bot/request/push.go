package request

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/store"
	"tebiki/store/outbox"
)

// The buttons of the flow's messages. The value of the first two is a ticket
// and a component, of the third a ticket and a person, with a space between.
const (
	ButtonUseful   = "useful"
	ButtonOutdated = "outdated"
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
	entry, known := f.KnowHow().Entry(s.Component)
	m, err := f.message(ctx, t, s, entry, person)
	if err != nil {
		return err
	}
	m.Sent = it.Created
	if err := f.Chat.Send(ctx, m); err != nil {
		if !adapters.Lasting(err) {
			return err
		}
		f.Log.Warn("the chat does not take a push", "ticket", t.Key, "person", person.ID, "err", err)
		return f.Outbox.Settle(ctx, it, nil)
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		if !known {
			return nil // there was no know-how to push
		}
		return usage.Record(tx, usage.Event{Kind: usage.Pushed, At: it.Created, Ticket: t.Key, Component: s.Component, Person: person.ID})
	})
}

// message has the component in its key: a ticket that was moved brings its
// assignee a second message, and the first still is what it was.
func (f *Flow) message(ctx context.Context, t tracker.Ticket, s step, entry *knowhow.Entry, person roster.Person) (chat.Message, error) {
	p := text.For(person.Lang, person.Zone)
	m := chat.Message{Key: "request/" + t.Key + "/" + s.Component, To: person.Chat, Lang: p.Lang(),
		Title: p.Say("push.title", "ticket", t.Key, "title", t.Title), Link: f.absolute(f.Tracker.URL(t.Key)),
		Sections: []chat.Section{{Markdown: f.request(p, t)}}}
	if entry == nil {
		m.Sections = append(m.Sections, chat.Section{Markdown: p.Markdown("request.noentry", "component", s.Component)})
		return m, nil
	}
	work, err := f.work(ctx, p, s, entry)
	m.Sections = append(m.Sections, work...)
	value := t.Key + " " + entry.Name
	m.Buttons = []chat.Button{
		{ID: ButtonUseful, Value: value, Label: p.Say("button.useful")},
		{ID: ButtonOutdated, Value: value, Label: p.Say("button.outdated")},
	}
	return m, err
}

// work gives the pieces of the work, each with its sub-ticket.
func (f *Flow) work(ctx context.Context, p text.Printer, s step, entry *knowhow.Entry) ([]chat.Section, error) {
	prep, err := f.preparation(ctx, s)
	if err != nil {
		return nil, err
	}
	subs, err := f.Tracker.Subtickets(ctx, s.Ticket)
	if err != nil {
		return nil, err
	}
	base := f.KnowHow()
	var out []chat.Section
	shown := map[string]bool{} // a check that two pieces share is read once
	for i, sub := range entry.Subtickets {
		fresh := slices.DeleteFunc(results(prep, sub), func(r check.Result) bool { return shown[r.Check] })
		for _, r := range fresh {
			shown[r.Check] = true
		}
		rs := cutResults(fresh, shortLines, shortBytes)
		out = append(out, f.inShort(p, base, entry, sub, rs, keyOf(subs, subticketLabel(s.Ticket, entry.Name, i)))...)
	}
	return out, nil
}

// detail is how much of what the requester wrote a message shows.
const detail = 1000

// request is what is asked for: the fields, and what the requester wrote.
func (f *Flow) request(p text.Printer, t tracker.Ticket) string {
	return strings.TrimSpace(f.facts(p, t) + "\n\n" + chat.Escape(cutText(t.Body, shortLines, detail)))
}

// facts lists the fields of a request.
func (f *Flow) facts(p text.Printer, t tracker.Ticket) string {
	var lines []string
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, "- "+chat.Line(label)+": "+chat.Line(value))
		}
	}
	add(p.Say("push.component"), t.Component)
	add(p.Say("push.requester"), f.person(t.Reporter))
	entry, _ := f.KnowHow().Entry(t.Component)
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		add(fieldLabel(p, entry, name), t.Fields[name])
	}
	return strings.Join(lines, "\n")
}

func fieldLabel(p text.Printer, entry *knowhow.Entry, name string) string {
	if name == knowhow.FieldHost {
		return p.Say("alert.host")
	}
	if entry != nil {
		for _, fd := range entry.Fields {
			if fd.Name == name {
				return fd.Label.In(p.Lang())
			}
		}
	}
	return name
}

func (f *Flow) person(trackerID string) string {
	if p, ok := f.Roster.ByTracker(trackerID); ok {
		return p.Name
	}
	return trackerID
}

// inShort is one piece of the work: what to do and what is special, how the
// checks went, and the rest folded.
func (f *Flow) inShort(p text.Printer, base *knowhow.Base, entry *knowhow.Entry, sub knowhow.Subticket, rs []check.Result, key string) []chat.Section {
	title := sub.Title.In(p.Lang())
	if key != "" {
		title = key + " " + title
	}
	d, ok := base.Doc(sub.Doc, p.Lang())
	if !ok {
		return []chat.Section{{Heading: title, Markdown: brief.Results(p, rs)}}
	}
	return brief.Piece(p, f.Roster, title, d, rs, f.URL+"/knowhow/"+entry.Name)
}

// keyOf gives the key of the ticket with a label; "" when there is none.
func keyOf(tickets []tracker.Ticket, label string) string {
	for _, t := range tickets {
		if t.Label == label {
			return t.Key
		}
	}
	return ""
}

func (f *Flow) absolute(url string) string {
	if strings.HasPrefix(url, "/") {
		return f.URL + url
	}
	return url
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
	m := AssignMessage(f.Roster, leader, s.Team, t)
	m.Sections = append(m.Sections, chat.Section{Markdown: f.request(text.For(leader.Lang, leader.Zone), t)})
	m.Link, m.Sent = f.absolute(f.Tracker.URL(t.Key)), it.Created
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	} else if err != nil {
		f.Log.Warn("the chat does not take a question to a leader", "ticket", t.Key, "person", leader.ID, "err", err)
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// maxChoices is how many people a question offers: chats take no more.
const maxChoices = 100

// AssignMessage asks a team's leader to assign a ticket; when it is assigned
// it says to whom. The morning flow asks with it too.
func AssignMessage(r *roster.Roster, leader roster.Person, team string, t tracker.Ticket) chat.Message {
	p := text.For(leader.Lang, leader.Zone)
	m := chat.Message{Key: "assign/" + t.Key, To: leader.Chat, Lang: p.Lang()}
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
		m.Buttons = []chat.Button{assignButton(p, r.Members(team), t.Key)}
		m.Sections = []chat.Section{{Markdown: p.Markdown("assign.ask")}}
	}
	return m
}

func assignButton(p text.Printer, people []roster.Person, ticket string) chat.Button {
	b := chat.Button{ID: ButtonAssign, Value: ticket, Label: p.Say("button.assign"), Style: chat.Primary}
	for _, person := range people[:min(len(people), maxChoices)] {
		b.Choices = append(b.Choices, chat.Choice{Value: ticket + " " + person.ID, Label: person.Name})
	}
	return b
}
