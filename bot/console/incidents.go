package console

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/brief"
	"tebiki/bot/guide"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/urgent"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
)

// Incidents shows what the urgent flow works on.
type Incidents struct {
	Runner *runner.Runner
	Store  store.Store
	Roster *roster.Roster
	Rules  *escalation.Rules
	Guide  *guide.Guide
	URL    func(ticket string) string

	// Subtickets gives those of a ticket; nil for a tracker that is not asked,
	// and then no alert's line names one.
	Subtickets func(ctx context.Context, ticket string) ([]tracker.Ticket, error)
}

// alertsShown is how many alerts an incident's page lists.
const alertsShown = 200

// List implements web.Incidents.
func (v Incidents) List(ctx context.Context, _ string, f web.IncidentFilter) ([]web.Incident, error) {
	var before escalation.ID
	if f.Before != "" {
		id, err := escalation.ParseID(f.Before)
		if err != nil {
			return nil, notFound("list incidents", err)
		}
		before = id
	}
	keep := func(inc *escalation.Incident) bool {
		return (before == 0 || inc.ID < before) && (f.State == "" || string(inc.Status) == f.State)
	}
	n := f.Limit
	if n <= 0 {
		n = listed
	}
	list, err := v.read(ctx, n, f.State, keep)
	out := make([]web.Incident, len(list))
	for i := range list {
		out[i] = v.line(&list[i])
	}
	return out, err
}

// read gives those that are not closed, then the closed ones: people work
// from the top.
func (v Incidents) read(ctx context.Context, n int, state string, keep func(*escalation.Incident) bool) ([]escalation.Incident, error) {
	var out []escalation.Incident
	if state != string(escalation.Closed) {
		open, err := v.Runner.Open(ctx, n, keep)
		if err != nil {
			return nil, err
		}
		out = open
	}
	if state == "" || state == string(escalation.Closed) {
		closed, err := v.Runner.Closed(ctx, n-len(out), keep)
		if err != nil {
			return nil, err
		}
		out = append(out, closed...)
	}
	return out, nil
}

func (v Incidents) line(inc *escalation.Incident) web.Incident {
	team, _ := v.Roster.Team(v.Rules.PolicyOf(inc).Team)
	out := web.Incident{
		ID: inc.ID.String(), State: string(inc.Status), Title: brief.Headline(&inc.Root), Host: inc.Root.Host, Service: inc.Root.Service,
		Severity: inc.Root.Severity, Team: team.Name, Ticket: inc.Ticket, Storm: inc.Storm, Flapping: inc.Flapping,
		Opened: inc.Opened, Last: inc.Last, Alerts: int(inc.Members), Firing: int(inc.Firing), Signals: int(inc.Signals),
		AckBy: inc.AckBy, AckAt: inc.AckAt,
	}
	if next, ok := v.Rules.NextPage(inc); ok {
		out.Next = &web.NextPage{At: next.At, Person: next.Person, Channel: string(next.Channel)}
	}
	return out
}

// Incident implements web.Incidents.
func (v Incidents) Incident(ctx context.Context, lang, id string) (web.IncidentPage, error) {
	inc, err := v.find(ctx, id)
	if err != nil {
		return web.IncidentPage{}, err
	}
	page := web.IncidentPage{Incident: v.line(&inc), ResolvedBy: inc.ResolvedBy, ResolvedAt: inc.ResolvedAt, Can: canDo(&inc)}
	if inc.Ticket != "" {
		page.TicketURL = v.URL(inc.Ticket)
	}
	if inc.Previous != 0 {
		page.Previous = inc.Previous.String()
	}
	if c, ok := v.Guide.For(ctx, &inc.Root); ok {
		page.Component = c.Entry.Name
	}
	members, err := v.Runner.Alerts(ctx, inc.ID, alertsShown)
	if err != nil {
		return page, err
	}
	subs := v.subtickets(ctx, &inc)
	for i := range members {
		page.AlertLines = append(page.AlertLines, alertLine(&members[i], subs))
	}
	lines, err := v.Runner.History(ctx, inc.ID)
	if err != nil {
		return page, err
	}
	for _, l := range lines {
		page.Timeline = append(page.Timeline, v.event(printer(lang), l))
	}
	return page, v.lostTicket(ctx, printer(lang), inc.ID, &page)
}

// lostTicket puts into the timeline, which is the escalation's, that the
// incident's ticket is gone from the tracker. It is led to no longer.
func (v Incidents) lostTicket(ctx context.Context, p text.Printer, id escalation.ID, page *web.IncidentPage) error {
	lost, gone, err := urgent.TicketGone(ctx, v.Store, id)
	if err != nil || !gone {
		return err
	}
	at := slices.IndexFunc(page.Timeline, func(e web.TimelineEvent) bool { return e.At.After(lost.At) })
	if at < 0 {
		at = len(page.Timeline)
	}
	page.TicketURL = ""
	page.Timeline = slices.Insert(page.Timeline, at, web.TimelineEvent{At: lost.At, Kind: "ticket", Text: p.Say("line.ticket gone", "detail", lost.Ticket)})
	return nil
}

