package command

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/review"
)

// FormBack asks why a ticket is sent back. Its state is the ticket's key.
const FormBack = "back"

const fieldReason = "reason"

// forReview tells whether the person may decide on a ticket, which is for
// leaders and only of one that is fixed: a button of yesterday must not open
// a closed one. If not, no is the answer.
func (c *call) forReview(key string) (no chat.Reply, ok bool, err error) {
	if !review.Leads(c.Roster, c.person.ID) {
		return say(c.p.Say("reply.leaders")), false, nil
	}
	t, err := c.Tracker.Ticket(c.ctx, key)
	if err != nil {
		no, err := c.failed(key, err)
		return no, false, err
	}
	if t.Status != tracker.Fixed {
		return say(c.p.Say("late.ticket."+string(t.Status), "ticket", key)), false, nil
	}
	return chat.Reply{}, true, nil
}

// closeTicket closes a ticket that the leader is content with.
func (c *call) closeTicket(key string) (chat.Reply, error) {
	if no, ok, err := c.forReview(key); !ok {
		return no, err
	}
	to := tracker.Closed
	return c.change(key, tracker.Change{By: c.person.Tracker, Status: &to}, c.p.Say("did.closed", "ticket", key))
}

// askWhy asks for the reason before a ticket goes back. A chat without
// windows leads to the ticket's page, which asks the same.
func (c *call) askWhy(key string) (chat.Reply, error) {
	if no, ok, err := c.forReview(key); !ok {
		return no, err
	}
	f := chat.Form{ID: FormBack, State: key, Lang: c.p.Lang(), Title: c.p.Say("form.back"), Submit: c.p.Say("form.back.send"),
		Fields: []chat.Field{{Name: fieldReason, Label: c.p.Say("form.back.words"), Kind: chat.TextField, Required: true}}}
	page := brief.Link(c.p.Say("form.back.page"), brief.Absolute(c.URL, c.Tracker.URL(key)))
	return chat.Reply{Title: c.p.Say("form.back.title", "ticket", key), Form: &f, Sections: []chat.Section{{Markdown: page}}}, nil
}

// sendBack sends a ticket back with the reason that was filled in.
func (c *call) sendBack(a chat.Answers) (chat.Reply, map[string]string, error) {
	key, why := a.State, strings.TrimSpace(a.Values[fieldReason])
	switch n := utf8.RuneCountInString(why); {
	case key == "":
		return say(c.p.Say("form.gone")), nil, fmt.Errorf("%s filled in the form %s without a ticket, which no part of tebiki made", a.From, a.Form)
	case n == 0:
		return chat.Reply{}, map[string]string{fieldReason: c.p.Say("form.required", "field", c.p.Say("form.back.words"))}, nil
	case n > maxValue:
		return chat.Reply{}, map[string]string{fieldReason: c.p.Say("form.long", "field", c.p.Say("form.back.words"), "n", maxValue)}, nil
	}
	if no, ok, err := c.forReview(key); !ok {
		return no, nil, err
	}
	if err := c.Reviews.SendBack(c.ctx, key, c.person, why, c.Now()); err != nil {
		no, err := c.failed(key, err)
		return chat.Reply{}, map[string]string{fieldReason: no.Title}, err
	}
	return say(c.p.Say("did.open", "ticket", key)), nil, nil
}
