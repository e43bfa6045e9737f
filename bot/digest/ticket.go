package digest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/request"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A made is the ticket of one kind and day.
type made struct {
	Ticket string    `json:"ticket"`
	Report string    `json:"report"` // of the newest run that added to it
	Owner  string    `json:"owner,omitempty"`
	Owners []string  `json:"owners,omitempty"` // of the server, to be offered while nobody has it
	What   string    `json:"what"`             // the kind, in one line
	Count  int       `json:"count"`
	Last   time.Time `json:"last"`
	States states    `json:"states"`
	Notes  int       `json:"notes,omitempty"` // that came alone, and made no ticket
	Stale  bool      `json:"stale,omitempty"` // the inventory was away; the owners are the last known
}

func (m *made) add(g *group) {
	m.Report = g.Report
	m.Count += g.Count
	if g.Last.After(m.Last) {
		m.Last = g.Last
	}
	if m.States == nil {
		m.States = states{}
	}
	for alert, st := range g.States {
		m.States.set(alert, st)
	}
}

// ticket makes a group's ticket, or adds to it when there is one: alerts of a
// day may come after a run has made its ticket, and those of another day may
// go on in the ticket that their kind has.
func (f *Flow) ticket(ctx context.Context, it outbox.Item) error {
	var g group
	if err := json.Unmarshal(it.Body, &g); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	m, err := f.place(ctx, it, &g)
	if err != nil && adapters.Lasting(err) {
		return f.aside(ctx, it, err)
	}
	if err != nil {
		return err
	}
	used, _ := f.Guide.For(ctx, &g.Alert)
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		if m.Ticket == "" {
			return store.Put(tx, bucketMade, g.id(), 1, m)
		}
		if err := keep(tx, &g, m, it.Created); err != nil {
			return err
		}
		for _, e := range used.Used(it.Created, m.Owner, m.Ticket) {
			if err := usage.Rate(tx, e); err != nil { // once for each ticket
				return err
			}
		}
		return store.Put(tx, bucketMade, g.id(), 1, m)
	})
}

// place finds or makes the ticket of a group, and has its alerts in it.
func (f *Flow) place(ctx context.Context, it outbox.Item, g *group) (m made, err error) {
	m, found, err := f.made(ctx, g.id())
	if err != nil {
		return m, err
	}
	if found && m.Ticket != "" {
		m.add(g)
		if err = f.addTo(ctx, it, &m, g, "digest.further"); err == nil || adapters.CodeOf(err) != adapters.NotFound {
			return m, err
		} // somebody has deleted it; these alerts are new
	}
	h, err := f.history(ctx, g)
	if err != nil {
		return m, err
	}
	owners, stale := request.Owners(ctx, f.Inventory, f.Roster, g.Host)
	m = made{What: g.what(), Owners: owners, Stale: stale, Notes: m.Notes}
	m.add(g)
	open, ok, err := f.goesOn(ctx, g, h)
	switch {
	case err != nil:
		return m, err
	case ok:
		m.Ticket = open.Key
		return m, f.addTo(ctx, it, &m, g, "digest.goeson")
	case g.onlyNotes():
		m.Notes += len(g.Notes)
		return m, nil
	}
	return m, f.create(ctx, &m, g, h)
}

// aside moves an item that the tracker refuses into a lane of its own, where
// it is tried on and holds up no other ticket.
func (f *Flow) aside(ctx context.Context, it outbox.Item, err error) error {
	if it.Lane == it.Key {
		return err
	}
	f.Log.Error("the tracker refuses a morning's ticket; the others are made, and it is tried on", "group", it.Key, "err", err)
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		again := it
		again.Lane = it.Key
		return outbox.Add(tx, again)
	})
}

func (f *Flow) made(ctx context.Context, id string) (m made, found bool, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		found, err = store.Get(tx, bucketMade, id, 1, &m)
		return err
	})
	return m, found, err
}

// addTo notes further alerts on the ticket. Somebody may have got it since.
func (f *Flow) addTo(ctx context.Context, it outbox.Item, m *made, g *group, key string) error {
	t, err := f.Tracker.Ticket(ctx, m.Ticket)
	if err != nil {
		return err
	}
	m.Owner = f.ownerOf(t)
	p := f.printer(g.Team)
	switch {
	case g.onlyNotes():
		key = "digest.noted"
	case g.recovery():
		key = "digest.recovered"
	}
	body := p.Markdown(key, "n", g.Count, "day", g.Day, "state", stateWord(p, m.States))
	if !g.recovery() {
		body += "\n\n" + g.Hours.chart() + "\n\n" + times(p, g)
	}
	if list := notes(p, g); list != "" {
		body += "\n\n" + list
	}
	return f.Tracker.Comment(ctx, m.Ticket, tracker.Comment{Label: label(it.Key), Body: body})
}

