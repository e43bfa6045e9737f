package slacktest

import (
	"slices"
	"time"
)

// mostPushed is how many modals lie upon each other.
const mostPushed = 3

// A trigger lets a bot open one modal for one person, soon.
type trigger struct {
	user string
	from string // the modal that it came from
	born time.Time
	used bool
}

func (ws *Workspace) newTrigger(user, from string) string {
	id := ws.id("13345224609.738474920.")
	ws.triggers[id] = &trigger{user: user, from: from, born: time.Now()}
	return id
}

// Trigger is what the bot would get to open a modal with when this person
// pressed something now, for tests of modals without the press.
func (p *Person) Trigger() string {
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	return p.ws.newTrigger(p.id, "")
}

func (ws *Workspace) useTrigger(c *call) (*trigger, error) {
	t := ws.triggers[c.text("trigger_id")]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case time.Since(t.born) > ws.timings.Trigger:
		return nil, refuse("expired_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	}
	return t, nil
}

// viewsOpen shows a modal, over what the trigger came from.
func (ws *Workspace) viewsOpen(c *call) (obj, error) { return ws.show(c, false) }

func (ws *Workspace) viewsPush(c *call) (obj, error) { return ws.show(c, true) }

func (ws *Workspace) show(c *call, push bool) (obj, error) {
	given, _ := c.structure("view")
	raw, err := ws.readView(given, "modal")
	if err != nil {
		return nil, err
	}
	t, err := ws.useTrigger(c)
	switch {
	case err != nil:
		return nil, err
	case push && t.from == "":
		return nil, refuse("invalid_trigger_id")
	case ws.takenExternal(raw, ""):
		return nil, refuse("duplicate_external_id")
	case push && len(ws.modals[t.user]) >= mostPushed:
		return nil, refuse("push_limit_reached")
	}
	t.used = true
	if !push {
		ws.modals[t.user] = nil
	}
	return obj{"view": ws.addModal(t.user, raw).json()}, nil
}

// addModal lays a modal upon those that are open. The lock is held.
func (ws *Workspace) addModal(user string, raw obj) *view {
	v := &view{id: ws.id("V"), user: user, raw: raw, hash: ws.id("hash")}
	v.root = v.id
	if open := ws.modals[user]; len(open) > 0 {
		v.root, v.previous = open[0].id, open[len(open)-1].id
	}
	v.fill(nil)
	ws.views[v.id] = v
	ws.modals[user] = append(ws.modals[user], v)
	return v
}

// shut takes a modal and those upon it away. The lock is held.
func (ws *Workspace) shut(v *view) {
	open := ws.modals[v.user]
	i := slices.Index(open, v)
	if i < 0 {
		return
	}
	for _, gone := range open[i:] {
		delete(ws.views, gone.id)
	}
	ws.modals[v.user] = open[:i]
}
