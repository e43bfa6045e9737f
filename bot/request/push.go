package request

import (
	"context"
	"sort"
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
	m, err := f.message(ctx, t, s, person)
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
		return usage.Record(tx, usage.Event{Kind: usage.Pushed, At: it.Created, Ticket: t.Key, Component: s.Component, Person: person.ID})
	})
}

func (f *Flow) message(ctx context.Context, t tracker.Ticket, s step, person roster.Person) (chat.Message, error) {
	p := text.For(person.Lang, person.Zone)
	m := chat.Message{Key: "request/" + t.Key, To: person.Chat, Lang: p.Lang(),
		Title: p.Say("push.title", "ticket", t.Key, "title", t.Title), Link: f.absolute(f.Tracker.URL(t.Key)),
		Sections: []chat.Section{{Markdown: f.facts(p, t)}}}
	base := f.KnowHow()
	entry, ok := base.Entry(s.Component)
	if !ok {
		m.Sections = append(m.Sections, chat.Section{Markdown: p.Markdown("request.noentry", "component", s.Component)})
		return m, nil
	}
	prep, err := f.preparation(ctx, s)
	if err != nil {
		return m, err
	}
	subs, err := f.Tracker.Subtickets(ctx, t.Key)
	if err != nil {
		return m, err
	}
	for i, sub := range entry.Subtickets {
		m.Sections = append(m.Sections, f.inShort(p, base, entry, sub, results(prep, i), link(subs, t.Key, entry.Name, i))...)
	}
	value := t.Key + " " + entry.Name
	m.Buttons = []chat.Button{
		{ID: ButtonUseful, Value: value, Label: p.Say("button.useful")},
		{ID: ButtonOutdated, Value: value, Label: p.Say("button.outdated")},
	}
	return m, nil
}

// facts says what the request is.
func (f *Flow) facts(p text.Printer, t tracker.Ticket) string {
	var lines []string
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, "- "+chat.Line(label)+": "+chat.Line(value))
		}
	}
	add(p.Say("push.component"), t.Component)
	add(p.Say("push.requester"), f.person(t.Reporter))
	names := make([]string, 0, len(t.Fields))
	for name := range t.Fields {
		names = append(names, name)
	}
	sort.Strings(names)
	entry, _ := f.KnowHow().Entry(t.Component)
	for _, name := range names {
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
	return brief.Piece(p, title, d, rs, f.URL+"/knowhow/"+entry.Name)
}

// link gives the key of the sub-ticket made for a piece of work.
func link(subs []tracker.Ticket, ticket, component string, i int) string {
	for _, s := range subs {
		if s.Label == subticketLabel(ticket, component, i) {
			return s.Key
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

// assign asks the team's leader who is to do it or, when somebody has it,
// takes the question back.
func (f *Flow) assign(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	entry, _ := f.KnowHow().Entry(s.Component)
	leader, ok := f.Roster.Leader(f.teamOf(entry))
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	m := AssignMessage(f.Roster, leader, f.teamOf(entry), t)
	p := text.For(leader.Lang, leader.Zone)
	m.Sections, m.Link, m.Sent = append(m.Sections, chat.Section{Markdown: f.facts(p, t)}), f.absolute(f.Tracker.URL(t.Key)), it.Created
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// AssignMessage asks a team's leader to assign a ticket; when it is assigned
// it says to whom. The morning flow asks with it too.
func AssignMessage(r *roster.Roster, leader roster.Person, team string, t tracker.Ticket) chat.Message {
	p := text.For(leader.Lang, leader.Zone)
	m := chat.Message{Key: "assign/" + t.Key, To: leader.Chat, Lang: p.Lang(), Title: p.Say("assign.title", "ticket", t.Key, "title", t.Title)}
	if t.Assignee != "" {
		name := t.Assignee
		if person, ok := r.ByTracker(t.Assignee); ok {
			name = person.Name
		}
		m.Title = p.Say("assign.done", "ticket", t.Key, "title", t.Title, "name", name)
		return m
	}
	b := chat.Button{ID: ButtonAssign, Value: t.Key, Label: p.Say("button.assign"), Style: chat.Primary}
	for _, person := range r.Members(team) {
		b.Choices = append(b.Choices, chat.Choice{Value: t.Key + " " + person.ID, Label: person.Name})
	}
	m.Buttons = []chat.Button{b}
	m.Sections = []chat.Section{{Markdown: p.Markdown("assign.ask")}}
	return m
}
