package slacktest

// fill sets what stands in each element: what a person has put there as long
// as block and element keep their names and kind, else its initial value.
func (v *view) fill(old map[string]obj) {
	v.values = map[string]obj{}
	blocks, _ := v.raw["blocks"].([]any)
	eachElement(blocks, func(block, e obj) {
		b, a := block["block_id"].(string), e["action_id"].(string)
		if e["type"] == "button" || e["type"] == "overflow" {
			return
		}
		if v.values[b] == nil {
			v.values[b] = obj{}
		}
		v.values[b][a] = initial(e)
		if kept, ok := old[b][a].(obj); ok && kept["type"] == e["type"] {
			v.values[b][a] = kept
		}
	})
}

// eachElement calls f with every element that can be used and its block.
func eachElement(blocks []any, f func(block, element obj)) {
	for _, b := range blocks {
		b, _ := b.(obj)
		for _, e := range elementsOf(b) {
			f(b, e)
		}
	}
}

// elementsOf are those of one block. Only these places are looked at: rich
// text and the like may hold what only looks like an element.
func elementsOf(block obj) (found []obj) {
	var all []any
	switch block["type"] {
	case "actions":
		all, _ = block["elements"].([]any)
	case "section":
		all = []any{block["accessory"]}
	case "input":
		all = []any{block["element"]}
	}
	for _, e := range all {
		if e, ok := e.(obj); ok && e["type"] != "image" {
			found = append(found, e)
		}
	}
	return found
}

// initial is the state of an element that nobody has touched.
func initial(e obj) obj {
	kind := e["type"].(string)
	state := obj{"type": kind, valueName(kind): nil}
	for _, pair := range [][2]string{
		{"initial_option", "selected_option"}, {"initial_options", "selected_options"}, {"initial_user", "selected_user"},
		{"initial_channel", "selected_channel"}, {"initial_conversation", "selected_conversation"},
		{"initial_users", "selected_users"}, {"initial_date", "selected_date"}, {"initial_time", "selected_time"},
		{"initial_date_time", "selected_date_time"}, {"initial_value", "value"},
	} {
		if given, ok := e[pair[0]]; ok {
			state[pair[1]] = given
		}
	}
	return state
}

// valueName is where the state of a kind of element holds its value.
func valueName(kind string) string {
	names := map[string]string{
		"static_select": "selected_option", "external_select": "selected_option", "radio_buttons": "selected_option",
		"overflow": "selected_option", "checkboxes": "selected_options", "multi_static_select": "selected_options",
		"multi_external_select": "selected_options", "users_select": "selected_user", "multi_users_select": "selected_users",
		"channels_select": "selected_channel", "conversations_select": "selected_conversation",
		"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
	}
	if name, ok := names[kind]; ok {
		return name
	}
	return "value"
}
