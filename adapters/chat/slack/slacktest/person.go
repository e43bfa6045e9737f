package slacktest

import (
	"strings"
)

// A Person acts as somebody does in Slack's window. What is not there to be
// pressed fails the test and does nothing.
type Person struct {
	ws *Workspace
	id string
}

// Person gives somebody who was added.
func (ws *Workspace) Person(id string) *Person {
	ws.tb.Helper()
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.people[id] == nil {
		ws.tb.Errorf("slacktest: there is no user %q", id)
	}
	return &Person{ws, id}
}

// fail fails the test and is the reply to what could not be done.
func (p *Person) fail(format string, args ...any) Reply {
	p.ws.tb.Helper()
	p.ws.tb.Errorf("slacktest: "+p.id+": "+format, args...)
	return Reply{Err: "not there"}
}

// Direct is the channel of the direct messages with the bot.
func (p *Person) Direct() string {
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	return p.ws.direct(p.id).ID
}

// escape is what Slack's window does to what is typed.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// DM writes to the bot.
func (p *Person) DM(text string) Reply { return p.write(p.Direct(), "", escape.Replace(text)) }

// Mention writes to the bot in a channel.
func (p *Person) Mention(channel, text string) Reply {
	return p.write(channel, "", "<@"+BotUserID+"> "+escape.Replace(text))
}

// Say writes in a channel, or under a message there. The bot hears of it in
// direct messages only.
func (p *Person) Say(channel, thread, text string) Reply {
	return p.write(channel, thread, escape.Replace(text))
}

func (p *Person) write(channel, thread, text string) Reply {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	ch := ws.channels[channel]
	if ch == nil || ch.Archived || !ch.has(p.id) || thread != "" && ws.find(channel, thread) == nil {
		ws.mu.Unlock()
		return p.fail("cannot write in channel %q under %q", channel, thread)
	}
	m := ws.put(&message{channel: channel, thread: thread, user: p.id, text: text})
	event := m.json(false)
	event["channel"], event["event_ts"], event["client_msg_id"] = channel, m.ts, ws.id("client-")
	scope := ""
	switch {
	case ch.with != "":
		event["channel_type"], scope = "im", "im:history"
	case strings.Contains(text, "<@"+BotUserID+">"):
		event["type"], scope = "app_mention", "app_mentions:read"
	}
	heard := scope != "" && ws.needs(scope) == nil && ch.has(BotUserID)
	payload := ws.eventPayload(event)
	ws.mu.Unlock()
	if !heard {
		return Reply{Err: "not_subscribed"}
	}
	return ws.tell(events, payload)
}

// OpenHome looks at the bot's own page. What it shows is Home's, once the bot
// has published it.
func (p *Person) OpenHome() Reply {
	ws := p.ws
	ws.mu.Lock()
	event := obj{"type": "app_home_opened", "user": p.id, "channel": ws.direct(p.id).ID, "tab": "home", "event_ts": ws.ts()}
	if v := ws.homes[p.id]; v != nil {
		event["view"] = v.json()
	}
	payload := ws.eventPayload(event)
	ws.mu.Unlock()
	return ws.tell(events, payload)
}

// Command types a slash command in a channel. Slack asks for no membership of
// the bot there.
func (p *Person) Command(command, text, channel string) Reply {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	ch := ws.channels[channel]
	if ch == nil || ch.Archived || !ch.has(p.id) {
		ws.mu.Unlock()
		return p.fail("cannot type %s in channel %q", command, channel)
	}
	if ws.needs("commands") != nil {
		ws.mu.Unlock()
		return Reply{Err: "unknown_command"}
	}
	name := ch.Name
	if ch.with != "" {
		name = "directmessage"
	}
	reply := ws.newReplyURL(channel, p.id, "")
	payload := obj{
		"token": "verification", "team_id": TeamID, "team_domain": "tebiki", "channel_id": channel, "channel_name": name,
		"user_id": p.id, "user_name": ws.people[p.id].Name, "command": command, "text": escape.Replace(text),
		"api_app_id": AppID, "is_enterprise_install": "false", "response_url": reply, "trigger_id": ws.newTrigger(p.id, ""),
	}
	ws.mu.Unlock()
	r := ws.tell(commands, payload)
	p.answerCommand(&r, &replyURL{channel: channel, user: p.id})
	return r
}

// answerCommand shows what the bot has put into its acknowledgement.
func (p *Person) answerCommand(r *Reply, to *replyURL) {
	text := strings.TrimSpace(string(r.Payload))
	if !r.Acked || text == "" || text == "{}" || text == "null" {
		return
	}
	c := &call{params: map[string]any{"text": text}}
	if strings.HasPrefix(text, "{") {
		c = &call{params: map[string]any{}}
		if err := c.parseJSON([]byte(text)); err != nil {
			r.Err = "invalid_command_response"
			return
		}
	}
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	if p.ws.respond(to, c) != nil {
		r.Err = "invalid_command_response"
	}
}
