package request

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/knowhow"
)

// A standing is all that a message about a ticket is made of, as it is now.
type standing struct {
	ticket    tracker.Ticket
	component string
	base      *knowhow.Base
	entry     *knowhow.Entry // nil when there is no know-how
	prep      *preparation
	subs      []tracker.Ticket // the component's, and those that people made
}

func (f *Flow) standing(ctx context.Context, t tracker.Ticket, s step) (standing, error) {
	st := standing{ticket: t, component: s.Component, base: f.KnowHow()}
	st.entry, _ = st.base.Entry(s.Component)
	var err error
	if st.prep, err = f.preparation(ctx, s); err != nil {
		return st, err
	}
	all, err := f.Tracker.Subtickets(ctx, t.Key)
	if err != nil {
		return st, err
	}
	for _, sub := range all {
		if !strings.HasPrefix(sub.Label, labels) || isOf(sub.Label, t.Key, s.Component) {
			st.subs = append(st.subs, sub)
		}
	}
	return st, nil
}

// isOf tells whether a label is that of a piece of a component's work: a
// ticket that was moved has those of several.
func isOf(label, ticket, component string) bool {
	return label[:strings.LastIndexByte(label, '/')] == labels+ticket+"/"+component
}

func messageKey(ticket, component string) string { return "request/" + ticket + "/" + component }

// message has the component in its key: a ticket that was moved brings its
// assignee a second message, and the first still is what it was.
func (f *Flow) message(st standing, person roster.Person) chat.Message {
	p := text.For(person.Lang, person.Zone)
	t := st.ticket
	m := chat.Message{Key: messageKey(t.Key, st.component), To: person.Chat, Lang: p.Lang(),
		Title: p.Say("push.title", "ticket", t.Key, "title", t.Title), Link: f.page(t.Key),
		Sections: []chat.Section{{Markdown: f.request(p, t)}}}
	if st.entry == nil {
		m.Sections = append(m.Sections, chat.Section{Markdown: p.Markdown("request.noentry", "component", st.component)})
		return m
	}
	m.Sections = append(m.Sections, f.work(p, st)...)
	m.Buttons = buttons(p, t.Key+" "+st.component, len(st.entry.Checks()) > 0)
	return m
}

func buttons(p text.Printer, value string, checks bool) []chat.Button {
	out := []chat.Button{
		{ID: ButtonUseful, Value: value, Label: p.Say("button.useful")},
		{ID: ButtonOutdated, Value: value, Label: p.Say("button.outdated")},
	}
	if checks {
		out = append(out, chat.Button{ID: ButtonChecks, Value: value, Label: p.Say("button.checks")})
	}
	return append(out, chat.Button{ID: ButtonLeader, Value: value, Label: p.Say("button.leader")})
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
	entry, _ := f.KnowHow().Entry(t.Component)
	add(p.Say("push.component"), componentLabel(p, entry, t.Component))
	add(p.Say("push.requester"), f.person(t.Reporter))
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		add(fieldLabel(p, entry, name), t.Fields[name])
	}
	return strings.Join(lines, "\n")
}

// componentLabel is a component's title, with the name that commands take.
func componentLabel(p text.Printer, entry *knowhow.Entry, name string) string {
	if entry == nil {
		return name
	}
	return entry.Title.In(p.Lang()) + " (" + entry.Name + ")"
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

// page is where a ticket is to be seen.
func (f *Flow) page(key string) string { return brief.Absolute(f.URL, f.Tracker.URL(key)) }

// link leads to a ticket, by its key.
func (f *Flow) link(key string) string { return brief.Link(key, f.page(key)) }
