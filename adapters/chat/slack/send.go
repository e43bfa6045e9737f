package slack

import (
	"context"
	"fmt"
	"time"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
)

// Send posts m, or brings the message with its key up to date where it
// stands. What it shows already is not sent again.
func (s *Slack) Send(ctx context.Context, m chat.Message) error {
	op := fmt.Sprintf("send a message to %.80q", m.To)
	c, err := s.render(m)
	if err != nil {
		return s.failed(op, err)
	}
	unlock, err := s.lanes.Lock(ctx, joined(m.To, m.Key))
	if err != nil {
		return s.failed(op, err)
	}
	defer unlock()
	err = s.deliver(ctx, m, c)
	if is(err, "msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format") {
		s.log.Warn("slack: a message did not fit and goes out shortened", "key", m.Key, "error", detailed(err))
		if c, err = s.render(shortened(m)); err == nil {
			err = s.deliver(ctx, m, c)
		}
	}
	return s.failed(op, err)
}

// shortened is a message without its text: the title, the way to the whole
// and the buttons are what somebody cannot do without.
func shortened(m chat.Message) chat.Message {
	m.Sections = []chat.Section{{Markdown: `\[…\]`}}
	return m
}

func (s *Slack) deliver(ctx context.Context, m chat.Message, c content) error {
	rec, parent, err := s.recall(ctx, m)
	if err != nil {
		return err
	}
	if rec.Pending != "" {
		if rec, err = s.find(ctx, m, rec); err != nil {
			return err
		}
	}
	switch {
	case rec.TS == "":
		return s.post(ctx, m, c, parent)
	case rec.Hash == c.hash:
		return nil
	}
	err = s.update(ctx, m, c, rec)
	if is(err, "message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found") {
		if err := s.forgetMessage(ctx, m, rec); err != nil {
			return err
		}
		return s.post(ctx, m, c, parent)
	}
	return err
}

func (s *Slack) update(ctx context.Context, m chat.Message, c content, rec record) error {
	err := s.call(ctx, updateMessage, rec.Channel, m.Urgent, func(ctx context.Context) error {
		_, _, _, err := s.api.UpdateMessageContext(ctx, rec.Channel, rec.TS, c.options(m)...)
		return err
	})
	if err != nil {
		return err
	}
	s.count(func(st *Status) { st.Updated++ })
	rec.Hash = c.hash
	return s.remember(ctx, m, rec)
}

// post posts m. A remembered address may be out of date: then it is looked
// up again, once.
func (s *Slack) post(ctx context.Context, m chat.Message, c content, parent record) error {
	for again := false; ; again = true {
		channel, known, err := s.resolve(ctx, m.To, m.Urgent)
		if err != nil {
			return err
		}
		err = s.postTo(ctx, m, c, channel, parent)
		stale := is(err, "channel_not_found", "user_not_found", "user_disabled", "is_archived", "cannot_dm_bot")
		if !stale || !known || again {
			return err
		}
		if err := s.forgetAddress(ctx, m.To); err != nil {
			return err
		}
	}
}

// postTo keeps the intent, posts, and keeps where the message is. When Slack
// refused, the intent is taken back; when the answer is lost it stays, and
// the next Send looks for the message first.
func (s *Slack) postTo(ctx context.Context, m chat.Message, c content, channel string, parent record) error {
	rec := record{Channel: channel, Pending: c.hash, Asked: time.Now().UTC().Round(0)}
	if parent.Channel == channel && parent.TS != "" {
		rec.Root = parent.TS
		if parent.Root != "" {
			rec.Root = parent.Root
		}
	}
	if err := s.remember(ctx, m, rec); err != nil {
		return err
	}
	ts, err := s.postOrJoin(ctx, m, c, rec)
	switch {
	case err == nil:
		s.count(func(st *Status) { st.Posted++ })
		rec.TS, rec.Hash, rec.Pending = ts, c.hash, ""
		return s.remember(ctx, m, rec)
	case answered(err):
		if err := s.forgetMessage(ctx, m, rec); err != nil {
			return err
		}
	}
	return err
}

// postOrJoin posts, and joins a public channel that the bot is not in.
func (s *Slack) postOrJoin(ctx context.Context, m chat.Message, c content, rec record) (ts string, err error) {
	post := func(ctx context.Context) (err error) {
		_, ts, err = s.api.PostMessageContext(ctx, rec.Channel, append(c.options(m), postedAt(rec.Root))...)
		return err
	}
	err = s.call(ctx, postMessage, rec.Channel, m.Urgent, post)
	if !is(err, "not_in_channel") {
		return ts, err
	}
	join := s.call(ctx, joinConversation, "", m.Urgent, func(ctx context.Context) error {
		_, _, _, err := s.api.JoinConversationContext(ctx, rec.Channel)
		return err
	})
	if join != nil {
		return "", err
	}
	return ts, s.call(ctx, postMessage, rec.Channel, m.Urgent, post)
}

// postedAt puts a new message into a thread, if there is one. A post without
// previews of its links stays as short as it was made.
func postedAt(thread string) sdk.MsgOption {
	return sdk.MsgOptionCompose(sdk.MsgOptionTS(thread), sdk.MsgOptionDisableLinkUnfurl(), sdk.MsgOptionDisableMediaUnfurl())
}

// metadataType marks our messages.
const metadataType = "tebiki"

// options are a message as slack-go takes it.
func (c content) options(m chat.Message) []sdk.MsgOption {
	out := []sdk.MsgOption{
		sdk.MsgOptionText(c.text, false), sdk.MsgOptionBlocks(c.blocks...),
	}
	if m.Key != "" {
		out = append(out, sdk.MsgOptionMetadata(sdk.SlackMetadata{
			EventType: metadataType, EventPayload: map[string]any{"key": m.Key, "thread": m.Thread, "hash": c.hash},
		}))
	}
	return out
}
