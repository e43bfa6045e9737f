package urgent

import (
	"context"
	"errors"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/guide"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/outbox"
)

// The buttons of an incident's message. Their value is the incident's id.
const (
	ButtonAck     = "ack"
	ButtonPass    = "pass"
	ButtonResolve = "resolve"
	ButtonCall    = "call"
)

// reach sends the page that a person gets in chat. When it cannot be sent the
// escalation is told at once, so that the phone rings, and the message stays
// to be delivered when the chat is back.
func (f *Flow) reach(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	result := escalation.PageResult{Incident: inc.ID, Page: e.Page, Outcome: escalation.Delivered}
	if inc.Status != escalation.Open {
		result.Outcome = escalation.Withdrawn
		return f.report(ctx, it, result)
	}
	var later []outbox.Item
	var used []usage.Event
	switch err := f.send(ctx, &inc, e.Person); {
	case err == nil:
		c, _ := f.guide(ctx, &inc)
		used = c.Used(it.Created, e.Person, inc.ID.String())
	case errors.Is(ctx.Err(), context.Canceled):
		return err // the process ends; the next one sends it
	default:
		f.Log.Warn("a page did not reach its person in chat; the next channel is used now", "incident", inc.ID, "person", e.Person, "err", err)
		result.Outcome, result.Cause = escalation.Failed, adapters.CodeOf(err).String()
		if !adapters.Lasting(err) {
			later = append(later, outbox.Item{Dest: it.Dest, Lane: inc.ID.String(), Kind: string(escalation.Refresh), Key: it.Key + "/later", Created: it.Created, Body: it.Body})
		}
	}
	return f.reportWith(ctx, it, result, used, later...)
}

// report commits a page's result together with the removal of its item.
func (f *Flow) report(ctx context.Context, it outbox.Item, r escalation.PageResult) error {
	return f.reportWith(ctx, it, r, nil)
}

// reportWith commits besides what the know-how was used for, and further
// items.
func (f *Flow) reportWith(ctx context.Context, it outbox.Item, r escalation.PageResult, used []usage.Event, further ...outbox.Item) error {
	// Whatever ends the delivery must not lose a result that is there.
	_, err := f.Core.SubmitWith(context.WithoutCancel(ctx), func(tx store.Writer) error {
		if err := it.Remove(tx); err != nil {
			return err
		}
		for _, e := range used {
			if err := usage.Record(tx, e); err != nil {
				return err
			}
		}
		return outbox.Add(tx, further...)
	}, r)
	if err == nil && len(further) > 0 {
		f.Outbox.Wake()
	}
	return err
}

// maxSends bounds how often one delivery follows an incident that goes on
// changing; the change's own effect brings the rest.
const maxSends = 3

// send brings a person's message about the incident up to date. Pages and
// news come by different lanes, so what was sent may be older than what
// another sends at the same time: the incident is read again afterwards, and
// a message that is no longer true is sent anew.
func (f *Flow) send(ctx context.Context, inc *escalation.Incident, id string) error {
	person, ok := f.Roster.Person(id)
	if !ok {
		return &adapters.Error{Op: "page " + id, Code: adapters.NotFound, Err: errors.New("the roster has no such person")}
	}
	now := *inc
	for range maxSends {
		_, gone, err := TicketGone(ctx, f.Store, inc.ID)
		if err != nil {
			return err
		}
		if err := f.Chat.Send(ctx, f.message(ctx, &now, gone, person)); err != nil {
			return err
		}
		then := now
		read, ok, err := f.Core.Incident(ctx, inc.ID)
		if !ok || err != nil || read.Lines == then.Lines && read.Status == then.Status {
			return nil // what could not be read now is not known to be wrong
		}
		now = read
	}
	return nil
}

