package slacktest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// use finds the element with an action and says what its use sends, or why it
// cannot be used. The lock is held.
func (ws *Workspace) use(blocks []any, place, action string, choice []string) (used obj, why string) {
	var block, element obj
	eachElement(blocks, func(b, e obj) {
		if e["action_id"] != action || element != nil {
			return
		}
		if e["type"] == "button" && len(choice) > 0 && e["value"] != choice[0] {
			return
		}
		block, element = b, e
	})
	if element == nil {
		return nil, fmt.Sprintf("there is nothing to press with action %q%s; there is: %s", action, with(choice), strings.Join(actions(blocks), ", "))
	}
	used = obj{"type": element["type"], "action_id": action, "block_id": block["block_id"], "action_ts": ws.ts()}
	if element["type"] == "button" {
		used["text"] = element["text"]
		if v, ok := element["value"]; ok {
			used["value"] = v
		}
		return used, ""
	}
	kind := element["type"].(string)
	value, why := ws.chosen(element, place, choice)
	used[valueName(kind)] = value
	return used, why
}

// chosen is the state that a choice leaves in a menu or field.
func (ws *Workspace) chosen(element obj, place string, choice []string) (any, string) {
	kind := element["type"].(string)
	switch name := valueName(kind); name {
	case "selected_option", "selected_options":
		return ws.chosenOptions(element, place, choice, name == "selected_options")
	case "selected_users":
		return choice, ""
	}
	if len(choice) != 1 {
		return nil, fmt.Sprintf("a %s takes one value, not %d", kind, len(choice))
	}
	if most, ok := element["max_length"].(float64); ok && len([]rune(choice[0])) > int(most) {
		return nil, fmt.Sprintf("the field takes %v characters", most)
	}
	if kind == "datetimepicker" {
		at, err := strconv.ParseInt(choice[0], 10, 64)
		if err != nil {
			return nil, "a datetimepicker takes seconds since 1970"
		}
		return at, ""
	}
	return choice[0], ""
}

func (ws *Workspace) chosenOptions(element obj, place string, choice []string, several bool) (any, string) {
	action := element["action_id"].(string)
	offered := append(optionsOf(element), ws.offers[place+" "+action]...)
	found := []any{}
	for _, value := range choice {
		i := slices.IndexFunc(offered, func(o any) bool { return o.(obj)["value"] == value })
		if i < 0 {
			return nil, fmt.Sprintf("%q does not offer %q", action, value)
		}
		found = append(found, offered[i])
	}
	switch {
	case several:
		return found, ""
	case len(found) != 1:
		return nil, fmt.Sprintf("%q takes one option, not %d", action, len(found))
	}
	return found[0], ""
}

// optionsOf are the options that an element has itself.
func optionsOf(element obj) []any {
	all, _ := element["options"].([]any)
	all = slices.Clone(all)
	groups, _ := element["option_groups"].([]any)
	for _, g := range groups {
		more, _ := g.(obj)["options"].([]any)
		all = append(all, more...)
	}
	if first, ok := element["initial_option"]; ok {
		all = append(all, first)
	}
	return all
}

// actions are the actions that could have been meant.
func actions(blocks []any) (names []string) {
	eachElement(blocks, func(_, e obj) {
		name := e["action_id"].(string)
		if v, ok := e["value"].(string); ok {
			name += "=" + v
		}
		names = append(names, name)
	})
	if names == nil {
		return []string{"nothing"}
	}
	return names
}

func with(choice []string) string {
	if len(choice) == 0 {
		return ""
	}
	return fmt.Sprintf(" and %q", choice)
}
