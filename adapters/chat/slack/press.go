package slack

import (
	"context"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
)

// formButton opens a form that came too late for its window.
const formButton = "tebiki.form"

// press is the job for what was pressed or chosen in a message, on the home
// or in a window.
func (s *Slack) press(c sdk.InteractionCallback) job {
	return func(ctx context.Context) {
		for _, one := range c.ActionCallback.BlockActions {
			switch {
			case one == nil:
			case c.View.Type == sdk.VTModal && fieldOf(one.BlockID) != "":
				s.reload(ctx, c)
			case buttonID(one.ActionID) == openButton: // by the browser
			case buttonID(one.ActionID) == formButton:
				s.openHeld(ctx, c, one.Value)
			default:
				s.act(ctx, c, one)
			}
		}
	}
}

func (s *Slack) act(ctx context.Context, c sdk.InteractionCallback, one *sdk.BlockAction) {
	a := s.actedBy(c)
	value := one.Value
	if one.SelectedOption.Value != "" {
		value = one.SelectedOption.Value
	}
	action := chat.Action{From: c.User.ID, Button: buttonID(one.ActionID), Value: value}
	if !a.replace && c.View.Type == "" {
		key, err := s.keyAt(ctx, a.channel, messageTS(c))
		if err != nil {
			s.log.Error("slack: cannot find which message a button belongs to", "error", err)
			return
		}
		action.Message = key
	}
	a.opens = s.opens(action.Button)
	s.answer(ctx, a, func(ctx context.Context, h chat.Handler) (chat.Reply, error) {
		return h.Act(ctx, action)
	})
	if c.View.Type == sdk.VTHomeTab {
		s.showHome(ctx, c.User.ID)
	}
}

// actedBy tells who pressed and how to answer. What only they see is replaced
// by the answer: its buttons are done with.
func (s *Slack) actedBy(c sdk.InteractionCallback) acted {
	a := acted{user: c.User.ID, channel: c.Channel.ID, responseURL: c.ResponseURL, trigger: c.TriggerID, replace: c.Container.IsEphemeral}
	if a.channel == "" {
		a.channel = c.Container.ChannelID
	}
	a.thread = c.Container.ThreadTs
	return a
}

func messageTS(c sdk.InteractionCallback) string {
	if c.Container.MessageTs != "" {
		return c.Container.MessageTs
	}
	return c.Message.Timestamp
}

func (s *Slack) openHeld(ctx context.Context, c sdk.InteractionCallback, name string) {
	a := s.actedBy(c)
	f, ok := s.forms.get(name)
	err := error(nil)
	if ok {
		a.channel = f.channel
		err = s.showForm(ctx, a, "", f.form)
	} else {
		err = s.show(ctx, a, chat.Reply{Title: say(s.opt.Lang).NoForm})
	}
	if err != nil {
		s.log.Warn("slack: a form did not open", "user", a.user, "error", s.failed("open a form", err))
	}
}
