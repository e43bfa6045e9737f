package slacktest

import "encoding/json"

// Press uses a button or a menu of a message. A choice is the value of an
// option, a person's id or a date; with a button it tells two with the same
// action apart by their value.
func (p *Person) Press(channel, ts, action string, choice ...string) Reply {
	p.ws.tb.Helper()
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	m := p.ws.findAny(channel, ts)
	if m == nil {
		return p.fail("there is no message %s in %s to press %q on", ts, channel, action)
	}
	return p.pressOn(m, m.blocks, action, choice)
}

// PressSeen is Press on a message as it was when it was seen: what somebody
// does whose window is behind, with a button that has gone since.
func (p *Person) PressSeen(seen Message, action string, choice ...string) Reply {
	p.ws.tb.Helper()
	var blocks []any
	if len(seen.Blocks) > 0 && json.Unmarshal(seen.Blocks, &blocks) != nil {
		return p.fail("these are no blocks: %s", seen.Blocks)
	}
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	m := p.ws.findAny(seen.Channel, seen.TS)
	switch {
	case p.ws.channels[seen.Channel] == nil:
		return p.fail("there is no channel %q", seen.Channel)
	case m == nil: // it was deleted meanwhile
		m = &message{channel: seen.Channel, ts: seen.TS, thread: seen.Thread, user: seen.From, text: seen.Text}
		if seen.Ephemeral {
			m.onlyFor = p.id
		}
	}
	return p.pressOn(m, blocks, action, choice)
}

// pressOn takes the lock as held, and lets it go while the bot is told.
func (p *Person) pressOn(m *message, blocks []any, action string, choice []string) Reply {
	p.ws.tb.Helper()
	ws, channel, ts := p.ws, m.channel, m.ts
	if !p.sees(m) {
		return p.fail("there is no message %s in %s to press %q on", ts, channel, action)
	}
	used, why := ws.use(blocks, channel+" "+ts, action, choice)
	if why != "" {
		return p.fail("message %s in %s: %s", ts, channel, why)
	}
	payload := ws.interaction(p.id, "block_actions", "")
	container := obj{"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": m.onlyFor != ""}
	if m.thread != "" {
		container["thread_ts"] = m.thread
	}
	payload["container"], payload["actions"] = container, []any{used}
	payload["channel"] = obj{"id": channel, "name": ws.channelName(channel)}
	payload["state"] = obj{"values": obj{}}
	payload["response_url"] = ws.newReplyURL(channel, p.id, ts)
	if m.onlyFor == "" {
		payload["message"] = m.json(true)
	}
	ws.mu.Unlock()
	defer ws.mu.Lock()
	return ws.tell(interactive, payload)
}

// PressView does so in a modal, and PressHome on the bot's own page. What is
// chosen stays chosen there. Of an input block the bot hears only when it has
// asked to; then Reply.Err is "not_dispatched".
func (p *Person) PressView(id, action string, choice ...string) Reply {
	p.ws.tb.Helper()
	p.ws.mu.Lock()
	v := p.ws.views[id]
	p.ws.mu.Unlock()
	if v == nil || v.user != p.id {
		return p.fail("view %q is not open", id)
	}
	return p.pressIn(v, action, choice)
}

// PressHome is PressView on the bot's own page.
func (p *Person) PressHome(action string, choice ...string) Reply {
	p.ws.tb.Helper()
	p.ws.mu.Lock()
	v := p.ws.homes[p.id]
	p.ws.mu.Unlock()
	if v == nil {
		return p.fail("nothing is published on the home page")
	}
	return p.pressIn(v, action, choice)
}

func (p *Person) pressIn(v *view, action string, choice []string) Reply {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	blocks, _ := v.raw["blocks"].([]any)
	used, why := ws.use(blocks, v.id, action, choice)
	if why != "" {
		ws.mu.Unlock()
		return p.fail("view %s: %s", v.id, why)
	}
	dispatched := v.keep(blocks, used)
	from := ""
	if v.raw["type"] == "modal" {
		from = v.id
	}
	payload := ws.interaction(p.id, "block_actions", from)
	payload["container"], payload["actions"] = obj{"type": "view", "view_id": v.id}, []any{used}
	payload["view"] = v.json()
	ws.mu.Unlock()
	if !dispatched {
		return Reply{Err: "not_dispatched"}
	}
	return ws.tell(interactive, payload)
}

// keep remembers what was chosen and tells whether the bot is told.
func (v *view) keep(blocks []any, used obj) (dispatched bool) {
	id, action := used["block_id"].(string), used["action_id"].(string)
	kind := used["type"].(string)
	if state := v.values[id]; state != nil && state[action] != nil {
		state[action] = obj{"type": kind, valueName(kind): used[valueName(kind)]}
	}
	for _, b := range blocks {
		if b := b.(obj); b["block_id"] == id && b["type"] == "input" {
			return b["dispatch_action"] == true
		}
	}
	return true
}

// interaction is what all interactions have. The lock is held.
func (ws *Workspace) interaction(user, kind, fromView string) obj {
	u := ws.people[user]
	return obj{
		"type": kind, "user": obj{"id": user, "username": u.Name, "name": u.Name, "team_id": TeamID},
		"api_app_id": AppID, "token": "verification", "team": obj{"id": TeamID, "domain": "tebiki"}, "enterprise": nil,
		"is_enterprise_install": false, "trigger_id": ws.newTrigger(user, fromView),
	}
}

func (ws *Workspace) channelName(id string) string {
	if ch := ws.channels[id]; ch.with == "" {
		return ch.Name
	}
	return "directmessage"
}
