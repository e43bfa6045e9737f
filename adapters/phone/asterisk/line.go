package asterisk

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters/phone"
)

// inbound is the argument with which the dialplan sends callers here.
const inbound = "inbound"

// How patient somebody who has called in is with us, and we with them.
const (
	keyTime   = 6 * time.Second  // between two keys, and after a question
	idleTime  = 5 * time.Second  // of silence, which ends a recording
	fetchTime = 15 * time.Second // for a recording to be had
)

// SetAnswerer implements phone.Receiver. Without one callers are hung up.
func (a *Asterisk) SetAnswerer(answerer phone.Answerer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answerer = answerer
}

// receive answers a caller, in a goroutine that Run waits for.
func (a *Asterisk) receive(ctx context.Context, start *ari.StasisStart) {
	a.mu.Lock()
	answerer := a.answerer
	a.mu.Unlock()
	l := &line{leg: leg{a: a, id: start.Channel.ID}}
	if start.Channel.Caller != nil {
		l.number = number(start.Channel.Caller.Number)
	}
	_, l.times, _, _ = a.link.state()
	l.box = a.open(l.id)
	a.opt.Count("call in")
	a.callers.Go(func() {
		defer a.shut(l.id)
		ctx, cancel := context.WithTimeout(ctx, phone.LongestVisit)
		defer cancel()
		if answerer == nil {
			a.log.Warn("somebody calls in, and nobody is configured to answer", "caller", l.number)
		} else if _, err := a.request(ctx, http.MethodPost, channelPath(l.id)+"/answer", nil, nil); err != nil {
			a.log.Warn("a caller cannot be answered", "caller", l.number, "err", err)
		} else {
			answerer.Answer(ctx, l)
		}
		l.end(ctx, phone.Result{})
	})
}

// number is what a network said about a caller, who may be anybody: a short
// text without control characters.
func number(said string) string {
	const most = 64
	var b strings.Builder
	for _, r := range said {
		if unicode.IsGraphic(r) && r != unicode.ReplacementChar && b.Len() < most {
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// A line is somebody who has called in.
type line struct {
	leg
	number string
	down   bool // they have hung up
}

var _ phone.Line = (*line)(nil)

// ID implements phone.Line.
func (l *line) ID() string { return l.id }

// Caller implements phone.Line.
func (l *line) Caller() string { return l.number }

// Say implements phone.Line. What a broken connection cut off is said again,
// once.
func (l *line) Say(ctx context.Context, lang string, say []phone.Sentence) error {
	if l.down {
		return phone.ErrHungUp
	}
	heard := l.a.speak(ctx, lang, say)
	s := l.play(ctx, heard, false)
	err := l.stopped(ctx, s)
	if err == nil && s.what == broken {
		err = l.stopped(ctx, l.play(ctx, heard, false))
	}
	return err
}

// stopped gives the error of what ended something; nil when the line goes on.
func (l *line) stopped(ctx context.Context, s stop) error {
	switch {
	case s.down:
		l.down = true
		return phone.ErrHungUp
	case s.done || s.key != "" || s.what == late:
		return nil
	case s.what == ended:
		return ctx.Err()
	}
	if l.vanished(ctx) {
		l.down = true
		return phone.ErrHungUp
	}
	return ctx.Err()
}

// vanished looks for a caller after the connection broke, and tells whether
// they are gone. That ctx ended says nothing of them.
func (l *line) vanished(ctx context.Context) bool {
	return l.find(ctx).Outcome != "" && ctx.Err() == nil
}

// Ask implements phone.Line.
func (l *line) Ask(ctx context.Context, lang string, q phone.Question) (string, error) {
	if l.down {
		return "", phone.ErrHungUp
	}
	say := l.a.speak(ctx, lang, q.Say)
	for asked := 0; asked <= q.Repeat; {
		s := l.play(ctx, say, true)
		if s.done {
			s = l.listen(ctx, time.Now().Add(keyTime))
		}
		if s.key != "" {
			return l.collect(ctx, s.key, q)
		}
		if err := l.stopped(ctx, s); err != nil {
			return "", err
		}
		if s.what != broken { // else nobody heard the question
			asked++
		}
	}
	return "", nil
}

// collect takes the keys that follow the first one.
func (l *line) collect(ctx context.Context, keys string, q phone.Question) (string, error) {
	for {
		if q.Hash && strings.HasSuffix(keys, "#") {
			return strings.TrimSuffix(keys, "#"), nil
		}
		if len(keys) >= max(1, q.Keys) {
			return keys, nil
		}
		s := l.listen(ctx, time.Now().Add(keyTime))
		if keys += s.key; s.key != "" {
			continue
		}
		if err := l.stopped(ctx, s); err != nil || s.what != broken {
			return keys, err
		}
	}
}
