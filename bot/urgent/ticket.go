package urgent

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/outbox"
)

// LabelPrefix begins the labels of what Tebiki itself puts into the tracker.
const LabelPrefix = "tebiki/"

// listed is how many alerts a ticket lists.
const listed = 100

// maxHost is the length of the longest host name there can be.
const maxHost = 253

func label(key string) string { return LabelPrefix + key }

// openTicket makes the incident's ticket. A tracker that does not take it as
// it is gets it without what is optional: the incident must have a ticket.
func (f *Flow) openTicket(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	d, err := f.draft(ctx, &inc)
	if err != nil {
		return err
	}
	d.Label = label(e.Key)
	t, err := f.Tracker.Create(ctx, d)
	if err != nil && adapters.CodeOf(err) == adapters.Refused {
		f.Log.Warn("the tracker refuses the incident's ticket; it is made with nothing but its title and a link", "incident", inc.ID, "err", err)
		t, err = f.Tracker.Create(ctx, f.plainDraft(&inc, d.Label))
	}
	if err != nil {
		return err
	}
	return f.ticketMade(ctx, it, &inc, t.Key)
}

// ticketMade tells the escalation of an incident's ticket. Once the incident
// is closed nothing of the escalation's brings its messages up to date.
func (f *Flow) ticketMade(ctx context.Context, it outbox.Item, inc *escalation.Incident, ticket string) error {
	over := inc.Status == escalation.Resolved || inc.Status == escalation.Closed
	_, err := f.Core.SubmitWith(ctx, func(tx store.Writer) error {
		if err := it.Remove(tx); err != nil {
			return err
		}
		if over {
			if err := updateMessages(tx, inc.ID, time.Now()); err != nil {
				return err
			}
		}
		return runner.SetTicket(tx, inc.ID, ticket)
	}, escalation.TicketMade{Incident: inc.ID, Ticket: ticket})
	if err == nil {
		f.Outbox.Wake()
	}
	return err
}

// plainDraft holds what no tracker has a reason to refuse.
func (f *Flow) plainDraft(inc *escalation.Incident, label string) tracker.Draft {
	p := f.printer(inc)
	return tracker.Draft{Label: label, Title: f.title(p, inc), Body: brief.Body(f.intro(p, inc)), Priority: tracker.Urgent}
}

func (f *Flow) draft(ctx context.Context, inc *escalation.Incident) (tracker.Draft, error) {
	p := f.printer(inc)
	body, err := f.body(ctx, p, inc)
	if err != nil {
		return tracker.Draft{}, err
	}
	d := tracker.Draft{Title: f.title(p, inc), Body: body, Priority: tracker.Urgent, Fields: map[string]string{"incident": inc.ID.String()}}
	if inc.Root.Host != "" {
		d.Fields["host"] = brief.Plain(inc.Root.Host, maxHost)
	}
	if c, ok := f.guide(ctx, inc); ok {
		d.Component = c.Entry.Name
		d.Links = []tracker.Link{brief.Page(c.Entry.Title.In(p.Lang()), f.URL, c.Entry.Name)}
	}
	if person, ok := f.Roster.Person(inc.AckBy); ok {
		d.Assignee = person.Tracker
	}
	return d, nil
}

func (f *Flow) title(p text.Printer, inc *escalation.Incident) string {
	key := "ticket.title"
	if inc.Storm {
		key = "ticket.title.storm"
	}
	return p.Say(key, "incident", inc.ID, "headline", brief.Headline(&inc.Root))
}

