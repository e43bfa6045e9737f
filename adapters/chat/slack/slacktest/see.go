package slacktest

import (
	"encoding/json"
	"strings"
)

// A Message as one person sees it.
type Message struct {
	Channel, TS string
	Thread      string // ts of the message that it is under
	From        string // user id
	Text        string // what notifications and screen readers get
	Blocks      json.RawMessage
	Shown       string // all that is to be read in the blocks, or the text
	Controls    []Control
	Wakes       []string // whom it mentions: "!channel", "@USATO"
	Metadata    json.RawMessage
	Edited      bool
	Ephemeral   bool
	Replies     []Message
}

// A Control is a button or a menu.
type Control struct {
	Kind          string // "button", "static_select", ...
	Action, Block string
	Label         string // of a button, or what stands in an empty menu
	Value         string // of a button
	Style, URL    string
	Options       []MenuOption
	Typed         bool // its options come from the bot
	Selected      string
	Confirms      bool
}

// A View as a person sees it.
type View struct {
	ID, Kind, Title string
	Callback        string
	PrivateMetadata string
	Hash            string
	Submit, Cancel  string
	Blocks          json.RawMessage
	Shown           string
	Controls        []Control
}

// See gives what a person sees in a channel now, oldest first, replies under
// their message; of ephemeral messages only theirs.
func (p *Person) See(channel string) []Message {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ch := ws.channels[channel]
	if ch == nil || !ch.has(p.id) {
		if ch != nil || ws.people[p.id] == nil {
			p.ws.tb.Errorf("slacktest: %s is not in channel %q", p.id, channel)
		}
		return nil
	}
	var seen []Message
	at := map[string]int{}
	for _, m := range ws.messages[channel] {
		if !p.sees(m) {
			continue
		}
		if i, ok := at[m.thread]; ok && m.thread != "" {
			seen[i].Replies = append(seen[i].Replies, m.seen())
			if !m.broadcast {
				continue
			}
		}
		at[m.ts] = len(seen)
		seen = append(seen, m.seen())
	}
	return seen
}

func (p *Person) sees(m *message) bool { return m.onlyFor == "" || m.onlyFor == p.id }

func (m *message) seen() Message {
	s := Message{
		Channel: m.channel, TS: m.ts, Thread: m.thread, From: m.user, Text: m.text, Shown: m.text,
		Edited: m.edited != "", Ephemeral: m.onlyFor != "",
	}
	if m.metadata != nil {
		s.Metadata = json.RawMessage(asText(m.metadata))
	}
	s.Wakes = mentions(m)
	if len(m.blocks) > 0 {
		s.Blocks, s.Shown, s.Controls = json.RawMessage(asText(m.blocks)), shown(m.blocks), controls(m.blocks, nil)
	}
	return s
}

// Home is the bot's own page, nil while nothing is published.
func (p *Person) Home() *View {
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	if v := p.ws.homes[p.id]; v != nil {
		return v.seen()
	}
	return nil
}

// Modals are those that are open, the uppermost last.
func (p *Person) Modals() []View {
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	var open []View
	for _, v := range p.ws.modals[p.id] {
		open = append(open, *v.seen())
	}
	return open
}

func (v *view) seen() *View {
	blocks, _ := v.raw["blocks"].([]any)
	word := func(name string) string { s, _ := v.raw[name].(string); return s }
	return &View{
		ID: v.id, Kind: word("type"), Title: textOf(v.raw["title"]), Callback: word("callback_id"),
		PrivateMetadata: word("private_metadata"), Hash: v.hash, Submit: textOf(v.raw["submit"]),
		Cancel: textOf(v.raw["close"]), Blocks: json.RawMessage(asText(blocks)), Shown: shown(blocks),
		Controls: controls(blocks, v.values),
	}
}

// shown is all the text of blocks, a line for each piece.
func shown(blocks []any) string {
	var lines []string
	each(any(blocks), func(o obj) {
		kind, _ := o["type"].(string)
		text, isText := o["text"].(string)
		switch {
		case isText && text != "" && (kind == "plain_text" || kind == "mrkdwn" || kind == "markdown" || kind == "text" || kind == "link"):
			lines = append(lines, text)
		case kind == "image":
			alt, _ := o["alt_text"].(string)
			lines = append(lines, alt)
		}
	})
	return strings.Join(lines, "\n")
}

func controls(blocks []any, values map[string]obj) (all []Control) {
	eachElement(blocks, func(b, e obj) {
		word := func(name string) string { s, _ := e[name].(string); return s }
		c := Control{
			Kind: word("type"), Action: word("action_id"), Label: textOf(e["text"]), Value: word("value"),
			Style: word("style"), URL: word("url"), Confirms: e["confirm"] != nil,
			Typed: strings.HasSuffix(word("type"), "external_select"),
		}
		c.Block, _ = b["block_id"].(string)
		if c.Label == "" {
			c.Label = textOf(e["placeholder"])
		}
		for _, o := range optionsOf(obj{"options": e["options"], "option_groups": e["option_groups"]}) {
			value, _ := o.(obj)["value"].(string)
			c.Options = append(c.Options, MenuOption{textOf(o.(obj)["text"]), value, textOf(o.(obj)["description"])})
		}
		state, _ := values[c.Block][c.Action].(obj)
		c.Selected = selected(state)
		all = append(all, c)
	})
	return all
}

func selected(state obj) string {
	kind, _ := state["type"].(string)
	switch v := state[valueName(kind)].(type) {
	case string:
		return v
	case obj:
		value, _ := v["value"].(string)
		return value
	}
	return ""
}
