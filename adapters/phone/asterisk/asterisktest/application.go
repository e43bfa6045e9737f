package asterisktest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// An application is a name that a websocket has taken, or had: without one it
// stays known while something is subscribed for it, and its events are lost.
type application struct {
	name   string
	socket *socket // nil: nobody listens
	all    bool    // subscribeAll
}

// registerIn takes applications for a websocket, if Asterisk still lives the
// life in which it came.
func (a *Asterisk) registerIn(life int, names []string, s *socket, all bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || life != a.lives {
		return false
	}
	a.register(names, s, all)
	return true
}

// register takes applications for a websocket. Who had one is told, and hears
// nothing more; its connection stays open. The lock is held.
func (a *Asterisk) register(names []string, s *socket, all bool) {
	for _, name := range names {
		app := a.apps[name]
		if app == nil {
			app = &application{name: name}
			a.apps[name] = app
		}
		if app.socket != nil {
			told := app.tell(a, event("ApplicationReplaced", nil))
			a.keep(&Entry{At: time.Now(), Kind: Event, Event: "ApplicationReplaced", Body: told})
		}
		app.socket, app.all = s, all
	}
}

func (a *Asterisk) unregister(s *socket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, app := range a.apps {
		if app.socket == s {
			app.socket = nil
			a.tidy(name)
		}
	}
}

// tidy forgets an application that nobody has and nothing is subscribed for.
// The lock is held.
func (a *Asterisk) tidy(name string) {
	app := a.apps[name]
	if app != nil && app.socket == nil && len(a.channelsOf(name)) == 0 {
		delete(a.apps, name)
	}
}

// active tells whether somebody has an application. The lock is held.
func (a *Asterisk) active(name string) bool {
	app := a.apps[name]
	return app != nil && app.socket != nil
}

// TakeOver lets another client take an application, as a second process with
// the same configuration does: the first hears ApplicationReplaced and then
// nothing more. The other client reads events and does nothing. It goes away
// when leave is called, unless somebody took the application back before.
func (a *Asterisk) TakeOver(name string) (leave func()) {
	s := newSocket()
	s.absent = true
	a.mu.Lock()
	defer a.mu.Unlock()
	a.register([]string{name}, s, false)
	return func() { a.unregister(s) }
}

// event is an event without what tells who it is for.
func event(kind string, more obj) obj {
	ev := obj{"type": kind, "timestamp": stamp(time.Now()), "asterisk_id": ID}
	maps.Copy(ev, more)
	return ev
}

// stamp is a time as Asterisk writes it.
func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000-0700") }

// tell sends an event to an application, and gives it as it was sent. The lock
// is held.
func (app *application) tell(a *Asterisk, ev obj) []byte {
	ev["application"] = app.name
	kind, _ := ev["type"].(string)
	text := asText(ev)
	app.socket.send(text, a.nextTrouble(kind))
	return text
}

// emit tells everybody who is subscribed to a channel. The lock is held.
func (a *Asterisk) emit(c *channel, kind string, more obj) {
	ev := event(kind, more)
	var told []byte
	for _, name := range slices.Sorted(maps.Keys(a.apps)) {
		if app := a.apps[name]; app.socket != nil && (app.all || c.subs[name] > 0) {
			told = app.tell(a, ev)
		}
	}
	if told != nil {
		a.keep(&Entry{At: time.Now(), Kind: Event, Event: kind, Body: told})
	}
}

func (a *Asterisk) getApplications(*call) (int, any, error) {
	list := []obj{}
	for _, name := range slices.Sorted(maps.Keys(a.apps)) {
		list = append(list, a.showApplication(name))
	}
	return http.StatusOK, list, nil
}

func (a *Asterisk) getApplication(c *call) (int, any, error) {
	if a.apps[c.path[0]] == nil {
		return 0, nil, refuse(http.StatusNotFound, "Application not found")
	}
	return http.StatusOK, a.showApplication(c.path[0]), nil
}

func (a *Asterisk) showApplication(name string) obj {
	ids := a.channelsOf(name)
	if ids == nil {
		ids = []string{}
	}
	bridges := []string{}
	for _, id := range slices.Sorted(maps.Keys(a.bridges)) {
		if a.bridges[id].apps[name] {
			bridges = append(bridges, id)
		}
	}
	return obj{
		"name": name, "channel_ids": ids, "bridge_ids": bridges, "endpoint_ids": []string{}, "device_names": []string{},
		"events_allowed": []string{}, "events_disallowed": []string{},
	}
}

// channelsOf are the channels that an application is subscribed to.
func (a *Asterisk) channelsOf(name string) (ids []string) {
	for _, c := range a.order {
		if c.subs[name] > 0 {
			ids = append(ids, c.id)
		}
	}
	return ids
}

// Applications are those that somebody has.
func (a *Asterisk) Applications() (names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(a.apps)) {
		if a.active(name) {
			names = append(names, name)
		}
	}
	return names
}
