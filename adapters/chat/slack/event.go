package slack

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"tebiki/adapters/chat"
)

// callback is an event with what surrounds it. The fields are ours rather
// than slack-go's, which refuses a whole event for a block it does not know.
type callback struct {
	ID    string `json:"event_id"`
	Event struct {
		Type     string          `json:"type"`
		Subtype  string          `json:"subtype"`
		User     string          `json:"user"`
		BotID    string          `json:"bot_id"`
		Text     string          `json:"text"`
		Channel  string          `json:"channel"`
		Kind     string          `json:"channel_type"`
		TS       string          `json:"ts"`
		ThreadTS string          `json:"thread_ts"`
		Tab      string          `json:"tab"`
		Edited   json.RawMessage `json:"edited"`
	} `json:"event"`
}

// takeEvent takes what is said to the bot and who opens its home. What it
// does not know, edits, and what bots say it only acknowledges.
func (s *Slack) takeEvent(payload json.RawMessage, ack ack) (accepted bool, err error) {
	var c callback
	if err := json.Unmarshal(payload, &c); err != nil {
		return true, err
	}
	j, wanted := s.eventJob(&c)
	if !wanted || s.again(joined("event", c.ID)) {
		ack(nil)
		return true, nil
	}
	if !s.queue(s.crew, c.Event.User, j) {
		s.once.forget(joined("event", c.ID))
		return false, nil
	}
	ack(nil)
	return true, nil
}

func (s *Slack) eventJob(c *callback) (j job, wanted bool) {
	e := &c.Event
	human := e.User != "" && e.BotID == "" && e.Subtype == "" && e.Edited == nil
	switch {
	case e.Type == "app_home_opened" && e.User != "" && (e.Tab == "home" || e.Tab == ""):
		return func(ctx context.Context) { s.showHome(ctx, e.User) }, true
	case e.Type == "app_mention" && human:
		return s.said(c, e.Channel, thread(e.ThreadTS, e.TS)), true
	case e.Type == "message" && e.Kind == "im" && human:
		return s.said(c, "", e.ThreadTS), true
	}
	return nil, false
}

// thread is where an answer belongs: in the thread of what was said, which it
// begins when there is none.
func thread(of, ts string) string {
	if of != "" {
		return of
	}
	return ts
}

func (s *Slack) said(c *callback, channel, thread string) job {
	e := &c.Event
	return func(ctx context.Context) {
		self, err := s.whoami(ctx)
		if err != nil || e.User == self.user {
			return
		}
		line := spoken(e.Text, self.user)
		if line == "" {
			return
		}
		a := acted{user: e.User, channel: e.Channel, thread: thread, open: true}
		s.answer(ctx, a, func(ctx context.Context, h chat.Handler) (chat.Reply, error) {
			return h.Command(ctx, chat.Command{From: e.User, Line: line, Channel: channel})
		})
	}
}

// markup is a mention, a channel or a link in what people write.
var markup = regexp.MustCompile(`<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>`)

// spoken is what somebody said, without the mention of the bot and without
// Slack's markup.
func spoken(text, self string) string {
	text = markup.ReplaceAllStringFunc(text, func(m string) string {
		parts := markup.FindStringSubmatch(m)
		kind, id, label := parts[1], parts[2], parts[3]
		switch {
		case kind == "@" && id == self:
			return ""
		case kind == "" && label != "":
			return label
		case label != "":
			return strings.TrimLeft(kind, "!") + strings.TrimPrefix(label, kind)
		}
		return strings.TrimLeft(kind, "!") + id
	})
	return strings.TrimSpace(unescape(text))
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// unescape gives the characters that somebody typed.
func unescape(s string) string { return entities.Replace(s) }
