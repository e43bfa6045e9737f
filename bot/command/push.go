package command

import (
	"context"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/request"
	"tebiki/bot/roster"
)

// Requests is what is needed of the request flow: the buttons of its messages
// that take longer than an answer may.
type Requests interface {
	CheckAgain(ctx context.Context, ticket, component, who string, now time.Time) (request.Again, error)
	AskLeader(ctx context.Context, ticket, component string, asker roster.Person, now time.Time) (request.Help, error)
}

// Reviews is what is needed of the review of fixed tickets.
type Reviews interface {
	SendBack(ctx context.Context, ticket string, by roster.Person, why string, now time.Time) error
}

// checkAgain answers while the checks run; what they found comes with the
// message.
func (c *call) checkAgain(value string) (chat.Reply, error) {
	ticket, component, _ := strings.Cut(value, " ")
	again, err := c.Requests.CheckAgain(c.ctx, ticket, component, c.person.ID, c.Now())
	switch {
	case err != nil:
		return c.trouble(), err
	case again.State == request.AgainGone:
		return say(c.p.Say("reply.nobutton")), nil
	}
	return say(c.p.Say("checks."+string(again.State), "ticket", ticket, "time", c.p.Time(again.At))), nil
}

func (c *call) askLeader(value string) (chat.Reply, error) {
	ticket, component, _ := strings.Cut(value, " ")
	help, err := c.Requests.AskLeader(c.ctx, ticket, component, c.person, c.Now())
	switch {
	case err != nil:
		return c.trouble(), err
	case help.State == request.HelpGone:
		return say(c.p.Say("reply.nobutton")), nil
	}
	return say(c.p.Say("help."+string(help.State), "ticket", ticket, "name", help.Leader.Name)), nil
}
