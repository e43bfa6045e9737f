package asterisktest

import "strconv"

// This file is how calls end. Each way has its order of events, which the
// recordings show; where two threads are at work they race.

// busy is a person's telephone that is engaged, or a network that is full.
// Over a Local channel the application's leg does not get the cause.
func (l *line) busy(pending []func(), app, status string, cause int) {
	a := l.a
	l.cause = cause
	if l.far == nil {
		a.race(pending, []func(){func() { a.askedToHangUp(l.near, cause, false) }})
		l.tellDial(status)()
		l.gone(l.near, cause)()
		l.finish(CutOff)
		return
	}
	a.race(pending, []func(){l.step(app, "20"), func() { a.setState(l.far, "Busy") }})
	l.tellDial(status)()
	a.askedToHangUp(l.far, 0, false)
	a.race([]func(){l.gone(l.near, 0)}, l.farLeaves(cause))
	l.finish(CutOff)
}

// decline is a call that ends before it is answered, with a cause that both
// legs get.
func (l *line) decline(pending []func(), cause int) {
	a := l.a
	l.cause = cause
	dialler := []func(){l.tellDial("NOANSWER"), l.gone(l.near, cause)}
	asked := func() { a.askedToHangUp(l.near, cause, false) }
	if l.far == nil {
		a.race(pending, []func(){asked})
		a.race(dialler, nil)
		l.finish(CutOff)
		return
	}
	a.race(pending, []func(){l.step("Hangup", strconv.Itoa(cause)), func() { a.askedToHangUp(l.far, 16, true) }})
	asked()
	a.race([]func(){l.gone(l.far, cause)}, dialler)
	l.finish(CutOff)
}

// giveUp is the end of the time that it may ring.
func (l *line) giveUp() {
	if !l.answered.IsZero() || l.hanging {
		return
	}
	l.cause = 19
	if l.far == nil {
		l.gone(l.near, 19)()
	} else {
		l.a.askedToHangUp(l.far, 19, false)
		l.a.race([]func(){l.gone(l.near, 19)}, l.farLeaves(19))
	}
	l.finish(CutOff)
}

// personHangsUp is a person who puts the telephone down.
func (l *line) personHangsUp(cause int) {
	a := l.a
	l.cause = cause
	near := append(l.nearEnds(), l.gone(l.near, cause))
	switch {
	case l.far == nil || l.inbound:
		a.askedToHangUp(l.near, cause, false)
		a.race(near, nil)
		if l.far != nil {
			l.gone(l.far, cause)()
		}
	default:
		l.step("Hangup", "")()
		a.askedToHangUp(l.far, 16, true)
		a.askedToHangUp(l.near, cause, false)
		a.race([]func(){l.gone(l.far, cause)}, near)
	}
	l.finish(CutOff)
}

// hangUp is a request that ends a channel. It is done soon after the answer.
func (a *Asterisk) hangUp(c *channel, cause int) {
	l := c.line
	if l.hanging {
		return
	}
	l.hanging = true
	a.askedToHangUp(c, 32, true)
	a.later(farewell, l.over, func() { l.end(cause) })
}

// end takes the application's leg away, and with it the person's.
func (l *line) end(cause int) {
	a := l.a
	l.hanging, l.cause = true, cause
	for _, do := range l.nearEnds() {
		do()
	}
	if l.far == nil {
		l.gone(l.near, cause)()
	} else {
		a.askedToHangUp(l.far, 16, false)
		a.race([]func(){l.gone(l.near, cause)}, l.farLeaves(cause))
	}
	l.finish(CutOff)
}

// nearEnds is what ends on the application's leg before the leg does.
func (l *line) nearEnds() []func() {
	if l.answered.IsZero() && !l.inbound {
		return []func(){l.tellDial("NOANSWER")}
	}
	return []func(){
		func() { l.a.silence(l.near) },
		func() { l.a.leave(l.near) },
	}
}

// farLeaves is a person's dialplan that finds its other leg gone.
func (l *line) farLeaves(cause int) []func() {
	return []func(){func() { l.a.askedToHangUp(l.far, 16, true) }, l.gone(l.far, cause)}
}

func (l *line) gone(c *channel, cause int) func() {
	return func() { l.a.destroy(c, cause) }
}
