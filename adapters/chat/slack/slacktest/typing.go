package slacktest

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// A MenuOption is one of a menu.
type MenuOption struct{ Text, Value, Description string }

// Type types into a menu of a modal or home page whose options the bot finds,
// and gives those that it shows. With fewer characters than the menu asks for
// (three unless it says) the bot is not asked.
func (p *Person) Type(viewID, action, query string) ([]MenuOption, Reply) {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	v := ws.views[viewID]
	if v == nil || v.user != p.id {
		ws.mu.Unlock()
		return nil, p.fail("view %q is not open", viewID)
	}
	blocks, _ := v.raw["blocks"].([]any)
	more := obj{"view": v.json(), "container": obj{"type": "view", "view_id": viewID}}
	ws.mu.Unlock()
	return p.typeInto(blocks, viewID, action, query, more)
}

// TypeAt is Type at a message.
func (p *Person) TypeAt(channel, ts, action, query string) ([]MenuOption, Reply) {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	m := ws.findAny(channel, ts)
	if m == nil || !p.sees(m) {
		ws.mu.Unlock()
		return nil, p.fail("there is no message %s in %s", ts, channel)
	}
	more := obj{
		"channel":   obj{"id": channel, "name": ws.channelName(channel)},
		"container": obj{"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": m.onlyFor != ""},
	}
	if m.onlyFor == "" {
		more["message"] = m.json(true)
	}
	blocks := m.blocks
	ws.mu.Unlock()
	return p.typeInto(blocks, channel+" "+ts, action, query, more)
}

func (p *Person) typeInto(blocks []any, place, action, query string, payload obj) ([]MenuOption, Reply) {
	p.ws.tb.Helper()
	ws := p.ws
	var menu, block obj
	eachElement(blocks, func(b, e obj) {
		if e["action_id"] == action && valueName(e["type"].(string)) != "value" {
			block, menu = b, e
		}
	})
	if menu == nil || menu["type"] != "external_select" && menu["type"] != "multi_external_select" {
		return nil, p.fail("there is no menu with action %q to type into", action)
	}
	least := 3.0
	if n, ok := menu["min_query_length"].(float64); ok {
		least = n
	}
	if float64(utf8.RuneCountInString(query)) < least {
		return nil, Reply{Err: fmt.Sprintf("fewer than %v characters", least)}
	}
	ws.mu.Lock()
	all := ws.interaction(p.id, "block_suggestion", "")
	ws.mu.Unlock()
	delete(all, "trigger_id")
	for name, v := range payload {
		all[name] = v
	}
	all["action_id"], all["block_id"], all["value"] = action, block["block_id"], query
	r := ws.tell(interactive, all)
	return ws.offer(place+" "+action, &r), r
}

// offer reads the options that the bot answered with. Slack shows none when
// one is wrong.
func (ws *Workspace) offer(key string, r *Reply) (shown []MenuOption) {
	if !r.Acked {
		return nil
	}
	var answer obj
	if json.Unmarshal(r.Payload, &answer) != nil {
		r.Err = "invalid_options"
		return nil
	}
	c := newCheck("options")
	shape{members: map[string]rule{"options": list(0, 100, option(plain)), "option_groups": list(0, 100, optionGroup)}}.rule(c, "", answer)
	if len(c.faults) > 0 || answer["options"] == nil && answer["option_groups"] == nil {
		r.Err = fmt.Sprint("invalid_options ", c.faults)
		return nil
	}
	all := optionsOf(answer)
	ws.mu.Lock()
	ws.offers[key] = all
	ws.mu.Unlock()
	for _, o := range all {
		o := o.(obj)
		shown = append(shown, MenuOption{textOf(o["text"]), o["value"].(string), textOf(o["description"])})
	}
	return shown
}

// textOf is the text of a text object.
func textOf(v any) string {
	o, _ := v.(obj)
	s, _ := o["text"].(string)
	return s
}
