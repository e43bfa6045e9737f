package slacktest

import (
	"encoding/json"
	"time"
)

// The kinds of deliveries, as Socket Mode calls them.
const (
	events      = "events_api"
	interactive = "interactive"
	commands    = "slash_commands"
)

// A delivery is one thing that the bot is told.
type delivery struct {
	kind     string
	payload  obj
	envelope string
}

// A Reply is how the bot answered, and what came of it.
type Reply struct {
	Acked   bool          // in time
	Took    time.Duration // until then
	Payload json.RawMessage
	// Err is what Slack shows the person, or why the person could not do it:
	// "operation_timeout", "dispatch_failed", "invalid_command_response".
	Err    string
	Errors map[string]string // of a modal that stays open, by block
}

// deliver tells the bot once.
func (ws *Workspace) deliver(d delivery, retry int, reason string) Reply {
	began := time.Now()
	ws.mu.Lock()
	target := ws.target
	ws.mu.Unlock()
	var payload json.RawMessage
	err := errConnection
	if target != (endpoint{}) {
		payload, err = ws.postDelivery(target, d, retry, reason)
	} else if s := ws.sockets.next(); s != nil {
		payload, err = s.ask(d.frame(retry, reason), ws.timings.Ack, ws.done)
	}
	r := Reply{Acked: err == nil, Took: time.Since(began), Payload: payload}
	if err != nil {
		r.Err = err.Error()
	}
	return r
}

func (d delivery) frame(retry int, reason string) obj {
	f := obj{
		"type": d.kind, "envelope_id": d.envelope, "payload": d.payload, "accepts_response_payload": d.kind != events,
	}
	if d.kind == events {
		f["retry_attempt"], f["retry_reason"] = retry, reason
	}
	return f
}

// tell delivers what a person did. An event that is not acknowledged comes
// again later, as often as Slack repeats it; the rest does not.
func (ws *Workspace) tell(kind string, payload obj) Reply {
	ws.mu.Lock()
	d := delivery{kind, payload, ws.id("envelope-")}
	if ws.record {
		ws.sent = append(ws.sent, d)
	}
	ws.mu.Unlock()
	r := ws.deliver(d, 0, "")
	switch {
	case r.Acked || r.Err == errNoRetry.Error():
	case kind == events:
		ws.start(func() { ws.retry(d, r.Err) })
	case r.Err == errTimeout.Error():
		r.Err = "operation_timeout"
	default:
		r.Err = "dispatch_failed"
	}
	return r
}

func (ws *Workspace) retry(d delivery, reason string) {
	for i, wait := range ws.timings.Retries {
		if !ws.pause(wait) {
			return
		}
		r := ws.deliver(d, i+1, reason)
		if r.Acked || r.Err == errNoRetry.Error() {
			return
		}
		reason = r.Err
	}
}

// Repeat delivers the last n things again, as Slack does when it believes that
// an acknowledgement was lost: same envelope, same event. Without a record
// there are none.
func (ws *Workspace) Repeat(n int) []Reply {
	ws.mu.Lock()
	last := ws.sent[max(0, len(ws.sent)-n):]
	ws.mu.Unlock()
	var replies []Reply
	for _, d := range last {
		replies = append(replies, ws.deliver(d, 1, errTimeout.Error()))
	}
	return replies
}

// Emit delivers an event as a test gives it: types that nobody here causes,
// and malformed ones.
func (ws *Workspace) Emit(event map[string]any) Reply {
	ws.mu.Lock()
	payload := ws.eventPayload(event)
	ws.mu.Unlock()
	return ws.tell(events, payload)
}

// eventPayload puts an event into its envelope. The lock is held.
func (ws *Workspace) eventPayload(event obj) obj {
	return obj{
		"token": "verification", "team_id": TeamID, "api_app_id": AppID, "event": event, "type": "event_callback",
		"event_id": ws.id("Ev"), "event_time": time.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{obj{"team_id": TeamID, "user_id": BotUserID, "is_bot": true, "is_enterprise_install": false}},
	}
}

// reached tells whether the bot listens at all.
func (ws *Workspace) reached() bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.target != (endpoint{}) || ws.Connections() > 0
}

// echo tells the bot of its own message, as Slack does in direct messages. It
// is told once. The lock is held.
func (ws *Workspace) echo(ch *Channel, m *message, subtype string) func() {
	if ch.with == "" || ws.needs("im:history") != nil {
		return func() {}
	}
	event := m.json(false)
	if subtype != "" {
		event = obj{"type": "message", "subtype": subtype, "message": m.json(false), "ts": m.edited, "hidden": true}
	}
	event["channel"], event["channel_type"], event["event_ts"] = m.channel, "im", event["ts"]
	d := delivery{events, ws.eventPayload(event), ws.id("envelope-")}
	return func() {
		if ws.reached() {
			ws.deliver(d, 0, "")
		}
	}
}
