package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/request"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/urgent"
	"tebiki/knowhow"
)

// Tickets shows the team's tracker, whichever it is: its own, or a vendor's
// that people otherwise open elsewhere.
type Tickets struct {
	Tracker  tracker.Tracker
	Roster   *roster.Roster
	KnowHow  func() *knowhow.Base
	Requests Requests
	Reviews  Reviews
}

// List implements web.Tickets.
func (t Tickets) List(ctx context.Context, f web.TicketFilter) ([]tracker.Ticket, error) {
	switch _, known := t.Roster.Person(f.Assignee); {
	case f.Unassigned:
		return t.unassigned(ctx, f)
	case f.Assignee != "" && !known:
		return nil, nil // nobody's, which is not everybody's
	}
	list, err := t.Tracker.List(ctx, t.filter(f))
	return t.people(list), err
}

func (t Tickets) filter(f web.TicketFilter) tracker.Filter {
	return tracker.Filter{Status: f.Status, Component: f.Component, Assignee: t.trackerID(f.Assignee), TopLevel: f.TopLevel, Limit: f.Limit, Before: f.Before}
}

// piece and pieces bound how far back unassigned tickets are looked for: each
// piece may be a request to a tracker far away, with all there ever were in it.
const piece, pieces = 200, 10

// unassigned walks back until it has a page of tickets that nobody has.
func (t Tickets) unassigned(ctx context.Context, f web.TicketFilter) ([]tracker.Ticket, error) {
	want := f.Limit
	if want <= 0 {
		want = listed
	}
	var out []tracker.Ticket
	lf := t.filter(f)
	lf.Limit = piece
	for range pieces {
		list, err := t.Tracker.List(ctx, lf)
		if err != nil || len(list) == 0 {
			return t.people(out), err
		}
		for _, ticket := range list {
			if ticket.Assignee == "" && len(out) < want {
				out = append(out, ticket)
			}
		}
		if len(out) == want {
			break
		}
		lf.Before = list[len(list)-1].Key
	}
	return t.people(out), nil
}

// people turns the tracker's ids of people into the roster's.
func (t Tickets) people(list []tracker.Ticket) []tracker.Ticket {
	for i := range list {
		list[i].Assignee, list[i].Reporter = t.personID(list[i].Assignee), t.personID(list[i].Reporter)
	}
	return list
}

func (t Tickets) personID(trackerID string) string {
	if p, ok := t.Roster.ByTracker(trackerID); ok {
		return p.ID
	}
	return trackerID
}

func (t Tickets) trackerID(person string) string {
	p, _ := t.Roster.Person(person)
	return p.Tracker
}

// Ticket implements web.Tickets.
func (t Tickets) Ticket(ctx context.Context, reader web.Person, key string) (web.Ticket, error) {
	ticket, err := t.Tracker.Ticket(ctx, key)
	if err != nil {
		return web.Ticket{}, err
	}
	subs, err := t.Tracker.Subtickets(ctx, key)
	if err != nil {
		return web.Ticket{}, err
	}
	history, err := t.Tracker.History(ctx, key)
	if err != nil {
		return web.Ticket{}, err
	}
	page := web.Ticket{Ticket: t.people([]tracker.Ticket{ticket})[0], Subtickets: t.people(subs), History: t.events(history), Can: t.can(reader, ticket)}
	if id, ok := urgent.IncidentOf(ticket); ok {
		page.Incident = id.String()
	}
	page.ParentTitle, err = t.title(ctx, ticket.Parent)
	return page, err
}

// title gives a ticket's; none of one that is out of sight, as the parent of
// a ticket that can be read may be.
func (t Tickets) title(ctx context.Context, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	ticket, err := t.Tracker.Ticket(ctx, key)
	if err != nil && adapters.CodeOf(err) == adapters.NotFound {
		return "", nil
	}
	return ticket.Title, err
}

// can says what a reader may do.
func (t Tickets) can(reader web.Person, ticket tracker.Ticket) []string {
	out := can(reader, ticket.Status)
	if _, _, ok := t.checked(ticket); ok {
		out = append(out, web.Checks)
	}
	return out
}

// checked gives the ticket and the component whose checks a ticket shows: its
// own, or those that a sub-ticket was made from.
func (t Tickets) checked(ticket tracker.Ticket) (key, component string, ok bool) {
	key, component, made := request.Origin(ticket.Label)
	if !made {
		key, component = ticket.Key, ticket.Component
	}
	e, known := t.KnowHow().Entry(component)
	return key, component, known && len(e.Checks()) > 0 && ticket.Status == tracker.Open
}

// can says what a reader may do: everybody fixes, the leader closes.
func can(reader web.Person, s tracker.Status) []string {
	switch {
	case s == tracker.Open:
		return []string{web.Assign, web.Fix, web.Comment}
	case s == tracker.Fixed && reader.Leader:
		return []string{web.Assign, web.Close, web.Reopen, web.Comment}
	case s == tracker.Closed && reader.Leader:
		return []string{web.Reopen, web.Comment}
	}
	return []string{web.Comment}
}

// tebiki is who does what no person is named for: people on the pages and at
// buttons always are.
const tebiki = "tebiki"

func (t Tickets) events(history []tracker.Event) []web.TicketEvent {
	out := make([]web.TicketEvent, len(history))
	for i, e := range history {
		out[i] = web.TicketEvent{At: e.At, By: t.personID(cmp.Or(e.By, tebiki)), Kind: string(e.Kind), Text: e.Text}
		if e.Kind == tracker.Assigned {
			out[i].Text = t.personID(e.Text)
		}
	}
	return out
}

