package slack

import (
	"encoding/json"
	"time"

	sdk "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// incoming is what Slack sends, by whichever way.
type incoming struct {
	kind    string // of a Socket Mode envelope
	id      string // of the envelope; "" by HTTP
	payload json.RawMessage
}

// An ack answers Slack, once. Its payload is nil for a mere receipt.
type ack func(payload any)

// take reads what came and sees to it that it is acknowledged and done once.
// It gives false when too many wait: then Slack shall send it again.
func (s *Slack) take(in incoming, ack ack) (accepted bool) {
	if !s.once.first(in.id, time.Now()) {
		s.count(func(st *Status) { st.Repeated++ })
		ack(nil)
		return true
	}
	s.count(func(st *Status) { st.Taken++ })
	var err error
	accepted = true
	switch in.kind {
	case socketmode.RequestTypeEventsAPI:
		accepted, err = s.takeEvent(in.payload, ack)
	case socketmode.RequestTypeSlashCommands:
		var c sdk.SlashCommand
		if err = json.Unmarshal(in.payload, &c); err == nil {
			s.takeCommand(c, ack)
		}
	case socketmode.RequestTypeInteractive:
		var c sdk.InteractionCallback
		if err = json.Unmarshal(in.payload, &c); err == nil {
			s.takeInteraction(c, ack)
		}
	default:
		ack(nil)
	}
	if err != nil {
		s.count(func(st *Status) { st.Malformed++ })
		s.log.Warn("slack: cannot read what Slack sent", "kind", in.kind, "error", err)
		ack(nil) // repeated it would read the same
	}
	if !accepted {
		s.once.forget(in.id)
	}
	return accepted
}

// again tells whether this was taken before under another envelope.
func (s *Slack) again(id string) bool {
	if s.once.first(id, time.Now()) {
		return false
	}
	s.count(func(st *Status) { st.Repeated++ })
	return true
}

// queue gives a job to a crew, or says that there are too many.
func (s *Slack) queue(c *crew, who string, j job) bool {
	if c.do(who, j) {
		return true
	}
	s.count(func(st *Status) { st.Busy++ })
	return false
}

func (s *Slack) takeCommand(c sdk.SlashCommand, ack ack) {
	if s.again(joined("trigger", c.TriggerID)) {
		ack(nil)
		return
	}
	a := acted{user: c.UserID, channel: c.ChannelID, responseURL: c.ResponseURL, trigger: c.TriggerID, opens: s.opens(c.Command)}
	if !s.queue(s.crew, c.UserID, s.command(a, c.Command+" "+unescape(c.Text))) {
		ack(map[string]string{"response_type": "ephemeral", "text": say(s.opt.Lang).Busy})
		return
	}
	ack(nil)
}

func (s *Slack) takeInteraction(c sdk.InteractionCallback, ack ack) {
	switch c.Type {
	case sdk.InteractionTypeBlockSuggestion:
		if !s.queue(s.quick, joined("typing", c.User.ID), s.suggest(c, ack)) {
			ack(suggestions{Options: []*sdk.OptionBlockObject{}})
		}
	case sdk.InteractionTypeViewSubmission:
		if s.again(joined("trigger", c.TriggerID)) || !s.queue(s.quick, joined("form", c.User.ID), s.submit(c, ack)) {
			ack(nil)
		}
	case sdk.InteractionTypeBlockActions:
		if !s.again(joined("trigger", c.TriggerID)) {
			s.queue(s.crew, c.User.ID, s.press(c))
		}
		ack(nil)
	default:
		ack(nil)
	}
}

func (s *Slack) opens(name string) bool {
	for _, one := range s.opt.Opens {
		if one == name {
			return true
		}
	}
	return false
}
