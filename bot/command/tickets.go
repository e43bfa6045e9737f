package command

import (
	"cmp"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/brief"
	"tebiki/knowhow"
)

// pages and perPage bound how far back tickets are looked for: a page that
// people open often must not read all there ever were.
const (
	pages   = 10
	perPage = 200
)

// find lists the newest tickets of a filter that are to be kept, as many as
// are shown and counted.
func (c *call) find(f web.TicketFilter, keep func(tracker.Ticket) bool) ([]tracker.Ticket, error) {
	var out []tracker.Ticket
	f.Limit = perPage
	for range pages {
		list, err := c.Tickets.List(c.ctx, f)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			if keep(t) {
				out = append(out, t)
			}
			if len(out) == listed+counted {
				return out, nil
			}
		}
		if len(list) < perPage {
			break
		}
		f.Before = list[len(list)-1].Key
	}
	return out, nil
}

// teamOf is the team whose work a ticket is: its component's, its server's,
// or else the one that all other requests go to.
func (c *call) teamOf(t tracker.Ticket) string {
	if e, ok := c.KnowHow.Base().Entry(t.Component); ok && e.Team != "" {
		return e.Team
	}
	if host := t.Fields[knowhow.FieldHost]; host != "" && t.Component == "" {
		if s, err := c.Inventory.Server(c.ctx, host); err == nil {
			return cmp.Or(s.Team, c.Team)
		}
	}
	return c.Team
}

// mine lists a person's open tickets with what comes next in each.
func (c *call) mine() ([]chat.Block, error) {
	list, err := c.Tickets.List(c.ctx, web.TicketFilter{Status: tracker.Open, Assignee: c.person.ID, TopLevel: true, Limit: listed + counted})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var lines []string
	for _, t := range list[:min(len(list), listed)] {
		lines = append(lines, strings.TrimSpace("- "+c.link(t)+" "+c.next(t)))
	}
	text := strings.Join(lines, "\n")
	if more := c.more(len(list)); more != "" {
		text += "\n\n" + more
	}
	return []chat.Block{words(text)}, nil
}

// next says what comes next in an open ticket: its first open sub-ticket or,
// when all are done, to say that it is fixed. A ticket whose sub-tickets
// cannot be read is shown without.
func (c *call) next(t tracker.Ticket) string {
	subs, err := c.Tracker.Subtickets(c.ctx, t.Key)
	if err != nil {
		c.Log.Warn("the sub-tickets of a ticket could not be read for a home page", "ticket", t.Key, "err", err)
		return ""
	}
	for _, sub := range subs {
		if sub.Status == tracker.Open {
			return c.p.Markdown("home.next", "ticket", sub.Key, "title", brief.Plain(sub.Title, longTitle))
		}
	}
	if len(subs) == 0 {
		return c.p.Markdown("home.whole")
	}
	return c.p.Markdown("home.fix")
}

// longTitle is how much of a title a list shows.
const longTitle = 120

// link leads to a ticket.
func (c *call) link(t tracker.Ticket) string {
	return brief.Link(brief.Plain(t.Key+" "+t.Title, longTitle), brief.Absolute(c.URL, c.Tracker.URL(t.Key)))
}
