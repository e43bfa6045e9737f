package slacktest

import (
	"maps"
	"slices"
)

func sortedKeys(o obj) []string { return slices.Sorted(maps.Keys(o)) }

// plain is a text object that may hold no markup.
func plain(high int) rule { return textObject(high, "plain_text") }

// marked is a text object of either kind.
func marked(high int) rule { return textObject(high, "plain_text", "mrkdwn") }

func textObject(high int, kinds ...string) rule {
	length := str(1, high)
	return func(c *check, at string, v any) {
		o, ok := v.(obj)
		if !ok {
			c.say(at, "must be an object")
			return
		}
		kind, _ := o["type"].(string)
		if !slices.Contains(kinds, kind) {
			c.say(at+"/type", "must be a valid enum value")
			return
		}
		before := len(c.faults)
		textShape(kind, length).rule(c, at, o)
		if len(c.faults) > before { // Slack names the object before the place in it
			c.faults = slices.Insert(c.faults, before, "failed to match all allowed schemas [json-pointer:"+at+"]")
		}
		s, _ := o["text"].(string)
		c.size += len([]rune(s))
	}
}

func textShape(kind string, length rule) shape {
	members := map[string]rule{"text": length}
	if kind == "plain_text" {
		members["emoji"] = boolean
	} else {
		members["verbatim"] = boolean
	}
	return shape{need: []string{"text"}, members: members}
}

// option is one of a select's; in radio buttons and checkboxes its texts may
// hold markup.
func option(text func(int) rule) rule {
	return shape{need: []string{"text", "value"}, members: map[string]rule{
		"text": text(75), "value": str(1, 150), "description": text(75), "url": str(1, 3000),
	}}.rule
}

var optionGroup = shape{need: []string{"label", "options"}, members: map[string]rule{
	"label": plain(75), "options": list(1, 100, option(plain)),
}}.rule

var confirmation = shape{need: []string{"title", "text", "confirm", "deny"}, members: map[string]rule{
	"title": plain(100), "text": marked(300), "confirm": plain(30), "deny": plain(30), "style": oneOf("primary", "danger"),
}}.rule
