package command

import (
	"context"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/brief"
	"tebiki/bot/request"
	"tebiki/bot/review"
	"tebiki/bot/urgent"
	"tebiki/bot/usage"
	"tebiki/escalation"
)

// Tickets lists the tracker's tickets, newest first. Who has a ticket is
// named by the roster's id.
type Tickets interface {
	List(context.Context, web.TicketFilter) ([]tracker.Ticket, error)
}

// A part of the home page. Its title is in the catalogue under "home.title."
// and its name, what it says when it is empty under "home.none.".
type part struct {
	name    string
	leaders bool
	blocks  func(*call) ([]chat.Block, error)
}

func parts() []part {
	return []part{
		{"incidents", false, (*call).incidents},
		{"tickets", false, (*call).mine},
		{"assign", true, (*call).unassigned},
		{"review", true, (*call).waiting},
		{"oncall", false, (*call).duty},
		{"pushes", false, (*call).pushes},
	}
}

// Home shows somebody what is theirs to do. A part that cannot be read says
// so and takes nothing from the others.
func (h *Handler) Home(ctx context.Context, from string) ([]chat.Block, error) {
	c, ok := h.call(ctx, from)
	if !ok {
		return []chat.Block{words(chat.Line(c.stranger().Title))}, nil
	}
	var out []chat.Block
	for _, part := range parts() {
		if part.leaders && !review.Leads(c.Roster, c.person.ID) {
			continue
		}
		blocks, err := part.blocks(c)
		switch {
		case err != nil:
			c.Log.Error("a part of a home page could not be read", "part", part.name, "person", c.person.ID, "err", err)
			blocks = []chat.Block{words(c.p.Markdown("home.away"))}
		case len(blocks) == 0:
			blocks = []chat.Block{words(c.p.Markdown("home.none." + part.name))}
		}
		blocks[0].Heading = c.p.Say("home.title." + part.name)
		out = append(out, blocks...)
	}
	return out, nil
}

func words(markdown string) chat.Block {
	return chat.Block{Section: chat.Section{Markdown: markdown}}
}

// How many of a part are shown, and how many further ones are counted.
const (
	listed  = 10
	counted = 100
)

// some shows the first of a part, and how many more there are.
func some[T any](c *call, list []T, show func(T) chat.Block) []chat.Block {
	var out []chat.Block
	for _, one := range list[:min(len(list), listed)] {
		out = append(out, show(one))
	}
	if more := c.more(len(list)); more != "" {
		out = append(out, words(more))
	}
	return out
}

// more says how many of a part are not shown; "" when all are.
func (c *call) more(n int) string {
	switch {
	case n <= listed:
		return ""
	case n >= listed+counted:
		return c.p.Markdown("home.many", "n", counted)
	}
	return c.p.Markdown("alerts.more", "n", n-listed)
}

// ours tells whether a person answers for a team: as one of it or its leader.
func (c *call) ours(team string) bool {
	t, ok := c.Roster.Team(team)
	return ok && (c.person.Team == team || t.Leader == c.person.ID)
}

func (c *call) incidents() ([]chat.Block, error) {
	list, err := c.Core.Open(c.ctx, listed+counted, func(inc *escalation.Incident) bool {
		return inc.Status != escalation.Resolved && c.ours(c.Rules.PolicyOf(inc).Team)
	})
	return some(c, list, c.standing), err
}

// standing says how an incident stands, with buttons while it wants somebody.
func (c *call) standing(inc escalation.Incident) chat.Block {
	id := inc.ID.String()
	title := c.p.Say("page.title.open", "incident", id, "headline", brief.Headline(&inc.Root))
	state := c.p.Markdown("standing."+string(inc.Status), "by", c.Roster.Name(inc.AckBy), "since", inc.AckAt)
	b := words(brief.Link(title, c.URL+"/incidents/"+id) + "\n\n" + state)
	if inc.Status == escalation.Open {
		b.Buttons = []chat.Button{
			{ID: urgent.ButtonAck, Value: id, Label: c.p.Say("button.ack"), Style: chat.Primary},
			{ID: urgent.ButtonPass, Value: id, Label: c.p.Say("button.pass")},
		}
	}
	return b
}