// body describes the incident: its first alert or, of one that is listed, all
// of them; the older incident it follows; the know-how.
func (f *Flow) body(ctx context.Context, p text.Printer, inc *escalation.Incident) (string, error) {
	sections := []chat.Section{f.intro(p, inc)}
	if inc.Previous != 0 {
		previous, err := f.previous(ctx, p, inc.Previous)
		if err != nil {
			return "", err
		}
		sections = append(sections, previous)
	}
	alerts, err := f.alerts(ctx, p, inc)
	if err != nil {
		return "", err
	}
	sections = append(sections, alerts)
	if c, ok := f.guide(ctx, inc); ok {
		sections = append(sections, chat.Section{Markdown: c.How(p)})
		sections = append(sections, brief.Entry(p, f.Roster, c.Base, c.Entry, f.URL)...)
		sections = append(sections, brief.Made(p, c.Base)...)
	}
	return brief.Body(sections...), nil
}

func (f *Flow) intro(p text.Printer, inc *escalation.Incident) chat.Section {
	line := p.Markdown("ticket.intro", "incident", inc.ID, "time", inc.Opened)
	return chat.Section{Markdown: line + " " + brief.Link(p.Say("ticket.open"), f.link(inc))}
}

func (f *Flow) previous(ctx context.Context, p text.Printer, id escalation.ID) (chat.Section, error) {
	old, ok, err := f.Core.Incident(ctx, id)
	if err != nil || !ok {
		return chat.Section{Markdown: p.Markdown("ticket.previous", "incident", id)}, err
	}
	line := p.Markdown("ticket.previous.known", "incident", id, "ticket", old.Ticket, "time", old.ResolvedAt)
	return chat.Section{Markdown: line + " " + brief.Link(p.Say("ticket.open"), f.link(&old))}, nil
}

// alerts describes the one alert, or lists several.
func (f *Flow) alerts(ctx context.Context, p text.Printer, inc *escalation.Incident) (chat.Section, error) {
	if inc.Members == 1 && !inc.Storm {
		return chat.Section{Heading: p.Say("alert.heading"), Markdown: brief.Alert(p, &inc.Root)}, nil
	}
	members, err := f.Core.Alerts(ctx, inc.ID, listed)
	if err != nil {
		return chat.Section{}, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", p.Markdown("alerts.count", "n", inc.Members, "bad", inc.Firing, "signals", inc.Signals))
	for i := range members {
		b.WriteString("- " + f.alertLine(p, &members[i]) + "\n")
	}
	if n := int(inc.Members) - len(members); n > 0 {
		b.WriteString("- " + p.Markdown("alerts.more", "n", n) + "\n")
	}
	return chat.Section{Heading: p.Say("alerts.heading"), Markdown: b.String()}, nil
}

func (f *Flow) alertLine(p text.Printer, m *escalation.Member) string {
	key := "alerts.line.bad"
	if !m.Firing {
		key = "alerts.line.over"
	}
	return p.Markdown(key, "headline", brief.Headline(&m.Alert), "count", m.Count, "first", p.Clock(m.First), "last", p.Clock(m.Last))
}

// addSubticket puts a matching alert under the incident's ticket.
func (f *Flow) addSubticket(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	m, ok, err := f.Core.Alert(ctx, e.Incident, e.Alert)
	if err != nil {
		return err
	}
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	d := f.subDraft(ctx, &inc, &m.Alert)
	d.Label = label(e.Key)
	_, err = f.Tracker.Create(ctx, d)
	return f.written(ctx, it, &inc, err, "the tracker refuses a sub-ticket; its alert is on the incident's page")
}

func (f *Flow) subDraft(ctx context.Context, inc *escalation.Incident, a *escalation.Alert) tracker.Draft {
	p := f.printer(inc)
	d := tracker.Draft{Parent: inc.Ticket, Title: brief.Headline(a), Body: brief.Alert(p, a), Priority: tracker.Urgent}
	if a.Host != "" {
		d.Fields = map[string]string{"host": brief.Plain(a.Host, maxHost)}
	}
	if c, ok := f.Guide.For(ctx, a); ok {
		d.Links = []tracker.Link{brief.Page(c.Entry.Title.In(p.Lang()), f.URL, c.Entry.Name)}
		d.Body = brief.Body(append([]chat.Section{{Markdown: d.Body}}, brief.Made(p, c.Base)...)...)
	}
	return d
}
