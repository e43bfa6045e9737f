package slacktest

import "cmp"

// A view is a modal or a home page as the workspace keeps it.
type view struct {
	id, user       string
	raw            obj            // as the bot gave it, with all ids
	values         map[string]obj // by block: what stands in each element
	hash           string
	root, previous string
}

var viewShapes = map[string]shape{
	"modal": {need: []string{"title", "blocks"}, members: map[string]rule{
		"title": plain(24), "blocks": viewBlocks, "close": plain(24), "submit": plain(24),
		"private_metadata": str(0, 3000), "callback_id": str(0, 255), "external_id": str(0, 255),
		"clear_on_close": boolean, "notify_on_close": boolean, "submit_disabled": boolean}},
	"home": {need: []string{"blocks"}, members: map[string]rule{
		"blocks": viewBlocks, "private_metadata": str(0, 3000), "callback_id": str(0, 255), "external_id": str(0, 255)}},
}

func viewBlocks(c *check, at string, v any) {
	if all, ok := v.([]any); ok {
		c.blocks(at, all)
		return
	}
	c.say(at, "must be an array")
}

// readView checks a view of the wanted kind. The lock is held.
func (ws *Workspace) readView(v any, kind string) (obj, error) {
	o, ok := v.(obj)
	if !ok {
		return nil, refuseFor("invalid_arguments", []string{"missing required field: view"})
	}
	c := newCheck(kind)
	typed(viewShapes, kind)(c, "/view", o)
	if c.inputs > 0 && kind == "modal" && o["submit"] == nil {
		c.say("/view", "must define `submit` to use an `input` block in modals")
	}
	if len(c.faults) > 0 {
		return nil, refuseFor("invalid_arguments", c.faults)
	}
	o = clone(o)
	o["blocks"] = ws.nameParts(o["blocks"].([]any))
	return o, nil
}

func (ws *Workspace) takenExternal(raw obj, except string) bool {
	id, _ := raw["external_id"].(string)
	for _, v := range ws.views {
		if id != "" && v.raw["external_id"] == id && v.id != except {
			return true
		}
	}
	return false
}

func (ws *Workspace) viewsUpdate(c *call) (obj, error) {
	v := ws.views[c.text("view_id")]
	if id := c.text("external_id"); v == nil && id != "" {
		for _, other := range ws.views {
			if other.raw["external_id"] == id {
				v = other
			}
		}
	}
	if v == nil {
		return nil, refuse("not_found")
	}
	if hash := c.text("hash"); hash != "" && hash != v.hash {
		return nil, refuse("hash_conflict")
	}
	given, _ := c.structure("view")
	raw, err := ws.readView(given, v.raw["type"].(string))
	if err != nil {
		return nil, err
	}
	ws.setView(v, raw)
	return obj{"view": v.json()}, nil
}

func (ws *Workspace) setView(v *view, raw obj) {
	v.raw, v.hash = raw, ws.id("hash")
	v.fill(v.values)
}

func (ws *Workspace) viewsPublish(c *call) (obj, error) {
	user := c.text("user_id")
	if ws.people[user] == nil {
		return nil, refuse("user_not_found")
	}
	given, _ := c.structure("view")
	raw, err := ws.readView(given, "home")
	if err != nil {
		return nil, err
	}
	v := ws.homes[user]
	switch hash := c.text("hash"); {
	case v == nil:
		v = &view{id: ws.id("V"), user: user}
		v.root = v.id
		ws.homes[user], ws.views[v.id] = v, v
	case hash != "" && hash != v.hash:
		return nil, refuse("hash_conflict")
	}
	ws.setView(v, raw)
	return obj{"view": v.json()}, nil
}

func (v *view) json() obj {
	o := clone(v.raw)
	o["id"], o["team_id"], o["app_id"], o["bot_id"] = v.id, TeamID, AppID, BotID
	o["hash"], o["root_view_id"], o["app_installed_team_id"] = v.hash, v.root, TeamID
	o["state"] = obj{"values": clone(v.values)}
	o["previous_view_id"] = nil
	if v.previous != "" {
		o["previous_view_id"] = v.previous
	}
	for _, name := range []string{"private_metadata", "callback_id", "external_id"} {
		text, _ := o[name].(string)
		o[name] = cmp.Or(text, "")
	}
	return o
}
