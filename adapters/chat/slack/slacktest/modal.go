package slacktest

import "encoding/json"

// Submit fills in a modal and sends it. Values are by action or block; what is
// not named stays as it is. Slack itself refuses an empty required field: then
// the bot hears nothing and Errors says so.
func (p *Person) Submit(id string, values map[string]string) Reply {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	v := ws.views[id]
	if v == nil || v.user != p.id || v.raw["submit"] == nil {
		ws.mu.Unlock()
		return p.fail("there is no modal %q to submit", id)
	}
	if why := ws.fillIn(v, values); why != "" {
		ws.mu.Unlock()
		return p.fail("view %s: %s", id, why)
	}
	if empty := v.unfilled(); len(empty) > 0 {
		ws.mu.Unlock()
		return Reply{Err: "required", Errors: empty}
	}
	payload := ws.interaction(p.id, "view_submission", id)
	payload["view"], payload["response_urls"] = v.json(), []any{}
	ws.mu.Unlock()
	r := ws.tell(interactive, payload)
	if r.Acked {
		ws.submitted(v, &r)
	}
	return r
}

// fillIn puts values into the fields. The lock is held.
func (ws *Workspace) fillIn(v *view, values map[string]string) (why string) {
	blocks, _ := v.raw["blocks"].([]any)
	left := clone(values)
	eachElement(blocks, func(block, e obj) {
		b, a := block["block_id"].(string), e["action_id"].(string)
		for _, name := range []string{a, b} {
			value, given := left[name]
			if !given || v.values[b][a] == nil {
				continue
			}
			delete(left, name)
			kind := e["type"].(string)
			chosen, wrong := ws.chosen(e, v.id, []string{value})
			if wrong != "" {
				why = wrong
			}
			v.values[b][a] = obj{"type": kind, valueName(kind): chosen}
		}
	})
	for name := range left {
		why = "there is no field " + name
	}
	return why
}

// unfilled are the required fields with nothing in them.
func (v *view) unfilled() map[string]string {
	empty := map[string]string{}
	for _, b := range v.raw["blocks"].([]any) {
		b := b.(obj)
		if b["type"] != "input" || b["optional"] == true {
			continue
		}
		id := b["block_id"].(string)
		for _, state := range v.values[id] {
			state := state.(obj)
			value := state[valueName(state["type"].(string))]
			if value == nil || value == "" {
				empty[id] = "Please complete this required field."
			}
		}
	}
	return empty
}

// submitted does what the answer to a submission asks for: close this modal,
// or all, or show another, or faults.
func (ws *Workspace) submitted(v *view, r *Reply) {
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   any               `json:"view"`
	}
	if len(r.Payload) > 0 && json.Unmarshal(r.Payload, &answer) != nil {
		r.Err = "We had some trouble connecting. Try again?"
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	switch answer.Action {
	case "":
		ws.shut(v)
	case "clear":
		for len(ws.modals[v.user]) > 0 {
			ws.shut(ws.modals[v.user][0])
		}
	case "errors":
		ws.showErrors(v, answer.Errors, r)
	case "update", "push":
		ws.showNext(v, answer.Action, answer.View, r)
	default:
		r.Err = "We had some trouble connecting. Try again?"
	}
}

// showErrors wants each fault at an input block.
func (ws *Workspace) showErrors(v *view, errors map[string]string, r *Reply) {
	for id := range errors {
		at := false
		for _, b := range v.raw["blocks"].([]any) {
			at = at || b.(obj)["block_id"] == id && b.(obj)["type"] == "input"
		}
		if !at {
			r.Err = "We had some trouble connecting. Try again?"
			return
		}
	}
	r.Errors = errors
}

func (ws *Workspace) showNext(v *view, action string, given any, r *Reply) {
	raw, err := ws.readView(given, "modal")
	if err != nil || action == "push" && len(ws.modals[v.user]) >= mostPushed {
		r.Err = "We had some trouble connecting. Try again?"
		return
	}
	if action == "update" {
		ws.setView(v, raw)
		return
	}
	ws.addModal(v.user, raw)
}

// Close closes a modal. The bot hears of it when it has asked to.
func (p *Person) Close(id string) Reply {
	p.ws.tb.Helper()
	ws := p.ws
	ws.mu.Lock()
	v := ws.views[id]
	if v == nil || v.user != p.id || v.raw["type"] != "modal" {
		ws.mu.Unlock()
		return p.fail("there is no modal %q to close", id)
	}
	payload := ws.interaction(p.id, "view_closed", "")
	payload["view"], payload["is_cleared"] = v.json(), false
	told := v.raw["notify_on_close"] == true
	ws.shut(v)
	ws.mu.Unlock()
	if !told {
		return Reply{Err: "not_dispatched"}
	}
	return ws.tell(interactive, payload)
}