// unassigned are the tickets that a leader is to give to somebody. Those of
// incidents get theirs by an acknowledgement.
func (c *call) unassigned() ([]chat.Block, error) {
	list, err := c.find(web.TicketFilter{Status: tracker.Open, Unassigned: true, TopLevel: true}, func(t tracker.Ticket) bool {
		_, incident := urgent.IncidentOf(t)
		return !incident && c.leads(c.teamOf(t))
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	bench, err := request.Look(c.ctx, c.Store, c.Roster, c.Rules, c.Now())
	if err != nil {
		return nil, err
	}
	return some(c, list, func(t tracker.Ticket) chat.Block {
		owners, _ := request.Owners(c.ctx, c.Inventory, c.Roster, t.Fields["host"])
		ask := request.AssignMessage(c.Roster, c.person, t, bench.Candidates(c.teamOf(t), owners))
		return chat.Block{Section: chat.Section{Markdown: c.link(t)}, Buttons: ask.Buttons}
	}), nil
}

// waiting are the tickets that are fixed and that a leader is to look at.
func (c *call) waiting() ([]chat.Block, error) {
	list, err := c.find(web.TicketFilter{Status: tracker.Fixed, TopLevel: true}, func(t tracker.Ticket) bool {
		return c.leads(c.reviewing(t))
	})
	return some(c, list, func(t tracker.Ticket) chat.Block {
		b := words(c.link(t))
		if t.Assignee != "" {
			b.Markdown += "\n\n" + c.p.Markdown("review.fixed", "name", c.Roster.Name(t.Assignee))
		}
		b.Buttons = []chat.Button{
			{ID: review.ButtonClose, Value: t.Key, Label: c.p.Say("button.close"), Style: chat.Primary},
			{ID: review.ButtonBack, Value: t.Key, Label: c.p.Say("button.back")},
		}
		return b
	}), err
}

func (c *call) leads(team string) bool {
	leader, ok := c.Roster.Leader(team)
	return ok && leader.ID == c.person.ID
}

// reviewing is the team whose leader looks at a ticket.
func (c *call) reviewing(t tracker.Ticket) string {
	if p, ok := c.Roster.Person(t.Assignee); ok {
		return p.Team
	}
	return c.Team
}

// duty says who is on call in the schedules of a person's team.
func (c *call) duty() ([]chat.Block, error) {
	var out []chat.Block
	for _, s := range c.rotas(c.ourSchedule) {
		out = append(out, words("**"+chat.Line(s.Heading)+"**\n\n"+s.Markdown))
	}
	return out[:min(len(out), listed)], nil
}

// lastPushes is how many of somebody's pushes are shown.
const lastPushes = 5

// pushes are what somebody was last sent about tickets.
func (c *call) pushes() ([]chat.Block, error) {
	list, err := usage.Pushes(c.ctx, c.Store, c.person.ID, lastPushes)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var lines []string
	for _, e := range list {
		lines = append(lines, "- "+c.link(tracker.Ticket{Key: e.Ticket})+" "+c.p.Markdown("home.push", "component", c.titleOf(e.Component), "time", e.At))
	}
	return []chat.Block{words(strings.Join(lines, "\n"))}, nil
}

// titleOf names a component as people read it.
func (c *call) titleOf(component string) string {
	if e, ok := c.KnowHow.Base().Entry(component); ok {
		return e.Title.In(c.p.Lang())
	}
	return component
}

// ourSchedule tells whether a schedule is a team's: named for it, or paged
// through by one of its policies.
func (c *call) ourSchedule(name, _ string) bool {
	if c.ours(name) {
		return true
	}
	for _, policy := range c.Rules.Policies {
		for _, step := range policy.Steps {
			if step.Who.Schedule == name && c.ours(policy.Team) {
				return true
			}
		}
	}
	return false
}