// create makes the ticket, without what is optional if the tracker refuses it
// as it is.
func (f *Flow) create(ctx context.Context, m *made, g *group, h history) error {
	p := f.printer(g.Team)
	d := tracker.Draft{Label: label(g.id()), Priority: tracker.Low, Assignee: f.owner(ctx, g.Host).Tracker,
		Title: p.Say(titleOf(g), "what", m.What, "day", g.Day, "n", g.Count)}
	sections := f.sections(p, g)
	if m.Stale {
		sections = append(sections, chat.Section{Markdown: p.Markdown("inventory.stale")})
	}
	sections = append(sections, f.earlier(p, h)...)
	if c, ok := f.Guide.For(ctx, &g.Alert); ok {
		d.Component, d.Links = c.Entry.Name, []tracker.Link{brief.Page(c.Entry.Title.In(p.Lang()), f.URL, c.Entry.Name)}
		sections = append(sections, chat.Section{Markdown: c.How(p)})
		sections = append(sections, brief.Entry(p, f.Roster, c.Base, c.Entry, f.URL)...)
		sections = append(sections, brief.Made(p, c.Base)...)
	}
	d.Body = brief.Body(sections...)
	if g.Host != "" {
		d.Fields = map[string]string{"host": g.Host}
	}
	t, err := f.Tracker.Create(ctx, d)
	if err != nil && adapters.CodeOf(err) == adapters.Refused {
		f.Log.Warn("the tracker refuses a morning's ticket; it is made without component, assignee and know-how", "ticket", d.Title, "err", err)
		d.Component, d.Assignee, d.Fields, d.Links, d.Body = "", "", nil, nil, brief.Body(f.sections(p, g)...)
		t, err = f.Tracker.Create(ctx, d)
	}
	m.Ticket, m.Owner = t.Key, f.ownerOf(t)
	return err
}

func titleOf(g *group) string {
	if g.recovery() {
		return "digest.title.over"
	}
	return "digest.title"
}

// labelPrefix begins the labels of the flow's tickets; a group's id follows.
const labelPrefix = "tebiki/digest/"

func label(id string) string { return labelPrefix + id }

// owner gives the one person who owns a host; nobody while the inventory is
// away, since the leader can assign.
func (f *Flow) owner(ctx context.Context, host string) roster.Person {
	s, err := f.Inventory.Server(ctx, host)
	if err != nil && adapters.CodeOf(err) != adapters.NotFound {
		f.Log.Warn("the inventory is away; a morning's ticket has nobody", "host", host, "err", err)
	}
	p, ok := f.Roster.Named(s.Owner())
	if !ok && s.Owner() != "" {
		f.Log.Warn("the inventory names an owner whom the configuration does not have; a morning's ticket has nobody", "host", host, "owner", s.Owner())
	}
	return p
}

// stranger begins what an owner is called whom the roster does not know.
const stranger = "unknown/"

// ownerOf gives the id of who has a ticket. Somebody whom the roster does not
// know is no id of it: nobody is told, and the leader is not asked.
func (f *Flow) ownerOf(t tracker.Ticket) string {
	if p, ok := f.Roster.ByTracker(t.Assignee); ok {
		return p.ID
	}
	if t.Assignee != "" {
		return stranger + t.Assignee
	}
	return ""
}

// nameOf calls an owner by name: a stranger as the tracker does.
func (f *Flow) nameOf(owner string) string {
	return f.Roster.Name(strings.TrimPrefix(owner, stranger))
}

func (f *Flow) printer(team string) text.Printer {
	t, _ := f.Roster.Team(team)
	return text.For(t.Lang, t.Zone).Fixed()
}

// sections describe the alerts.
func (f *Flow) sections(p text.Printer, g *group) []chat.Section {
	out := []chat.Section{
		{Markdown: p.Markdown("digest.intro", "n", g.Count, "first", g.First, "last", g.Last, "state", stateWord(p, g.States))},
		{Heading: p.Say("alert.heading"), Markdown: brief.Alert(p, &g.Alert)},
	}
	if !g.recovery() {
		out = append(out, chat.Section{Heading: p.Say("digest.times"), Markdown: g.Hours.chart() + "\n\n" + times(p, g)})
	}
	if list := notes(p, g); list != "" {
		out = append(out, chat.Section{Heading: p.Say("digest.notes"), Markdown: list})
	}
	return out
}

// notes lists what came besides problems and recoveries.
func notes(p text.Printer, g *group) string {
	var lines []string
	for _, n := range g.Notes {
		lines = append(lines, "- "+p.Clock(n.At)+" "+chat.Line(n.Text))
	}
	return strings.Join(lines, "\n")
}

func times(p text.Printer, g *group) string {
	parts := make([]string, len(g.Times))
	for i, t := range g.Times {
		parts[i] = p.Clock(t)
	}
	line := strings.Join(parts, ", ")
	if more := g.Count - len(g.Times); more > 0 {
		line = p.Markdown("digest.more", "n", more) + " " + line
	}
	return line
}

func stateWord(p text.Printer, s states) string {
	if s.over() {
		return p.Say("digest.over")
	}
	return p.Say("digest.bad")
}
