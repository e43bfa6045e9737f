package asterisktest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// usualRing is how long an originate without a timeout rings.
const usualRing = 30 * time.Second

// mostID is the length of an id that Asterisk takes.
const mostID = 149

func (a *Asterisk) originateAs(c *call) (int, any, error) {
	return a.place(c, c.path[0])
}

func (a *Asterisk) originate(c *call) (int, any, error) {
	return a.place(c, c.text("channelId"))
}

// place makes a call to a person.
func (a *Asterisk) place(c *call, id string) (int, any, error) {
	at, err := a.checkOriginate(c, id)
	if err != nil {
		return 0, nil, err
	}
	l := a.newLine(&line{who: at.String(), dialled: at.resource, timeout: a.ringTime(c)})
	a.legs(l, at, id, c.text("otherChannelId"))
	a.callerID(l, c.text("callerId"))
	for name, value := range c.variables() {
		l.near.vars[name] = value
	}
	if app := c.text("app"); app != "" {
		l.app, l.args = app, split(c.text("appArgs"))
		l.near.subs[app]++
		if l.far != nil {
			l.far.subs[app]++
		}
	} else {
		l.exten = "Local/" + c.text("extension") + "@" + c.text("context")
	}
	answer := a.show(l.near)
	c.first = l.opened
	if hot, ok := a.hotlines[l.who]; ok {
		return http.StatusOK, answer, a.placeHotline(l, hot)
	}
	someone, ok := a.people[l.who]
	if !ok { // only a Local channel comes so far
		c.first = nil
		a.nobody(l)
		return http.StatusOK, answer, nil
	}
	l.script = someone.script
	a.startLocked(l.run)
	return http.StatusOK, answer, nil
}

func (a *Asterisk) checkOriginate(c *call, id string) (address, error) {
	endpoint := c.text("endpoint")
	at, ok := parse(endpoint)
	other := c.text("originator")
	switch {
	case len(id) > mostID:
		return at, refuse(http.StatusBadRequest, fmt.Sprintf("Uniqueid length exceeds maximum of %d", mostID))
	case endpoint == "":
		return at, refuse(http.StatusBadRequest, "Endpoint must be specified")
	case !ok:
		return at, refuse(http.StatusBadRequest, "Invalid endpoint specified")
	case c.text("app") == "" && c.text("extension") == "":
		return at, refuse(http.StatusBadRequest, "Application or extension must be specified")
	case other != "" && a.channels[other] == nil:
		return at, refuse(http.StatusBadRequest, "Provided originator channel was not found")
	case !at.local() && !a.reachable(at):
		return at, refusal{status: http.StatusInternalServerError, text: "Allocation failed", alone: true}
	case a.taken(id, c.text("otherChannelId")):
		return at, refuse(http.StatusConflict, "Channel with given unique ID already exists")
	}
	return at, nil
}

// taken tells whether a channel has one of the ids already.
func (a *Asterisk) taken(id, other string) bool {
	if id != "" && other == "" {
		other = id + ";2"
	}
	return a.channels[id] != nil || a.channels[other] != nil || id != "" && id == other
}

// reachable tells whether a channel can be made to a telephone.
func (a *Asterisk) reachable(at address) bool {
	someone := a.people[at.String()]
	return someone != nil && !someone.script.Unregistered
}

func (a *Asterisk) ringTime(c *call) time.Duration {
	switch n := c.number("timeout", 0); {
	case n > 0:
		return a.shortened(time.Duration(n) * time.Second)
	case n == -1:
		return -1
	}
	return a.shortened(usualRing)
}

// legs makes the channels of a call: two of a Local one, else one.
func (a *Asterisk) legs(l *line, at address, id, other string) {
	name := fmt.Sprintf("%s-%08x", at, a.next(at.tech))
	first := name
	if at.local() {
		first += ";1"
	}
	l.near = a.newChannel(id, first, "Down")
	l.near.app, l.near.data = "AppDial2", "(Outgoing Line)"
	legs := []*channel{l.near}
	if at.local() {
		if other == "" && id != "" {
			other = id + ";2"
		}
		l.far = a.newChannel(other, name+";2", "Ring")
		legs = append(legs, l.far)
	}
	for _, c := range legs {
		c.home, c.homeData = c.app, c.data
		c.line, c.context, c.exten = l, at.context, at.exten
	}
}

// callerID gives the legs what the person sees: "name" <number>.
func (a *Asterisk) callerID(l *line, id string) {
	name, rest, quoted := strings.Cut(strings.TrimPrefix(strings.TrimSpace(id), `"`), "<")
	number := strings.TrimSuffix(strings.TrimSpace(rest), ">")
	if !quoted {
		name, number = "", id
	}
	name = strings.Trim(name, `" `)
	for _, c := range []*channel{l.near, l.far} {
		if c != nil {
			c.callerName, c.callerNo = name, number
		}
	}
}

// tellCaller tells who calls, which the person's leg learns. The lock is held.
func (a *Asterisk) tellCaller(c *channel) {
	if c == nil || c.callerName == "" && c.callerNo == "" {
		return
	}
	a.tell(c, "ChannelCallerId", obj{"caller_presentation": 0, "caller_presentation_txt": "Presentation Allowed, Not Screened"})
	a.tell(c, "ChannelConnectedLine", nil)
}

// nobody is a call to an extension that is not there: all its events come
// before the answer.
func (a *Asterisk) nobody(l *line) {
	a.tellCaller(l.far)
	a.destroy(l.far, 0)
	a.destroy(l.near, 0)
	l.finish(CutOff)
}
