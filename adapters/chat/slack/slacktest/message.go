package slacktest

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// A message as the workspace keeps it.
type message struct {
	ts, thread  string
	channel     string
	user, bot   string
	text        string
	blocks      []any
	attachments any
	metadata    any
	onlyFor     string // of an ephemeral message: who sees it
	edited      string // ts of the last change
	broadcast   bool
	reactions   []string
}

// content is what a bot may put into a message.
type content struct {
	text        string
	blocks      []any
	attachments any
	metadata    any
}

// content reads and checks what a message is to hold. The lock is held.
func (ws *Workspace) content(c *call) (content, error) {
	in := content{text: c.text("text")}
	if utf8.RuneCountInString(in.text) > mostText {
		return in, refuse("msg_too_long")
	}
	if v, given := c.structure("blocks"); given {
		checked, err := checkBlocks(v)
		if err != nil {
			return in, err
		}
		in.blocks = ws.nameParts(checked)
	}
	if v, given := c.structure("attachments"); given {
		if _, ok := v.([]any); !ok {
			return in, refuse("invalid_attachments")
		}
		in.attachments = v
	}
	attached, _ := in.attachments.([]any)
	if in.text == "" && len(in.blocks) == 0 && len(attached) == 0 {
		return in, refuse("no_text")
	}
	var err error
	in.metadata, err = metadata(c)
	return in, err
}

// metadata checks the metadata of a message, which a bot finds it again by.
func metadata(c *call) (any, error) {
	v, given := c.structure("metadata")
	if !given {
		return nil, nil
	}
	o, _ := v.(obj)
	kind, _ := o["event_type"].(string)
	_, isObject := o["event_payload"].(obj)
	switch {
	case kind == "" && o != nil && o["event_payload"] == nil: // slack-go's zero value
		return nil, nil
	case kind == "" || !isObject:
		return nil, refuse("invalid_metadata_format")
	case len(asText(o)) > mostMetadata:
		return nil, refuse("metadata_too_large")
	}
	return o, nil
}

// nameParts gives each block and element without a name one, as Slack does.
func (ws *Workspace) nameParts(all []any) []any {
	all = clone(all)
	for _, b := range all {
		b := b.(obj)
		if _, named := b["block_id"]; !named {
			b["block_id"] = ws.id("b")
		}
		for _, e := range elementsOf(b) {
			if _, named := e["action_id"]; !named {
				e["action_id"] = ws.id("a")
			}
		}
	}
	return all
}

// clone copies JSON, so that no two messages share a part.
func clone[T any](v T) (copied T) {
	out, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(out, &copied)
	}
	if err != nil { // it came from JSON
		return v
	}
	return copied
}

// json is the message as the API shows it.
func (m *message) json(withMetadata bool) obj {
	o := obj{"type": "message", "ts": m.ts, "text": m.text, "user": m.user, "team": TeamID}
	if m.bot != "" {
		o["bot_id"], o["app_id"] = m.bot, AppID
		o["bot_profile"] = obj{"id": BotID, "app_id": AppID, "name": "tebiki", "team_id": TeamID}
	}
	if m.thread != "" {
		o["thread_ts"] = m.thread
	}
	if m.broadcast {
		o["subtype"] = "thread_broadcast"
	}
	if m.blocks != nil {
		o["blocks"] = clone(m.blocks)
	}
	if m.attachments != nil {
		o["attachments"] = clone(m.attachments)
	}
	if m.edited != "" {
		o["edited"] = obj{"user": m.user, "ts": m.edited}
	}
	if withMetadata && m.metadata != nil {
		o["metadata"] = clone(m.metadata)
	}
	return o
}

// put keeps a new message. The lock is held.
func (ws *Workspace) put(m *message) *message {
	m.ts = ws.ts()
	ws.messages[m.channel] = append(ws.messages[m.channel], m)
	return m
}

// find gives a message that all can see. The lock is held.
func (ws *Workspace) find(channel, ts string) *message {
	m := ws.findAny(channel, ts)
	if m == nil || m.onlyFor != "" {
		return nil
	}
	return m
}

func (ws *Workspace) findAny(channel, ts string) *message {
	all := ws.messages[channel]
	i, found := slices.BinarySearchFunc(all, ts, func(m *message, ts string) int { return strings.Compare(m.ts, ts) })
	if !found {
		return nil
	}
	return all[i]
}

func (ws *Workspace) drop(m *message) {
	all := ws.messages[m.channel]
	ws.messages[m.channel] = slices.DeleteFunc(all, func(other *message) bool { return other == m })
}
