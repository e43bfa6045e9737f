// Package guide chooses the know-how that serves an alert, for all flows the
// same way, and says how it was chosen, so that people know how far to trust
// it:
//
//	the rules of knowhow.yaml ─► the service that the inventory gives the host ─► the alert's own words
//
// The first that knows an entry decides.
package guide

import (
	"context"
	"strings"
	"time"

	"tebiki/adapters/inventory"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/knowhow"
	"tebiki/knowhow/search"
)

// A Guide chooses entries. Inventory and ForText may be nil; then they decide
// nothing.
type Guide struct {
	KnowHow   func() *knowhow.Base
	Inventory inventory.Inventory
	ForText   func(text string, n int) []search.Suggestion
}

// A Choice is the know-how for an alert.
type Choice struct {
	Base    *knowhow.Base
	Entry   *knowhow.Entry
	Service string  // of the host, if that decided
	Missing string  // service of the host that has no entry; "" if it has one, or none is known
	Score   float64 // of the alert's words, if they decided; as search.Suggestion says
}

// patience is how long the inventory may take: a page waits for it.
const patience = time.Second

// For chooses the entry for an alert. Base is there even if none is.
func (g *Guide) For(ctx context.Context, a *escalation.Alert) (Choice, bool) {
	c := Choice{Base: g.KnowHow()}
	for _, choose := range []func(context.Context, *escalation.Alert, *Choice) bool{rules, g.service, g.words} {
		if choose(ctx, a, &c) {
			return c, true
		}
	}
	return c, false
}

func rules(_ context.Context, a *escalation.Alert, c *Choice) (ok bool) {
	c.Entry, ok = c.Base.ForAlert(brief.Fields(a))
	return ok
}

func (g *Guide) service(ctx context.Context, a *escalation.Alert, c *Choice) (ok bool) {
	if g.Inventory == nil || a.Host == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	server, err := g.Inventory.Server(ctx, a.Host)
	if err != nil || server.Service == "" {
		return false // without the inventory the words decide
	}
	if c.Entry, ok = c.Base.Entry(server.Service); ok {
		c.Service = server.Service
	} else {
		c.Missing = server.Service
	}
	return ok
}

func (g *Guide) words(_ context.Context, a *escalation.Alert, c *Choice) (ok bool) {
	if g.ForText == nil {
		return false
	}
	for _, s := range g.ForText(strings.Join([]string{a.Check, a.Service, a.Summary}, "\n"), 1) {
		if c.Entry, ok = c.Base.Entry(s.Component); ok {
			c.Score = s.Score
			return true
		}
	}
	return false
}

// How says how the entry was chosen, as Markdown.
func (c Choice) How(p text.Printer) string {
	title := c.Entry.Title.In(p.Lang())
	switch {
	case c.Score > 0:
		return p.Markdown("guide.words", "title", title, "score", int(100*c.Score+0.5))
	case c.Service != "":
		return p.Markdown("guide.service", "title", title, "service", brief.Plain(c.Service, maxService))
	}
	return p.Markdown("guide.rules", "title", title)
}

const maxService = 100

// Used gives what is recorded when the know-how for an alert goes to a
// person; nothing where none was chosen and no component is known that lacks
// it.
func (c Choice) Used(at time.Time, person, ticket string) []usage.Event {
	switch {
	case c.Entry != nil:
		return []usage.Event{{Kind: usage.Paged, At: at, Person: person, Ticket: ticket, Component: c.Entry.Name}}
	case c.Missing != "":
		return []usage.Event{{Kind: usage.NoEntry, At: at, Ticket: ticket, Component: c.Missing}}
	}
	return nil
}
