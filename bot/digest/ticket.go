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
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A made is the ticket of one kind and day.
type made struct {
	Ticket string    `json:"ticket"`
	Report string    `json:"report"` // of the newest run that added to it
	Owner  string    `json:"owner,omitempty"`
	Host   string    `json:"host"`
	Check  string    `json:"check"`
	Count  int       `json:"count"`
	Over   bool      `json:"over"`
	Last   time.Time `json:"last"`
}

// ticket makes a group's ticket, or adds to it when there is one: alerts of a
// day may come after a run has made its ticket.
func (f *Flow) ticket(ctx context.Context, it outbox.Item) error {
	var g group
	if err := json.Unmarshal(it.Body, &g); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	m, found, err := f.made(ctx, g.id())
	if err != nil {
		return err
	}
	if found {
		err = f.addTo(ctx, it, m, &g)
	} else {
		m, err = f.create(ctx, &g)
	}
	if err != nil {
		return err
	}
	m.Report, m.Over, m.Last = g.Report, g.Over, g.Last
	m.Count += g.Count
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error { return store.Put(tx, bucketMade, g.id(), 1, m) })
}

func (f *Flow) made(ctx context.Context, id string) (m made, found bool, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		found, err = store.Get(tx, bucketMade, id, 1, &m)
		return err
	})
	return m, found, err
}

func (f *Flow) addTo(ctx context.Context, it outbox.Item, m made, g *group) error {
	p := f.printer(g.Team)
	body := p.Markdown("digest.further", "n", g.Count, "state", state(p, g.Over)) + "\n\n" + times(p, g)
	err := f.Tracker.Comment(ctx, m.Ticket, tracker.Comment{Label: "tebiki/digest/" + it.Key, Body: body})
	if err != nil && adapters.Lasting(err) {
		f.Log.Warn("the tracker refuses further alerts on a morning's ticket", "ticket", m.Ticket, "err", err)
		return nil
	}
	return err
}

// create makes the ticket, without what is optional if the tracker refuses it
// as it is.
func (f *Flow) create(ctx context.Context, g *group) (made, error) {
	p := f.printer(g.Team)
	owner, _ := f.owner(ctx, g.Host)
	d := tracker.Draft{Label: "tebiki/digest/" + g.id(), Priority: tracker.Low, Assignee: owner.Tracker,
		Title: p.Say("digest.title", "what", what(g.Host, g.Check), "day", g.Day, "n", g.Count), Body: f.body(p, g)}
	if g.Host != "" {
		d.Fields = map[string]string{"host": g.Host}
	}
	if e, ok := f.KnowHow().ForAlert(brief.Fields(&g.Alert)); ok {
		d.Component = e.Name
	}
	t, err := f.Tracker.Create(ctx, d)
	if err != nil && adapters.CodeOf(err) == adapters.Refused {
		f.Log.Warn("the tracker refuses a morning's ticket; it is made without component and assignee", "ticket", d.Title, "err", err)
		d.Component, d.Assignee, d.Fields = "", "", nil
		t, err = f.Tracker.Create(ctx, d)
	}
	if err != nil {
		return made{}, err
	}
	m := made{Ticket: t.Key, Host: g.Host, Check: g.Check}
	if p, ok := f.Roster.ByTracker(t.Assignee); ok {
		m.Owner = p.ID
	}
	return m, nil
}

// owner gives the one person who owns a host.
func (f *Flow) owner(ctx context.Context, host string) (roster.Person, bool) {
	s, err := f.Inventory.Server(ctx, host)
	if err != nil {
		return roster.Person{}, false
	}
	return f.Roster.Person(s.Owner())
}

func (f *Flow) printer(team string) text.Printer {
	t, _ := f.Roster.Team(team)
	return text.For(t.Lang, t.Zone)
}

func (f *Flow) body(p text.Printer, g *group) string {
	sections := []chat.Section{
		{Markdown: p.Markdown("digest.intro", "n", g.Count, "first", p.Time(g.First), "last", p.Time(g.Last), "state", state(p, g.Over))},
		{Heading: p.Say("alert.heading"), Markdown: brief.Alert(p, &g.Alert)},
		{Heading: p.Say("digest.times"), Markdown: times(p, g)},
	}
	base := f.KnowHow()
	if e, ok := base.ForAlert(brief.Fields(&g.Alert)); ok {
		sections = append(sections, brief.Entry(p, base, e, f.URL)...)
	}
	return brief.Body(sections...)
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

func state(p text.Printer, over bool) string {
	if over {
		return p.Say("digest.over")
	}
	return p.Say("digest.bad")
}

// what names a kind in one line.
func what(host, check string) string {
	switch {
	case host == "":
		return check
	case check == "":
		return host
	}
	return host + ": " + check
}
