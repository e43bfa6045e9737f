package slacktest

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// What a whole message may hold.
const (
	mostBlocks      = 50
	mostViewBlocks  = 100
	mostText        = 40_000 // characters
	mostUpdateBytes = 4_000
	mostBlocksSize  = 13_200 // measured: characters, and for each block blockOverhead
	blockOverhead   = 100
	mostMetadata    = 8_000 // bytes of JSON; Slack names no number
)

var blockID = unique("block_id", func(c *check) map[string]bool { return c.blockIDs })

var (
	anyElement = []string{"button", "overflow", "radio_buttons", "checkboxes", "static_select", "external_select",
		"multi_static_select", "multi_external_select", "users_select", "channels_select", "conversations_select",
		"multi_users_select", "datepicker", "timepicker"}
	inActions = []string{"button", "overflow", "radio_buttons", "checkboxes", "static_select", "external_select",
		"users_select", "channels_select", "conversations_select", "datepicker", "timepicker", "datetimepicker"}
	inInput = []string{"radio_buttons", "checkboxes", "static_select", "external_select", "multi_static_select",
		"multi_external_select", "users_select", "channels_select", "conversations_select", "multi_users_select",
		"datepicker", "timepicker", "datetimepicker", "plain_text_input", "email_text_input", "url_text_input", "number_input"}
)

// blocks are the layout blocks by type.
var blocks = map[string]shape{
	"section": {members: map[string]rule{
		"block_id": blockID, "text": marked(3000), "fields": list(1, 10, marked(2000)),
		"accessory": typed(elements, append([]string{"image"}, anyElement...)...), "expand": boolean}, also: textOrFields},
	"divider": {members: map[string]rule{"block_id": blockID}},
	"header":  {need: []string{"text"}, members: map[string]rule{"block_id": blockID, "text": plain(150)}},
	"context": {need: []string{"elements"}, members: map[string]rule{"block_id": blockID, "elements": list(1, 10, contextElement)}},
	"actions": {need: []string{"elements"}, members: map[string]rule{
		"block_id": blockID, "elements": list(1, 25, typed(elements, inActions...))}},
	"image": {need: []string{"alt_text"}, members: map[string]rule{
		"block_id": blockID, "image_url": str(1, 3000), "slack_file": anything, "alt_text": str(1, 2000), "title": plain(2000)}},
	"input": {need: []string{"label", "element"}, members: map[string]rule{
		"block_id": blockID, "label": plain(2000), "hint": plain(2000), "optional": boolean, "dispatch_action": boolean,
		"element": typed(elements, inInput...)}, also: countInput},
	"rich_text": {need: []string{"elements"}, members: map[string]rule{"block_id": blockID, "elements": list(1, 1000, richText)}},
	"markdown":  {need: []string{"text"}, members: map[string]rule{"block_id": blockID, "text": str(1, 12_000)}, also: countText},
}

func contextElement(c *check, at string, v any) {
	if o, ok := v.(obj); ok && o["type"] == "image" {
		elements["image"].rule(c, at, v)
		return
	}
	marked(3000)(c, at, v)
}

// richText looks only at the kind of its parts: their texts count, and Slack
// has no limit for one.
func richText(c *check, at string, v any) {
	o, _ := v.(obj)
	kinds := []string{"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
	if kind, _ := o["type"].(string); !slices.Contains(kinds, kind) {
		c.say(at+"/type", "must be a valid enum value")
	}
	each(o, func(part obj) { countText(c, at, part) })
}

func countText(c *check, _ string, o obj) {
	s, _ := o["text"].(string)
	c.size += utf8.RuneCountInString(s)
}

func countInput(c *check, _ string, _ obj) { c.inputs++ }

func textOrFields(c *check, at string, o obj) {
	if o["text"] == nil && o["fields"] == nil {
		c.say(at+"/type", "must define either `text` or `fields`")
	}
}

// blocks goes through all blocks at a pointer.
func (c *check) blocks(at string, all []any) {
	most := mostBlocks
	if c.surface != "message" {
		most = mostViewBlocks
	}
	if len(all) > most {
		c.say(at, "no more than %d items allowed", most)
		return
	}
	kinds := []string{"section", "divider", "header", "context", "actions", "image", "input", "rich_text"}
	if c.surface == "message" {
		kinds = append(kinds, "markdown")
	}
	one := typed(blocks, kinds...)
	for i, b := range all {
		if c.surface != "message" { // there an action_id is unique in its block
			c.actionIDs = map[string]bool{}
		}
		one(c, at+"/"+strconv.Itoa(i), b)
	}
	c.size += blockOverhead * len(all)
}

// checkBlocks refuses a message's blocks as Slack does.
func checkBlocks(v any) ([]any, error) {
	all, ok := v.([]any)
	if !ok {
		return nil, refuse("invalid_blocks_format")
	}
	c := newCheck("message")
	c.blocks("/blocks", all)
	switch {
	case len(c.faults) > 0:
		return nil, refuseFor("invalid_blocks", c.faults)
	case c.size > mostBlocksSize:
		return nil, refuse("msg_blocks_too_long")
	}
	return all, nil
}

// each calls f with o and every object within it.
func each(v any, f func(obj)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			each(item, f)
		}
	case obj:
		f(v)
		for _, name := range sortedKeys(v) {
			each(v[name], f)
		}
	}
}
