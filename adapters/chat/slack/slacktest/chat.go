package slacktest

import "slices"

// channel finds a channel by its id, or by a person's id their direct
// messages. The lock is held.
func (ws *Workspace) channel(id string) (*Channel, error) {
	if u := ws.people[id]; u != nil {
		switch {
		case u.Bot:
			return nil, refuse("cannot_dm_bot")
		case u.Deactivated:
			return nil, refuse("user_disabled")
		}
		return ws.direct(id), nil
	}
	ch := ws.channels[id]
	if ch == nil || ch.Private && !ch.has(BotUserID) {
		return nil, refuse("channel_not_found")
	}
	return ch, nil
}

// postable finds a channel that the bot may write to. The lock is held.
func (ws *Workspace) postable(id string) (*Channel, error) {
	ch, err := ws.channel(id)
	if err != nil {
		return nil, err
	}
	switch {
	case ch.Archived, ch.with != "" && ws.people[ch.with].Deactivated:
		return nil, refuse("is_archived")
	case ch.has(BotUserID), ch.kind() == "channels" && slices.Contains(ws.scopes, "chat:write.public"):
		return ch, nil
	}
	return nil, refuse("not_in_channel")
}

func (ws *Workspace) chatPostMessage(c *call) (obj, error) {
	ch, err := ws.postable(c.text("channel"))
	if err != nil {
		return nil, err
	}
	in, err := ws.content(c)
	if err != nil {
		return nil, err
	}
	thread := c.text("thread_ts")
	if thread != "" && ws.find(ch.ID, thread) == nil {
		return nil, refuse("thread_not_found")
	}
	m := ws.put(&message{
		channel: ch.ID, thread: thread, user: BotUserID, bot: BotID, text: in.text, blocks: in.blocks,
		attachments: in.attachments, metadata: in.metadata, broadcast: thread != "" && c.flag("reply_broadcast"),
	})
	c.after = append(c.after, ws.echo(ch, m, ""))
	return obj{"channel": ch.ID, "ts": m.ts, "message": m.json(true)}, nil
}

func (ws *Workspace) chatPostEphemeral(c *call) (obj, error) {
	ch, err := ws.postable(c.text("channel"))
	if err != nil {
		return nil, err
	}
	user := c.text("user")
	switch {
	case ws.people[user] == nil:
		return nil, refuse("user_not_found")
	case !ch.has(user):
		return nil, refuse("user_not_in_channel")
	}
	in, err := ws.content(c)
	if err != nil {
		return nil, err
	}
	m := ws.put(&message{
		channel: ch.ID, thread: c.text("thread_ts"), user: BotUserID, bot: BotID, text: in.text,
		blocks: in.blocks, attachments: in.attachments, onlyFor: user,
	})
	return obj{"message_ts": m.ts}, nil
}

// own finds a message of the bot's to change. The lock is held.
func (ws *Workspace) own(c *call, refusal string) (*message, error) {
	ch, err := ws.channel(c.text("channel"))
	if err != nil {
		return nil, err
	}
	m := ws.find(ch.ID, c.text("ts"))
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case ch.Archived:
		return nil, refuse("is_archived")
	case m.bot == "":
		return nil, refuse(refusal)
	}
	return m, nil
}

// change takes what the call gives and keeps the rest: as at Slack, a text
// without blocks leaves the old blocks to be seen, and an empty list removes
// them.
func (m *message) change(c *call, in content) {
	if _, given := c.params["text"]; given {
		m.text = in.text
	}
	if _, given := c.structure("blocks"); given {
		m.blocks = in.blocks
	}
	if _, given := c.structure("attachments"); given {
		m.attachments = in.attachments
	}
	if _, given := c.structure("metadata"); given {
		m.metadata = in.metadata
	}
}

func (ws *Workspace) chatUpdate(c *call) (obj, error) {
	m, err := ws.own(c, "cant_update_message")
	if err != nil {
		return nil, err
	}
	if len(c.text("text")) > mostUpdateBytes {
		return nil, refuse("msg_too_long")
	}
	in, err := ws.content(c)
	if err != nil {
		return nil, err
	}
	m.change(c, in)
	m.edited = ws.ts()
	c.after = append(c.after, ws.echo(ws.channels[m.channel], m, "message_changed"))
	return obj{"channel": m.channel, "ts": m.ts, "text": m.text, "message": m.json(true)}, nil
}

func (ws *Workspace) chatDelete(c *call) (obj, error) {
	m, err := ws.own(c, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	ws.drop(m)
	return obj{"channel": m.channel, "ts": m.ts}, nil
}