// subtickets gives the keys of the incident's sub-tickets by their labels. A
// tracker that is away takes nothing else from the page.
func (v Incidents) subtickets(ctx context.Context, inc *escalation.Incident) map[string]string {
	if v.Subtickets == nil || inc.Ticket == "" {
		return nil
	}
	list, err := v.Subtickets(ctx, inc.Ticket)
	if err != nil {
		return nil
	}
	out := make(map[string]string, len(list))
	for _, t := range list {
		out[t.Label] = t.Key
	}
	return out
}

func (v Incidents) find(ctx context.Context, id string) (escalation.Incident, error) {
	n, err := escalation.ParseID(id)
	if err != nil {
		return escalation.Incident{}, notFound("read the incident "+id, err)
	}
	inc, ok, err := v.Runner.Incident(ctx, n)
	if err == nil && !ok {
		err = notFound("read the incident "+id, errors.New("it is not there, or was forgotten long after its end"))
	}
	return inc, err
}

func canDo(inc *escalation.Incident) []string {
	switch inc.Status {
	case escalation.Held:
		return []string{web.Resolve}
	case escalation.Open:
		return []string{web.Acknowledge, web.PassOn, web.Resolve}
	case escalation.Acknowledged:
		if !inc.Confirm.IsZero() {
			return []string{web.Confirm, web.Acknowledge, web.PassOn, web.Resolve}
		}
		return []string{web.Acknowledge, web.PassOn, web.Resolve}
	}
	return nil
}

func alertLine(m *escalation.Member, subtickets map[string]string) web.AlertLine {
	a := &m.Alert
	label := fmt.Sprintf("%s%s/alert/%d", urgent.LabelPrefix, m.Incident, m.Seq)
	return web.AlertLine{ID: AlertID(m.Incident, m.Seq), Source: a.Source, Severity: a.Severity, Host: a.Host, Service: a.Service, Check: a.Check,
		Summary: a.Summary, Link: a.Link, Ticket: subtickets[label], Resolved: !m.Firing, Count: int(m.Count), First: m.First, Last: m.Last}
}

// AlertID names an alert of an incident.
func AlertID(id escalation.ID, seq uint32) string { return fmt.Sprintf("%s/%d", id, seq) }

// kinds sorts what can happen into what a page shows alike.
var kinds = map[escalation.News]string{
	escalation.NewsOpened: "alert", escalation.NewsStorm: "alert", escalation.NewsJoined: "alert", escalation.NewsHeld: "alert",
	escalation.NewsRecovered: "recovery", escalation.NewsResolved: "recovery",
	escalation.NewsPaged: "page", escalation.NewsOutcome: "page", escalation.NewsCalled: "page",
	escalation.NewsAcknowledged: "ack", escalation.NewsConfirmed: "ack", escalation.NewsPassedOn: "ack",
	escalation.NewsTicket: "ticket",
}

func (v Incidents) event(p text.Printer, l escalation.Line) web.TimelineEvent {
	result := ""
	if l.Outcome != "" {
		result = p.Say("outcome." + string(l.Outcome))
	}
	kind, ok := kinds[l.News]
	if !ok {
		kind = "state"
	}
	return web.TimelineEvent{At: l.At, Kind: kind, Person: l.Person, Channel: string(l.Channel), Result: result, Text: brief.Line(p, v.Roster, l)}
}

// Do implements web.Incidents.
func (v Incidents) Do(ctx context.Context, by web.Person, id, action string) error {
	inc, err := v.find(ctx, id)
	if err != nil {
		return err
	}
	p := text.For(by.Lang, by.Zone)
	events := map[string]escalation.Event{
		web.Acknowledge: escalation.Ack{Incident: inc.ID, Person: by.ID, Via: escalation.Chat},
		web.Confirm:     escalation.Ack{Incident: inc.ID, Person: by.ID, Via: escalation.Chat},
		web.PassOn:      escalation.PassOn{Incident: inc.ID, Person: by.ID, Via: escalation.Chat},
		web.Resolve:     escalation.Fix{Incident: inc.ID, Person: by.ID},
	}
	ev, ok := events[action]
	if !ok {
		return notFound("act on "+id, fmt.Errorf("there is no action %.80q", action))
	}
	if !slices.Contains(canDo(&inc), action) {
		return &web.Refusal{Text: p.Say("late."+string(inc.Status), "incident", inc.ID, "by", v.Roster.Name(inc.AckBy))}
	}
	rs, err := v.Runner.Submit(ctx, ev)
	switch {
	case err != nil:
		return err
	case rs[0].Incident == 0: // closed since it was read
		return &web.Refusal{Text: p.Say("reply.noincident")}
	case !rs[0].Changed:
		return &web.Refusal{Text: p.Say("late."+string(rs[0].Status), "incident", inc.ID, "by", v.Roster.Name(rs[0].By))}
	}
	return nil
}
