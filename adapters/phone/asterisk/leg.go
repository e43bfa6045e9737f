package asterisk

import (
	"context"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters/phone"
)

// A leg is the way to one person's ear: a channel, from before it rings until
// it is over.
type leg struct {
	a    *Asterisk
	c    *phone.Call // nil with somebody who has called in
	id   string
	box  *mailbox
	news <-chan phone.Answer

	times     int      // of the connection: which one it counts on
	prompt    speaking // the call's, made audible
	stale     bool     // it is no longer what the call says
	answered  time.Time
	pieces    int
	begun     time.Time // the piece
	tones     []string  // endless pieces that play perhaps
	spoke     bool      // something was played
	mute      bool      // something could not be played
	destroyed bool
	absent    bool   // it was to be hung up, and was not there
	missed    int    // how often Asterisk knew nothing of the channel
	far       int    // the cause of the other leg's end
	dial      string // what the dialling came to
}

// What ends a wait.
type happening int

const (
	event  happening = iota
	late             // the deadline passed
	told             // what happened without a key
	ended            // the caller's context
	broken           // the connection
)

// wait gives the next event of the channel, or what happened instead.
func (l *leg) wait(ctx context.Context, until time.Time) (e ari.Event, what happening, a phone.Answer) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for {
		if e := l.box.take(); e != nil {
			if d, ok := e.(*ari.ChannelDestroyed); ok && d.Channel.ID == l.id {
				l.destroyed = true
			}
			return e, event, a
		}
		up, times, change, _ := l.a.link.state()
		if !up || times != l.times {
			return nil, broken, a
		}
		select {
		case <-l.box.ready:
		case <-change:
		case <-timer.C:
			return nil, late, a
		case a, open := <-l.news:
			return nil, told, phone.FromNews(a, open)
		case <-ctx.Done():
			return nil, ended, a
		}
	}
}

// soon is a while from now, but not after a deadline.
func soon(d time.Duration, deadline time.Time) time.Time {
	if t := time.Now().Add(d); t.Before(deadline) {
		return t
	}
	return deadline
}

// while does something that takes its time, unless the call is taken back
// before or meanwhile: then it is cut short, and the result says so. Nobody
// hears yet what else happens; a new prompt makes that of the leg stale.
func (l *leg) while(ctx context.Context, do func(context.Context)) (taken phone.Result) {
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	hear := func(a phone.Answer, open bool) {
		if a = phone.FromNews(a, open); a.End {
			taken, l.news = phone.Result{Outcome: a.Result}, nil
			cancel()
		} else {
			l.note(a)
		}
	}
	select { // what was taken back is not begun
	case a, open := <-l.news:
		hear(a, open)
	default:
	}
	if working.Err() != nil {
		return taken
	}
	done := make(chan struct{})
	go func() { defer close(done); do(working) }()
	for {
		select {
		case <-done:
			return taken
		case a, open := <-l.news:
			hear(a, open)
		}
	}
}

// note takes a new prompt, which is made audible when it is needed.
func (l *leg) note(a phone.Answer) {
	if a.Prompt != nil {
		l.c.Prompt, l.stale = a.Prompt, true
	}
}

// turn waits until no other call is on at an endpoint, as long as this one
// may ring. Without an unlock the result says what became of it.
func (l *leg) turn(ctx context.Context, endpoint string) (unlock func(), r phone.Result) {
	waiting, cancel := context.WithTimeout(ctx, l.c.Ring)
	defer cancel()
	r = l.while(waiting, func(ctx context.Context) {
		if free, err := l.a.lanes.Lock(ctx, endpoint); err == nil {
			unlock = free
		}
	})
	switch {
	case r.Outcome != "":
	case ctx.Err() != nil:
		r.Outcome = phone.Withdrawn
	case unlock != nil:
		return unlock, r
	default:
		r = phone.Result{Outcome: phone.Busy, Cause: "another call was on for as long as this one may ring"}
	}
	if unlock != nil {
		unlock()
	}
	return nil, r
}

// prepare makes the prompt audible, and again when it changes meanwhile.
func (l *leg) prepare(ctx context.Context) (taken phone.Result) {
	for l.stale {
		l.stale = false
		prompt := l.c.Prompt
		taken = l.while(ctx, func(ctx context.Context) { l.prompt = l.a.speak(ctx, l.c.Lang, prompt) })
		switch {
		case taken.Outcome != "":
			return taken
		case ctx.Err() != nil:
			return phone.Result{Outcome: phone.Withdrawn}
		}
	}
	return taken
}

// run is the whole call. The channel is gone when it returns.
func (l *leg) run(ctx context.Context, endpoint string) (phone.Result, error) {
	r, err := l.ring(ctx, endpoint)
	if err != nil {
		return phone.Result{}, err
	}
	if r.Outcome == "" {
		r = l.talk(ctx)
	}
	l.vanish(ctx)
	r.Answered = l.answered
	l.a.opt.Count("call " + string(r.Outcome))
	return r, nil
}

// end hangs up, and gives a result. What cannot be hung up now is later.
func (l *leg) end(ctx context.Context, r phone.Result) phone.Result {
	if l.destroyed {
		return r
	}
	there, err := l.a.hangUp(ctx, l.id)
	if l.absent = !there; err != nil {
		l.a.condemn(channelPath(l.id))
		l.a.log.Warn("a call cannot be hung up; it is tried again", "channel", l.id, "err", err)
	}
	return r
}

// vanish waits until the channel is gone, as long as that takes when all is
// well: the same call made again at once must not take the dying channel for
// one under way, nor its end for its own.
func (l *leg) vanish(ctx context.Context) {
	l.news = nil
	until := time.Now().Add(endTime)
	if l.absent {
		until = time.Now().Add(lastWord)
	}
	for what := event; what == event && !l.destroyed; {
		_, what, _ = l.wait(context.WithoutCancel(ctx), until)
	}
}