// Create implements web.Tickets. The label comes from the form, so it gets a
// prefix: a form must not take the label of a ticket that Tebiki will make.
func (t Tickets) Create(ctx context.Context, by web.Person, r web.TicketRequest) (string, error) {
	if r.Label == "" {
		return "", &adapters.Error{Op: "create a ticket", Code: adapters.Refused, Err: errors.New("the form has no label")}
	}
	fields, err := t.fields(by, r)
	if err != nil {
		return "", err
	}
	ticket, err := t.Tracker.Create(ctx, tracker.Draft{Label: "form/" + r.Label, Component: r.Component, Title: r.Title, Body: r.Details,
		Assignee: t.trackerID(r.Assignee), Reporter: t.trackerID(by.ID), Fields: fields})
	return ticket.Key, err
}

// fields holds a form's fields against the component's patterns: what does
// not fit is better corrected now than by whoever gets the ticket.
func (t Tickets) fields(by web.Person, r web.TicketRequest) (map[string]string, error) {
	out := maps.Clone(r.Fields)
	if out == nil {
		out = map[string]string{}
	}
	if r.Host != "" {
		out[knowhow.FieldHost] = r.Host
	}
	maps.DeleteFunc(out, func(_, v string) bool { return strings.TrimSpace(v) == "" })
	entry, ok := t.KnowHow().Entry(r.Component)
	if !ok {
		return out, nil
	}
	p := text.For(by.Lang, by.Zone)
	for _, f := range entry.Fields {
		v, given := out[f.Name]
		switch {
		case f.Required && !given:
			return nil, &web.Refusal{Text: p.Say("form.required", "field", f.Label.In(p.Lang()))}
		case given && f.Pattern != nil && f.Pattern.Check(v) != nil:
			return nil, &web.Refusal{Text: p.Say("form.pattern", "field", f.Label.In(p.Lang()), "pattern", f.Pattern)}
		}
	}
	return out, nil
}

// statuses is where the actions bring a ticket.
var statuses = map[string]tracker.Status{web.Fix: tracker.Fixed, web.Close: tracker.Closed, web.Reopen: tracker.Open}

// Do implements web.Tickets.
func (t Tickets) Do(ctx context.Context, by web.Person, key string, a web.TicketAction) error {
	status, moves := statuses[a.Kind]
	if !moves && a.Kind != web.Comment && a.Kind != web.Assign && a.Kind != web.Checks {
		return notFound("change "+key, fmt.Errorf("there is no action %.80q", a.Kind))
	}
	ticket, err := t.Tracker.Ticket(ctx, key)
	if err != nil {
		return err
	}
	if !slices.Contains(t.can(by, ticket), a.Kind) {
		return &web.Refusal{Text: text.For(by.Lang, by.Zone).Say("ticket.cannot." + a.Kind)}
	}
	c := tracker.Change{By: t.trackerID(by.ID)}
	switch {
	case a.Kind == web.Checks:
		return t.checkAgain(ctx, by, ticket)
	case a.Kind == web.Reopen:
		return t.sendBack(ctx, by, key, a.Text)
	case a.Kind == web.Comment:
		return t.Tracker.Comment(ctx, key, tracker.Comment{Author: c.By, Body: a.Text})
	case moves:
		c.Status = &status
	default:
		assignee := t.trackerID(a.Assignee)
		if assignee == "" && a.Assignee != "" {
			return notFound("assign "+key, fmt.Errorf("the roster has no %.80q", a.Assignee))
		}
		c.Assignee = &assignee
	}
	_, err = t.Tracker.Change(ctx, key, c)
	return err
}

// sendBack opens a ticket again for a reason.
func (t Tickets) sendBack(ctx context.Context, by web.Person, key, why string) error {
	person, ok := t.Roster.Person(by.ID)
	if !ok {
		return notFound("open "+key+" again", fmt.Errorf("the roster has no %.80q", by.ID))
	}
	if utf8.RuneCountInString(why) > maxRemark {
		p := text.For(by.Lang, by.Zone)
		return &web.Refusal{Text: p.Say("form.long", "field", p.Say("form.back.words"), "n", maxRemark)}
	}
	return t.Reviews.SendBack(ctx, key, person, why, time.Now())
}

// checkAgain lets the checks of a ticket run again.
func (t Tickets) checkAgain(ctx context.Context, by web.Person, ticket tracker.Ticket) error {
	key, component, _ := t.checked(ticket)
	again, err := t.Requests.CheckAgain(ctx, key, component, by.ID, time.Now())
	if err != nil || again.State == request.AgainStarted {
		return err
	}
	p := text.For(by.Lang, by.Zone)
	if again.State == request.AgainGone {
		return &web.Refusal{Text: p.Say("ticket.cannot.checks")}
	}
	already := again.State == request.AgainRunning || again.State == request.AgainFresh
	return &web.Refusal{Text: p.Say("checks."+string(again.State), "ticket", key, "time", p.Time(again.At)), Already: already}
}

// Requests is what is needed of the request flow.
type Requests interface {
	CheckAgain(ctx context.Context, ticket, component, who string, now time.Time) (request.Again, error)
}

// Reviews is what is needed of the review of fixed tickets.
type Reviews interface {
	SendBack(ctx context.Context, ticket string, by roster.Person, why string, now time.Time) error
}
