package command

import (
	"context"
	"fmt"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/request"
	"tebiki/bot/review"
	"tebiki/bot/urgent"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/store"
)

// ButtonRaise raises the alert that /alert asked about. Its value is the text.
const ButtonRaise = "raise"

// Act does what a button says.
func (h *Handler) Act(ctx context.Context, a chat.Action) (chat.Reply, error) {
	c, ok := h.call(ctx, a.From)
	if !ok {
		return c.stranger(), nil
	}
	r, err := c.press(a)
	r.Lang = c.p.Lang()
	return r, err
}

func (c *call) press(a chat.Action) (chat.Reply, error) {
	switch a.Button {
	case urgent.ButtonAck, urgent.ButtonPass, urgent.ButtonResolve, urgent.ButtonCall:
		return c.incident(a)
	case request.ButtonUseful:
		return c.rate(usage.Useful, a.Value)
	case request.ButtonOutdated:
		return c.outdated(a.Value)
	case request.ButtonChecks:
		return c.checkAgain(a.Value)
	case request.ButtonLeader:
		return c.askLeader(a.Value)
	case request.ButtonAssign:
		return c.assign(a.Value)
	case review.ButtonClose:
		return c.closeTicket(a.Value)
	case review.ButtonBack:
		return c.askWhy(a.Value)
	case ButtonShare:
		return c.share(a.Value)
	case ButtonRaise:
		return c.raise(a.Value)
	}
	return say(c.p.Say("reply.nobutton")), fmt.Errorf("%s pressed %q, which no part of tebiki made", a.From, a.Button)
}

func (c *call) trouble() chat.Reply { return say(c.p.Say("reply.trouble")) }

func (c *call) incident(a chat.Action) (chat.Reply, error) {
	id, err := escalation.ParseID(a.Value)
	if err != nil {
		return say(c.p.Say("reply.nobutton")), err
	}
	switch a.Button {
	case urgent.ButtonPass:
		return c.event(escalation.PassOn{Incident: id, Person: c.person.ID, Via: escalation.Chat}, "did.passed")
	case urgent.ButtonCall:
		return c.callNow(id)
	case urgent.ButtonResolve:
		return c.event(escalation.Fix{Incident: id, Person: c.person.ID}, "did.resolved")
	}
	return c.acknowledge(id)
}

func (c *call) acknowledge(id escalation.ID) (chat.Reply, error) {
	return c.event(escalation.Ack{Incident: id, Person: c.person.ID, Via: escalation.Chat}, "did.acknowledged")
}

// event lets it happen and says what came of it: done, or how things stand
// when it came too late.
func (c *call) event(ev escalation.Event, done string) (chat.Reply, error) {
	return c.eventOr(ev, done, c.late)
}

// eventOr is event with an answer of its own to what came too late.
func (c *call) eventOr(ev escalation.Event, done string, late func(escalation.Receipt) chat.Reply) (chat.Reply, error) {
	rs, err := c.Core.Submit(c.ctx, ev)
	if err != nil {
		return c.trouble(), err
	}
	r := rs[0]
	switch {
	case r.Incident == 0:
		return say(c.p.Say("reply.noincident")), nil
	case r.Changed:
		return say(c.p.Say(done, "incident", r.Incident)), nil
	}
	return late(r), nil
}

// callNow lets whose turn it is be called at once.
func (c *call) callNow(id escalation.ID) (chat.Reply, error) {
	return c.eventOr(escalation.CallNow{Incident: id, Person: c.person.ID}, "did.called", func(r escalation.Receipt) chat.Reply {
		if r.Status == escalation.Open {
			return say(c.p.Say("late.call", "incident", id))
		}
		return c.late(r)
	})
}

func (c *call) late(r escalation.Receipt) chat.Reply {
	return say(c.p.Say("late."+string(r.Status), "incident", r.Incident, "by", c.Roster.Name(r.By)))
}

func (c *call) rate(k usage.Kind, value string) (chat.Reply, error) {
	ticket, component, _ := strings.Cut(value, " ")
	err := c.Store.Update(c.ctx, func(tx store.Writer) error {
		return usage.Rate(tx, usage.Event{Kind: k, At: c.Now(), Person: c.person.ID, Ticket: ticket, Component: component})
	})
	if err != nil {
		return c.trouble(), err
	}
	return say(c.p.Say("did." + string(k))), nil
}

// assign gives a ticket to the chosen person, unless somebody else took it
// while the question was on the leader's page.
func (c *call) assign(value string) (chat.Reply, error) {
	key, id, _ := strings.Cut(value, " ")
	person, ok := c.Roster.Person(id)
	if !ok {
		return say(c.p.Say("reply.nobutton")), nil
	}
	t, err := c.Tracker.Ticket(c.ctx, key)
	if err != nil {
		return c.failed(key, err)
	}
	if t.Assignee != "" && t.Assignee != person.Tracker {
		return say(c.p.Say("late.assigned", "ticket", key, "name", c.assignee(t))), nil
	}
	return c.change(key, tracker.Change{By: c.person.Tracker, Assignee: &person.Tracker}, c.p.Say("did.assigned", "ticket", key, "name", person.Name))
}

func (c *call) assignee(t tracker.Ticket) string {
	if p, ok := c.Roster.ByTracker(t.Assignee); ok {
		return p.Name
	}
	return t.Assignee
}

func (c *call) change(key string, ch tracker.Change, done string) (chat.Reply, error) {
	if _, err := c.Tracker.Change(c.ctx, key, ch); err != nil {
		return c.failed(key, err)
	}
	return say(done), nil
}

// failed says what to do when the tracker did not do it.
func (c *call) failed(key string, err error) (chat.Reply, error) {
	if adapters.Lasting(err) {
		return say(c.p.Say("reply.refused", "ticket", key)), err
	}
	return c.trouble(), err
}

// raise makes an urgent alert of what somebody wrote. The same words from the
// same person are the same alert.
func (c *call) raise(words string) (chat.Reply, error) {
	rs, err := c.Core.Submit(c.ctx, escalation.Signal{Alert: escalation.Alert{
		Source: "chat", Key: c.person.ID + ": " + words, Severity: "critical", Summary: words, At: c.Now(),
		Labels: map[string]string{"raised_by": c.person.Name},
	}})
	if err != nil {
		return c.trouble(), err
	}
	if r := rs[0]; r.Status != escalation.Open && r.Incident != 0 {
		return c.late(r), nil
	}
	return say(c.p.Say("did.raised", "incident", rs[0].Incident)), nil
}
