package slacktest

import "slices"

// readable finds a channel whose messages the bot may read. The lock is held.
func (ws *Workspace) readable(id string) (*Channel, error) {
	ch, err := ws.channel(id)
	switch {
	case err != nil:
		return nil, refuse("channel_not_found")
	case !ch.has(BotUserID):
		return nil, refuse("not_in_channel")
	}
	return ch, ws.needs(ch.kind() + ":history")
}

// history gives a channel's messages, newest first, without replies.
func (ws *Workspace) history(c *call) (obj, error) {
	ch, err := ws.readable(c.text("channel"))
	if err != nil {
		return nil, err
	}
	found := []any{}
	for _, m := range slices.Backward(ws.messages[ch.ID]) {
		if m.onlyFor == "" && (m.thread == "" || m.thread == m.ts || m.broadcast) && c.within(m) {
			found = append(found, ws.inHistory(c, m))
		}
	}
	answer, err := paged(c, "messages", found, 100, 999)
	if err != nil {
		return nil, err
	}
	answer["pin_count"] = 0
	return answer, nil
}

// replies gives a thread, its first message first, oldest first. The first
// message is there on every page, whatever the times, as at Slack.
func (ws *Workspace) replies(c *call) (obj, error) {
	ch, err := ws.readable(c.text("channel"))
	if err != nil {
		return nil, err
	}
	parent := ws.find(ch.ID, c.text("ts"))
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	found := []any{}
	for _, m := range ws.messages[ch.ID] {
		if m.onlyFor == "" && m != parent && m.thread == parent.ts && c.within(m) {
			found = append(found, ws.inHistory(c, m))
		}
	}
	answer, err := paged(c, "messages", found, 1000, 1000)
	if err != nil {
		return nil, err
	}
	answer["messages"] = append([]any{ws.inHistory(c, parent)}, answer["messages"].([]any)...)
	return answer, nil
}

// within tells whether the call asks for messages of this time.
func (c *call) within(m *message) bool {
	oldest, latest := c.text("oldest"), c.text("latest")
	if c.flag("inclusive") && (m.ts == oldest || m.ts == latest) {
		return true
	}
	return (oldest == "" || oldest == "0" || laterTS(m.ts, oldest)) && (latest == "" || laterTS(latest, m.ts))
}

// inHistory adds to a message what a thread has.
func (ws *Workspace) inHistory(c *call, m *message) obj {
	o := m.json(c.flag("include_all_metadata"))
	replies, last, users := 0, "", []string{}
	for _, r := range ws.messages[m.channel] {
		if r.thread == m.ts && r != m && r.onlyFor == "" {
			replies, last = replies+1, r.ts
			if !slices.Contains(users, r.user) {
				users = append(users, r.user)
			}
		}
	}
	if replies > 0 {
		o["thread_ts"], o["reply_count"], o["latest_reply"] = m.ts, replies, last
		o["reply_users"], o["reply_users_count"], o["is_locked"] = users, len(users), false
	}
	if len(m.reactions) > 0 {
		var all []any
		for _, name := range m.reactions {
			all = append(all, obj{"name": name, "count": 1, "users": []string{BotUserID}})
		}
		o["reactions"] = all
	}
	return o
}