// refresh brings the messages of all who were paged up to date.
func (f *Flow) refresh(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	var failed error
	for _, id := range inc.Paged {
		if err := f.send(ctx, &inc, id); err != nil && !adapters.Lasting(err) {
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil {
		return failed
	}
	c, _ := f.guide(ctx, &inc)
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error { return fixed(tx, &inc, c) })
}

// fixed records, once, how long an incident took whose know-how was pushed.
func fixed(tx store.Writer, inc *escalation.Incident, c guide.Choice) error {
	if inc.ResolvedAt.IsZero() || c.Entry == nil || len(inc.Paged) == 0 {
		return nil
	}
	return usage.Rate(tx, usage.Event{Kind: usage.Fixed, At: inc.ResolvedAt, Ticket: inc.ID.String(), Component: c.Entry.Name, Took: max(0, inc.ResolvedAt.Sub(inc.Began))})
}

// tell sends news in the thread of the incident's message.
func (f *Flow) tell(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	person, ok := f.Roster.Person(e.Person)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	p := text.For(person.Lang, person.Zone)
	line, err := f.news(ctx, p, &inc, e)
	if err != nil {
		return err
	}
	m := chat.Message{Key: e.Key, To: person.Chat, Thread: MessageKey(inc.ID), Lang: person.Lang, Sent: e.At,
		Title:    p.Say("told."+string(e.News), "incident", inc.ID, "headline", brief.Headline(&inc.Root), "n", inc.Members),
		Sections: []chat.Section{{Markdown: line}}, Link: f.link(&inc)}
	if e.News == escalation.NewsAsked {
		m.Urgent = true
		m.Buttons = []chat.Button{
			{ID: ButtonAck, Value: inc.ID.String(), Label: p.Say("button.still"), Style: chat.Primary},
			{ID: ButtonPass, Value: inc.ID.String(), Label: p.Say("button.pass")},
		}
	}
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// MessageKey is the key of the message about an incident at each person.
func MessageKey(id escalation.ID) string { return "incident/" + id.String() }

// message is what a person has about an incident: where it stands, the alert,
// the know-how, and buttons for what can be done now.
func (f *Flow) message(ctx context.Context, inc *escalation.Incident, ticketGone bool, person roster.Person) chat.Message {
	p := text.For(person.Lang, person.Zone)
	m := f.head(p, inc, person.Chat, f.standing(p, inc, ticketGone))
	if c, ok := f.guide(ctx, inc); ok {
		m.Sections = append(m.Sections, chat.Section{Markdown: c.How(p)})
		m.Sections = append(m.Sections, brief.Entry(p, f.Roster, c.Base, c.Entry, f.URL)...)
	} else {
		m.Sections = append(m.Sections, chat.Section{Markdown: p.Markdown("page.noknowhow")})
	}
	m.Buttons = buttons(p, inc)
	return m
}

// head is how every message about an incident begins: where it stands, and
// the alert.
func (f *Flow) head(p text.Printer, inc *escalation.Incident, to, standing string) chat.Message {
	return chat.Message{
		Key: MessageKey(inc.ID), To: to, Lang: p.Lang(), Urgent: inc.Status == escalation.Open, Sent: inc.Began, Link: f.link(inc),
		Title:    p.Say("page.title."+string(inc.Status), "incident", inc.ID, "headline", brief.Headline(&inc.Root), "by", f.Roster.Name(inc.AckBy)),
		Sections: []chat.Section{{Markdown: standing}, {Heading: p.Say("alert.heading"), Markdown: brief.Alert(p, &inc.Root)}},
	}
}

// standing says in a few lines how far the incident is.
func (f *Flow) standing(p text.Printer, inc *escalation.Incident, ticketGone bool) string {
	line := p.Markdown("standing."+string(inc.Status), "by", f.Roster.Name(first(inc.AckBy, inc.ResolvedBy)), "since", inc.AckAt, "resolved", inc.ResolvedAt)
	line += "\n\n" + p.Markdown("standing.alerts", "opened", inc.Opened, "n", inc.Members, "bad", inc.Firing, "signals", inc.Signals)
	switch {
	case inc.Ticket == "":
		return line + " " + p.Markdown("standing.noticket")
	case ticketGone:
		return line + " " + p.Markdown("standing.ticketgone", "ticket", inc.Ticket)
	}
	ticket := p.Say("standing.ticket", "ticket", inc.Ticket)
	if url := f.Tracker.URL(inc.Ticket); url != "" {
		return line + " " + brief.Link(ticket, brief.Absolute(f.URL, url))
	}
	return line + " " + chat.Line(ticket)
}

func first(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

func buttons(p text.Printer, inc *escalation.Incident) []chat.Button {
	id := inc.ID.String()
	ack := chat.Button{ID: ButtonAck, Value: id, Label: p.Say("button.ack"), Style: chat.Primary}
	pass := chat.Button{ID: ButtonPass, Value: id, Label: p.Say("button.pass")}
	resolve := chat.Button{ID: ButtonResolve, Value: id, Label: p.Say("button.resolve")}
	switch inc.Status {
	case escalation.Open:
		return []chat.Button{ack, pass, resolve}
	case escalation.Acknowledged:
		return []chat.Button{pass, resolve}
	}
	return nil
}
