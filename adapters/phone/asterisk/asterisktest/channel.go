package asterisktest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A channel is one leg of a call.
type channel struct {
	id, name, state      string
	callerName, callerNo string
	context, exten       string
	priority             int
	app, data            string // what runs on it, as the dialplan names it
	home                 string // app when nothing else runs
	homeData             string
	created              time.Time
	vars                 map[string]string
	subs                 map[string]int // applications that hear of it, and how often each is subscribed
	stasis               string         // the application that it is in; "" when it is in none
	line                 *line
	bridge               *bridge
	queue                []job // the first one is at work
	recording            *recording
}

// newChannel adds a channel. The lock is held.
func (a *Asterisk) newChannel(id, name, state string) *channel {
	if id == "" {
		id = fmt.Sprintf("%d.%d", a.born.Unix(), a.next("uniqueid"))
	}
	c := &channel{id: id, name: name, state: state, priority: 1, created: time.Now(), vars: map[string]string{}, subs: map[string]int{}}
	a.channels[id] = c
	a.order = append(a.order, c)
	a.emit(c, "ChannelCreated", obj{"channel": a.show(c)})
	return c
}

// show is a channel as ARI shows it.
func (a *Asterisk) show(c *channel) obj {
	party := obj{"name": c.callerName, "number": c.callerNo}
	return obj{
		"id": c.id, "name": c.name, "state": c.state, "protocol_id": "", "caller": party, "connected": party, "accountcode": "",
		"dialplan": obj{
			"context": c.context, "exten": c.exten, "priority": c.priority, "app_name": c.app, "app_data": c.data,
		},
		"creationtime": stamp(c.created), "language": a.language,
	}
}

// tell emits an event about a channel with the channel in it.
func (a *Asterisk) tell(c *channel, kind string, more obj) {
	if more == nil {
		more = obj{}
	}
	more["channel"] = a.show(c)
	a.emit(c, kind, more)
}

func (a *Asterisk) setState(c *channel, state string) {
	c.state = state
	a.tell(c, "ChannelStateChange", nil)
}

// askedToHangUp tells that a channel was asked to end.
func (a *Asterisk) askedToHangUp(c *channel, cause int, soft bool) {
	more := obj{"cause": cause}
	if soft {
		more["soft"] = true
	}
	a.tell(c, "ChannelHangupRequest", more)
}

// destroy ends a channel. The lock is held.
func (a *Asterisk) destroy(c *channel, cause int) {
	c.app, c.data = c.home, c.homeData
	a.tell(c, "ChannelDestroyed", obj{"cause": cause, "cause_txt": causes[cause]})
	delete(a.channels, c.id)
	a.order = slices.DeleteFunc(a.order, func(other *channel) bool { return other == c })
	for name := range c.subs {
		a.tidy(name)
	}
}

// causes are the texts of ISDN's causes, as Asterisk words them.
var causes = map[int]string{
	0: "Unknown", 1: "Unallocated (unassigned) number", 16: "Normal Clearing", 17: "User busy", 18: "No user responding",
	19: "User alerting, no answer", 20: "Subscriber absent", 21: "Call Rejected", 26: "Answered elsewhere",
	27: "Destination out of order", 28: "Invalid number format", 31: "Normal, unspecified",
	34: "Circuit/channel congestion", 38: "Network out of order", 127: "Interworking, unspecified",
}

// enter brings a channel into an application, if somebody has it.
func (a *Asterisk) enter(c *channel, app string, args []string) bool {
	if !a.active(app) {
		return false
	}
	c.app, c.data = "Stasis", strings.Join(append([]string{app}, args...), ",")
	a.tell(c, "ChannelVarset", obj{"variable": "STASISSTATUS", "value": ""})
	c.stasis = app
	c.subs[app]++
	a.tell(c, "StasisStart", obj{"args": append([]string{}, args...)})
	return true
}

// leave takes a channel out of its application.
func (a *Asterisk) leave(c *channel) {
	if c.stasis == "" {
		return
	}
	a.unbridge(c)
	a.tell(c, "StasisEnd", nil)
	app := c.stasis
	c.stasis = ""
	if c.subs[app]--; c.subs[app] == 0 {
		delete(c.subs, app)
	}
	a.tell(c, "ChannelVarset", obj{"variable": "STASISSTATUS", "value": "SUCCESS"})
	a.tidy(app)
}
