package asterisktest

import (
	"strconv"
	"sync"
	"time"
)

// A line is one call, between what Asterisk's client has and a person.
type line struct {
	a       *Asterisk
	who     string // the endpoint, or the number of a caller
	script  Script
	inbound bool
	near    *channel // that the application has
	far     *channel // the person's leg, of a Local channel; nil over SIP
	app     string   // that the near leg enters when the person answers
	args    []string
	exten   string // or the endpoint whose script it runs
	dialled string
	timeout time.Duration // how long it may ring; negative is for ever

	placed, answered, ended time.Time
	cause                   int
	steps                   int  // of the person's dialplan so far
	hanging                 bool // it was asked to end
	speaking                bool
	heard                   []*hearing
	listened                int // how many of heard the script has waited for

	over   chan struct{} // closed at its end
	opened chan struct{} // closed when its first events are told
	audio  chan struct{} // closed when something is played for the first time
	stirs  chan struct{} // closed, and another one made, when something that was played ends
	once   struct{ over, opened, audio sync.Once }
}

// newLine begins a call. The lock is held.
func (a *Asterisk) newLine(l *line) *line {
	l.a, l.placed = a, time.Now()
	l.over, l.opened, l.audio, l.stirs = make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	a.lines = append(a.lines, l)
	if !l.inbound {
		a.counts.begin(l.who)
	}
	return l
}

func (l *line) call() Call {
	c := Call{To: l.who, Channel: l.near.id, From: l.near.callerNo, Placed: l.placed, Answered: l.answered, Ended: l.ended, Cause: l.cause}
	if l.inbound {
		c.To = ""
	}
	for _, h := range l.heard {
		c.Heard = append(c.Heard, h.Heard)
	}
	return c
}

// hear adds what is played to the person.
func (l *line) hear(media string) *hearing {
	h := &hearing{Heard{Media: media, At: time.Now()}, l}
	l.heard = append(l.heard, h)
	return h
}

// stir wakes a script that waits for what is played.
func (l *line) stir() {
	close(l.stirs)
	l.stirs = make(chan struct{})
}

func (l *line) firstAudio() { l.once.audio.Do(func() { close(l.audio) }) }

// finish is the end of the call, without an event. The lock is held.
func (l *line) finish(how How) {
	if !l.ended.IsZero() {
		return
	}
	l.ended = time.Now()
	for _, h := range l.heard {
		h.end(how)
	}
	l.once.over.Do(func() { close(l.over) })
	l.once.opened.Do(func() { close(l.opened) })
	if !l.inbound {
		l.a.counts.end(l.who)
	}
}

// do runs fn under the lock unless the call is over, and tells whether it
// still goes on.
func (l *line) do(fn func()) bool {
	l.a.mu.Lock()
	defer l.a.mu.Unlock()
	if l.hanging || !l.ended.IsZero() {
		return false
	}
	fn()
	return !l.hanging && l.ended.IsZero()
}

// wait pauses, and tells whether the call still goes on.
func (l *line) wait(d time.Duration) bool { return l.a.pause(d, l.over) }

// step is what the person's dialplan does next. A telephone has none.
func (l *line) step(app, data string) func() {
	return func() {
		if l.far == nil || l.inbound {
			return
		}
		l.steps++
		l.far.app, l.far.data, l.far.priority = app, data, l.steps
		l.a.tell(l.far, "ChannelDialplan", obj{"dialplan_app": app, "dialplan_app_data": data})
	}
}

// tellDial tells how the attempt to reach the person goes.
func (l *line) tellDial(status string) func() {
	return func() {
		l.a.emit(l.near, "Dial", obj{
			"dialstatus": status, "forward": "", "dialstring": l.dialled, "peer": l.a.show(l.near),
		})
	}
}

// seconds is a time as a dialplan writes it.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}

// run is the call from its first ring to its end, or to when the person has
// nothing more to do.
func (l *line) run() {
	if !l.wait(reaction) || !l.do(l.begin) {
		return
	}
	if l.answered.IsZero() {
		if l.script.Ending == Never || !l.wait(l.script.Answer) || !l.do(func() { l.conclude(nil) }) {
			return
		}
	}
	l.live()
}

// begin tells the first events: up to the answer when there is no wait before
// it. The lock is held.
func (l *line) begin() {
	a, s := l.a, l.script
	defer l.once.opened.Do(func() { close(l.opened) })
	if l.timeout >= 0 {
		a.later(l.timeout, l.over, l.giveUp)
	}
	a.tellCaller(l.far)
	dial := []func(){l.tellDial("")}
	switch {
	case s.Ending == Never || s.Answer > 0 && l.far == nil:
		a.race(dial, []func(){l.step("Ringing", "")})
		a.setState(l.near, "Ringing")
		wait := 120 * time.Second
		if s.Ending != Never {
			wait = s.Answer
		}
		a.race([]func(){l.step("Wait", seconds(wait))}, []func(){l.tellDial("RINGING")})
	case s.Answer > 0:
		a.race(dial, []func(){l.step("Wait", seconds(s.Answer))})
	default:
		l.conclude(dial)
	}
}

// conclude is the person's decision. What the dialling thread has to tell yet
// is pending. The lock is held.
func (l *line) conclude(pending []func()) {
	switch l.script.Ending {
	case Busy:
		l.busy(pending, "Busy", "BUSY", 17)
	case Congested:
		l.busy(pending, "Congestion", "CONGESTION", 34)
	case Rejects:
		l.decline(pending, 21)
	case Unallocated:
		l.decline(pending, 1)
	default:
		l.answer(pending)
	}
}

func (l *line) answer(pending []func()) {
	a := l.a
	if l.far != nil {
		l.a.race(pending, []func(){l.step("Answer", ""), func() { a.setState(l.far, "Up") }})
	} else {
		l.a.race(pending, nil)
	}
	l.answered = time.Now()
	a.setState(l.near, "Up")
	l.tellDial("ANSWER")()
	if l.app != "" && !a.enter(l.near, l.app, l.args) {
		l.end(16) // nobody has the application: Asterisk hangs up
	}
}
