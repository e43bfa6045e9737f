package asterisktest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// A bridge joins channels: who is in it hears the others, and what is played
// to it.
type bridge struct {
	id, name, kind string
	created        time.Time
	channels       []*channel
	apps           map[string]bool // subscribed since one of their channels came in
}

func (b *bridge) show() obj {
	ids := []string{}
	for _, c := range b.channels {
		ids = append(ids, c.id)
	}
	technology := "simple_bridge"
	if len(ids) > 2 {
		technology = "softmix"
	}
	return obj{
		"id": b.id, "technology": technology, "bridge_type": b.kind, "bridge_class": "stasis", "creator": "Stasis", "name": b.name,
		"channels": ids, "creationtime": stamp(b.created), "video_mode": "talker",
	}
}

func (b *bridge) lines() (lines []*line) {
	for _, c := range b.channels {
		lines = append(lines, c.line)
	}
	return lines
}

// emitBridge tells everybody who is subscribed to a bridge.
func (a *Asterisk) emitBridge(b *bridge, kind string, more obj) {
	a.emit(&channel{subs: counted(b.apps)}, kind, more)
}

func counted(names map[string]bool) map[string]int {
	subs := map[string]int{}
	for name := range names {
		subs[name] = 1
	}
	return subs
}

func (a *Asterisk) createBridge(c *call) (int, any, error) {
	id := c.text("bridgeId")
	if len(c.path) > 0 {
		id = c.path[0]
	}
	if old := a.bridges[id]; old != nil {
		if len(c.path) == 0 {
			return 0, nil, refuse(http.StatusConflict, "Bridge with id '"+id+"' already exists")
		}
		old.name = cmp.Or(c.text("name"), old.name)
		return http.StatusOK, old.show(), nil
	}
	b := &bridge{
		id: cmp.Or(id, fmt.Sprintf("bridge-%d", a.next("bridge"))), name: c.text("name"),
		kind: "mixing", created: time.Now(), apps: map[string]bool{},
	}
	a.bridges[b.id] = b
	a.emitBridge(b, "BridgeCreated", obj{"bridge": b.show()})
	return http.StatusOK, b.show(), nil
}

func (a *Asterisk) getBridges(*call) (int, any, error) {
	list := []obj{}
	for _, id := range slices.Sorted(maps.Keys(a.bridges)) {
		list = append(list, a.bridges[id].show())
	}
	return http.StatusOK, list, nil
}

func (a *Asterisk) bridgeOf(c *call) (*bridge, error) {
	if b := a.bridges[c.path[0]]; b != nil {
		return b, nil
	}
	return nil, refuse(http.StatusNotFound, "Bridge not found")
}

func (a *Asterisk) getBridge(c *call) (int, any, error) {
	b, err := a.bridgeOf(c)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, b.show(), nil
}

func (a *Asterisk) deleteBridge(c *call) (int, any, error) {
	b, err := a.bridgeOf(c)
	if err != nil {
		return 0, nil, err
	}
	for len(b.channels) > 0 {
		a.unbridge(b.channels[0])
	}
	for _, p := range a.playbacks {
		if p.bridge == b {
			p.over(CutOff, "failed")
		}
	}
	a.emitBridge(b, "BridgeDestroyed", obj{"bridge": b.show()})
	delete(a.bridges, b.id)
	return http.StatusNoContent, nil, nil
}

// membership is what a request names: a bridge, and channels.
func (a *Asterisk) membership(c *call) (b *bridge, channels []*channel, err error) {
	if b, err = a.bridgeOf(c); err != nil {
		return nil, nil, err
	}
	channels, err = a.members(c)
	return b, channels, err
}

// members are the channels that a request names.
func (a *Asterisk) members(c *call) (channels []*channel, err error) {
	for _, id := range c.list("channel") {
		switch ch := a.channels[id]; {
		case id == "":
		case ch == nil:
			return nil, refuse(http.StatusBadRequest, "Channel not found")
		case ch.stasis == "":
			return nil, refuse(http.StatusUnprocessableEntity, "Channel not in Stasis application")
		default:
			channels = append(channels, ch)
		}
	}
	if len(channels) == 0 {
		return nil, refuse(http.StatusBadRequest, "Missing parameter channel")
	}
	return channels, nil
}

func (a *Asterisk) addChannel(c *call) (int, any, error) {
	b, channels, err := a.membership(c)
	if err != nil {
		return 0, nil, err
	}
	for _, ch := range channels {
		if ch.recording != nil {
			return 0, nil, refuse(http.StatusConflict, "Channel "+ch.id+" currently recording")
		}
	}
	for _, ch := range channels {
		a.unbridge(ch)
		ch.bridge = b
		b.channels = append(b.channels, ch)
		b.apps[ch.stasis] = true
		a.emitBridge(b, "ChannelEnteredBridge", obj{"bridge": b.show(), "channel": a.show(ch)})
	}
	return http.StatusNoContent, nil, nil
}

func (a *Asterisk) removeChannel(c *call) (int, any, error) {
	b, channels, err := a.membership(c)
	if err != nil {
		return 0, nil, err
	}
	for _, ch := range channels {
		if ch.bridge != b {
			return 0, nil, refuse(http.StatusUnprocessableEntity, "Channel not in this bridge")
		}
	}
	for _, ch := range channels {
		a.unbridge(ch)
	}
	return http.StatusNoContent, nil, nil
}

// unbridge takes a channel out of its bridge, if it is in one.
func (a *Asterisk) unbridge(c *channel) {
	b := c.bridge
	if b == nil {
		return
	}
	c.bridge = nil
	b.channels = slices.DeleteFunc(b.channels, func(other *channel) bool { return other == c })
	a.emitBridge(b, "ChannelLeftBridge", obj{"bridge": b.show(), "channel": a.show(c)})
}

func (a *Asterisk) playOnBridge(c *call) (int, any, error) {
	b, err := a.bridgeOf(c)
	if err != nil {
		return 0, nil, err
	}
	p, err := a.newPlayback(c, "bridge:"+b.id)
	if err != nil {
		return 0, nil, err
	}
	p.bridge = b
	a.later(reaction, p.item, func() {
		if p.waits() {
			p.begin()
		}
	})
	return a.queued(c, p, true)
}

// Bridged are the channels of each bridge that exists.
func (a *Asterisk) Bridged() map[string][]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[string][]string{}
	for id, b := range a.bridges {
		all[id] = []string{}
		for _, c := range b.channels {
			all[id] = append(all[id], c.id)
		}
	}
	return all
}
