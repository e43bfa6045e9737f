package slacktest

import "maps"

var actionID = unique("action_id", func(c *check) map[string]bool { return c.actionIDs })

// elements are the interactive elements and the image, by type.
var elements = map[string]shape{
	"button": act(shape{need: []string{"text"}, members: map[string]rule{
		"text": plain(75), "url": str(0, 3000), "value": str(0, 2000), "style": oneOf("primary", "danger"),
		"accessibility_label": str(1, 75),
	}}),
	"overflow":        act(shape{need: []string{"options"}, members: map[string]rule{"options": list(1, 5, option(plain))}}),
	"radio_buttons":   act(choices(10, option(marked), "initial_option")),
	"checkboxes":      act(choices(10, option(marked), "initial_options")),
	"static_select":   act(selects(grouped("initial_option", option(plain)))),
	"external_select": act(selects(map[string]rule{"initial_option": option(plain), "min_query_length": number(0, 1000)})),
	"multi_static_select": act(selects(grouped("initial_options", list(1, 100, option(plain))),
		"max_selected_items")),
	"multi_external_select": act(selects(map[string]rule{
		"initial_options": list(1, 100, option(plain)), "min_query_length": number(0, 1000)}, "max_selected_items")),
	"users_select":         act(selects(map[string]rule{"initial_user": str(1, 255)})),
	"channels_select":      act(selects(map[string]rule{"initial_channel": str(1, 255), "response_url_enabled": boolean})),
	"conversations_select": act(selects(map[string]rule{"initial_conversation": str(1, 255), "default_to_current_conversation": boolean, "filter": anything, "response_url_enabled": boolean})),
	"multi_users_select":   act(selects(map[string]rule{"initial_users": list(1, 100, str(1, 255))}, "max_selected_items")),
	"datepicker":           act(selects(map[string]rule{"initial_date": str(10, 10)})),
	"timepicker":           act(selects(map[string]rule{"initial_time": str(5, 5), "timezone": str(1, 64)})),
	"datetimepicker":       act(shape{members: map[string]rule{"initial_date_time": number(0, 1e12)}}),
	"plain_text_input": typing(map[string]rule{
		"initial_value": str(0, 3000), "multiline": boolean, "min_length": number(0, 3000), "max_length": number(1, 3000)}),
	"email_text_input": typing(map[string]rule{"initial_value": str(0, 3000)}),
	"url_text_input":   typing(map[string]rule{"initial_value": str(0, 3000)}),
	"number_input": typing(map[string]rule{
		"initial_value": str(0, 3000), "is_decimal_allowed": boolean, "min_value": str(0, 255), "max_value": str(0, 255)}, "is_decimal_allowed"),
	"image": {need: []string{"alt_text"}, members: map[string]rule{
		"image_url": str(1, 3000), "alt_text": str(1, 2000), "slack_file": anything}},
}

// act gives an element what all that can be used have.
func act(s shape) shape {
	members := maps.Clone(s.members)
	members["action_id"], members["confirm"], members["focus_on_load"] = actionID, confirmation, boolean
	s.members = members
	return s
}

// typing is a field to type in, which has no confirmation.
func typing(members map[string]rule, need ...string) shape {
	members = maps.Clone(members)
	members["placeholder"], members["dispatch_action_config"] = plain(150), anything
	s := act(shape{need: need, members: members})
	delete(s.members, "confirm")
	return s
}

func choices(high int, item rule, initial string) shape {
	first := item
	if initial == "initial_options" {
		first = list(1, high, item)
	}
	return shape{need: []string{"options"}, members: map[string]rule{"options": list(1, high, item), initial: first}}
}

// selects is a menu: a placeholder, and numbers where they are allowed.
func selects(members map[string]rule, numbers ...string) shape {
	members = maps.Clone(members)
	members["placeholder"] = plain(150)
	for _, name := range numbers {
		members[name] = number(1, 100)
	}
	s := shape{members: members}
	if members["options"] != nil {
		s.also = eitherOptions
	}
	return s
}

func grouped(initial string, rule_ rule) map[string]rule {
	return map[string]rule{
		"options": list(1, 100, option(plain)), "option_groups": list(1, 100, optionGroup), initial: rule_,
	}
}

func eitherOptions(c *check, at string, o obj) {
	if (o["options"] == nil) == (o["option_groups"] == nil) {
		c.say(at, "must define either `options` or `option_groups`")
	}
}
