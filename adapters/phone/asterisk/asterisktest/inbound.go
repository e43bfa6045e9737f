package asterisktest

import (
	"fmt"
	"time"
)

// A Caller is somebody on a line: who called from outside, or whom OnLine
// found.
type Caller struct {
	a *Asterisk
	l *line
}

// Dial is a call from outside, from a number, through the dialplan into the
// application with the argument "inbound". The script's steps begin when it
// is answered. When nobody has the application, Asterisk hangs up.
func (a *Asterisk) Dial(number string, s Script) *Caller {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.newLine(&line{who: number, script: s, inbound: true})
	l.near = a.newChannel("", fmt.Sprintf("PJSIP/trunk-%08x", a.next("PJSIP")), "Ring")
	l.near.line, l.near.context, l.near.exten = l, "from-trunk", "hotline"
	l.near.callerNo = number
	a.arrive(l, hotline{a.app, []string{"inbound"}})
	return &Caller{a, l}
}

// arrive brings a caller into the application. The lock is held.
func (a *Asterisk) arrive(l *line, hot hotline) {
	a.later(reaction, l.over, func() {
		defer l.once.opened.Do(func() { close(l.opened) })
		if !a.enter(l.near, hot.app, hot.args) {
			l.end(16)
			return
		}
		if l.script.Patience > 0 {
			a.later(l.script.Patience, l.over, l.loseHeart)
		}
	})
}

// loseHeart is a caller whom nobody answered for too long.
func (l *line) loseHeart() {
	if l.answered.IsZero() && !l.hanging {
		l.personHangsUp(16)
	}
}

// placeHotline is an originate whose other leg comes into an application:
// that leg is what the application has, and the first one is the caller's.
func (a *Asterisk) placeHotline(l *line, hot hotline) error {
	a.counts.end(l.who)
	l.inbound, l.near, l.far = true, l.far, l.near
	l.near.home, l.near.homeData = "", ""
	if someone := a.people[l.exten]; someone != nil {
		l.script = someone.script
	}
	a.arrive(l, hot)
	return nil
}

// pickUp answers a call from outside; another kind is up already.
func (a *Asterisk) pickUp(c *channel) {
	l := c.line
	if c.state == "Up" {
		return
	}
	l.answered = time.Now()
	a.setState(c, "Up")
	if l.far != nil {
		a.setState(l.far, "Up")
	}
	if l.inbound {
		a.startLocked(l.live)
	}
}

// Call is how the call went so far.
func (c *Caller) Call() Call {
	c.a.mu.Lock()
	defer c.a.mu.Unlock()
	return c.l.call()
}

// Heard is what the caller heard so far.
func (c *Caller) Heard() []Heard { return c.Call().Heard }

// Over is closed when the call has ended.
func (c *Caller) Over() <-chan struct{} { return c.l.over }

// Press lets the caller press keys now; it returns when they are pressed, and
// tells whether the call still goes on.
func (c *Caller) Press(keys string) bool { return c.l.act(Step{Key: keys}) }

// Speak lets the caller speak, and returns after it.
func (c *Caller) Speak(d time.Duration) bool { return c.l.act(Step{Say: d}) }

// HangUp lets the caller put the telephone down.
func (c *Caller) HangUp() { c.l.act(Step{HangUp: true}) }

// OnLine is a person's call that goes on, to act beyond the script; nil when
// there is none.
func (a *Asterisk) OnLine(endpoint string) *Caller {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := len(a.lines) - 1; i >= 0; i-- {
		if l := a.lines[i]; !l.inbound && l.who == endpoint && l.ended.IsZero() {
			return &Caller{a, l}
		}
	}
	return nil
}
