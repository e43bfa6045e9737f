package slack

import (
	"context"
	"strings"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/mrkdwn"
)

// acted is who did something, and how they can be answered.
type acted struct {
	user        string
	channel     string // where it was done
	thread      string
	responseURL string
	trigger     string // opens a window within 3 seconds
	replace     bool   // the answer takes the place of what was pressed
	open        bool   // the answer is a message for all who read there
	opens       bool   // the answer is a form, most likely
}

// command is the job that answers a line.
func (s *Slack) command(a acted, line string) job {
	return func(ctx context.Context) {
		s.answer(ctx, a, func(ctx context.Context, h chat.Handler) (chat.Reply, error) {
			return h.Command(ctx, chat.Command{From: a.user, Line: strings.TrimSpace(line), Channel: channelAddress(a.channel)})
		})
	}
}

// answer calls the handler and shows what it replies.
func (s *Slack) answer(ctx context.Context, a acted, call func(context.Context, chat.Handler) (chat.Reply, error)) {
	window := ""
	if a.opens {
		window, _ = s.openWindow(ctx, a, s.waitingView()) // too late: the form is tried again, or gets a button
	}
	reply := s.ask(ctx, call)
	err := s.present(ctx, a, window, reply)
	if err == nil {
		return
	}
	s.log.Error("slack: an answer could not be shown", "user", a.user, "channel", a.channel, "error", s.failed("show an answer", err))
	if explain(err).code == adapters.Refused {
		_ = s.present(ctx, a, window, chat.Reply{Title: say(s.opt.Lang).Failed}) // the reason is in the log already
	}
}

// present shows a reply in the window that waits for it, or else where the
// person acted.
func (s *Slack) present(ctx context.Context, a acted, waiting string, reply chat.Reply) error {
	switch {
	case reply.Form != nil:
		return s.showForm(ctx, a, waiting, *reply.Form)
	case waiting != "":
		return s.changeWindow(ctx, waiting, s.replyView(reply))
	case reply.Title != "" || len(reply.Sections) > 0:
		return s.show(ctx, a, reply)
	}
	return nil
}

// ask calls the handler. An error is for the log; the person always gets a
// sentence.
func (s *Slack) ask(ctx context.Context, call func(context.Context, chat.Handler) (chat.Reply, error)) chat.Reply {
	h := s.handling()
	if h == nil {
		return chat.Reply{Title: say(s.opt.Lang).Starting}
	}
	reply, err := call(ctx, h)
	if err == nil {
		return reply
	}
	s.log.Error("slack: a handler failed", "error", err)
	if reply.Title == "" && len(reply.Sections) == 0 {
		reply = chat.Reply{Title: say(s.opt.Lang).Failed}
	}
	return reply
}

// show brings a reply to who acted, by the first way that works.
func (s *Slack) show(ctx context.Context, a acted, reply chat.Reply) error {
	c, err := s.reply(reply)
	if err != nil {
		return err
	}
	if a.open {
		return s.say(ctx, a.channel, a.thread, c)
	}
	if a.responseURL != "" {
		if err = s.respond(ctx, a, c); err == nil {
			return nil
		}
		s.log.Debug("slack: the response_url took no answer", "error", err)
	}
	if channelAddress(a.channel) != "" {
		if err = s.whisper(ctx, a, c); err == nil {
			return nil
		}
	}
	p, _, err := s.person(ctx, a.user, true)
	if err != nil {
		return err
	}
	return s.say(ctx, p.Channel, "", c)
}

// reply makes blocks of a reply.
func (s *Slack) reply(r chat.Reply) (content, error) {
	b := builder{lang: or(r.Lang, s.opt.Lang), left: maxMessage, room: maxBlocks}
	buttons, err := b.buttons(r.Buttons)
	if err != nil {
		return content{}, err
	}
	if b.reserve(buttons); b.left < minMessage {
		return content{}, refused("the buttons of the reply have too many or too long choices: %d characters are too many", maxMessage-b.left)
	}
	title := cutLabel(mrkdwn.Line(r.Title), maxTitle)
	if title != "" {
		b.add(section(mrkdwn.Bold(title, ""), true))
	}
	b.sections(r.Sections)
	text := b.fallback(chat.Message{Sections: r.Sections}, title)
	if text = strings.TrimSpace(text); text == "" {
		text = "…"
	}
	return content{text: text, blocks: append(b.out, buttons...)}, nil
}

func (s *Slack) respond(ctx context.Context, a acted, c content) error {
	ctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
	defer cancel()
	return sdk.PostWebhookCustomHTTPContext(ctx, a.responseURL, s.opt.HTTPClient, &sdk.WebhookMessage{
		Text: c.text, Blocks: &sdk.Blocks{BlockSet: c.blocks}, ResponseType: sdk.ResponseTypeEphemeral, ReplaceOriginal: a.replace,
	})
}

func (s *Slack) whisper(ctx context.Context, a acted, c content) error {
	return s.call(ctx, postEphemeral, "", true, func(ctx context.Context) error {
		_, err := s.api.PostEphemeralContext(ctx, a.channel, a.user, append(c.options(chat.Message{}), sdk.MsgOptionTS(a.thread))...)
		return err
	})
}

func (s *Slack) say(ctx context.Context, channel, thread string, c content) error {
	return s.call(ctx, postMessage, channel, true, func(ctx context.Context) error {
		_, _, err := s.api.PostMessageContext(ctx, channel, append(c.options(chat.Message{}), postedAt(thread))...)
		return err
	})
}

// channelAddress is the address of a channel, and none for a direct conversation.
func channelAddress(channel string) string {
	if strings.HasPrefix(channel, "D") {
		return ""
	}
	return channel
}
