package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"tebiki/adapters/phone"
)

// freeTime is for a phone to become free on which a call is on.
const freeTime = 2 * time.Second

// Connect implements phone.Line: the caller hears the ringing, then the other
// one. Whoever hangs up first ends it for both.
func (l *line) Connect(ctx context.Context, to string, ring time.Duration) (phone.Outcome, error) {
	if l.down {
		return "", phone.ErrHungUp
	}
	endpoint, err := l.a.endpoint(to)
	if err != nil {
		return "", err
	}
	free, err := l.a.freePhone(ctx, endpoint)
	if free == nil {
		return phone.Busy, err
	}
	defer free()
	other := &leg{a: l.a, c: &phone.Call{Ring: ring}, id: channelID("connect " + l.id + " " + time.Now().String())}
	other.box = l.a.open(other.id)
	defer l.a.shut(other.id)
	stopTone := l.ringTone(ctx)
	defer stopTone()
	reached, err := l.reach(ctx, other, endpoint)
	stopTone()
	if err != nil || reached.Outcome != "" {
		return reached.Outcome, err
	}
	defer other.end(ctx, phone.Result{})
	return l.together(ctx, other)
}

// freePhone takes an endpoint for a talk, as calls do; nil when a call is on.
func (a *Asterisk) freePhone(ctx context.Context, endpoint string) (free func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, freeTime)
	defer cancel()
	if free, err = a.lanes.Lock(waiting, endpoint); err != nil {
		return nil, ctx.Err()
	}
	return free, nil
}

// ringTone lets the caller hear that it rings, until it is stopped: a channel
// that plays joins no bridge.
func (l *line) ringTone(ctx context.Context) (stop func()) {
	l.pieces++
	p := piece{fmt.Sprintf("%s-p%d-%d", l.id, l.times, l.pieces), true}
	if !l.begin(ctx, p, "tone:ring") {
		l.mayPlay(p)
	}
	return sync.OnceFunc(func() { l.silence(ctx, p) })
}

// reach rings the other one, as long as the caller is there.
func (l *line) reach(ctx context.Context, other *leg, endpoint string) (phone.Result, error) {
	ringing, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if l.untilGone(ringing) {
			cancel(phone.ErrHungUp)
		}
	}()
	r, err := other.ring(ringing, endpoint)
	cancel(nil)
	<-done
	switch {
	case errors.Is(context.Cause(ringing), phone.ErrHungUp):
		l.down = true
		other.end(ctx, r) // somebody may have picked up at that moment
		return phone.Result{Outcome: phone.Withdrawn}, phone.ErrHungUp
	case ctx.Err() != nil:
		other.end(ctx, r)
		return r, ctx.Err()
	}
	return r, err
}

// untilGone waits until nobody is on the channel any more; false when ctx
// ended first. It has no end of its own, so it looks while nothing is told.
func (l *leg) untilGone(ctx context.Context) bool {
	for {
		s := l.listen(ctx, time.Now().Add(l.pause()))
		switch {
		case ctx.Err() != nil:
			return s.down
		case s.down, s.what == broken && l.find(ctx).Outcome != "", s.what == late && l.missing(ctx):
			return s.down || ctx.Err() == nil
		}
	}
}

// together joins both lines until one of them ends, or ctx.
func (l *line) together(ctx context.Context, other *leg) (phone.Outcome, error) {
	bridge := "tebiki-bridge-" + strings.TrimPrefix(other.id, prefix)
	path := "/bridges/" + url.PathEscape(bridge)
	defer func() {
		if !l.a.gone(ctx, path) { // it holds nobody any more
			l.a.condemn(path)
		}
	}()
	if _, err := l.a.request(ctx, http.MethodPost, path, map[string]any{"type": "mixing"}, nil); err != nil {
		return phone.Failed, err
	}
	if _, err := l.a.request(ctx, http.MethodPost, path+"/addChannel", map[string]any{"channel": []string{l.id, other.id}}, nil); err != nil {
		return phone.Failed, err
	}
	talking, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer stop()
		other.untilGone(talking)
	}()
	if l.untilGone(talking) {
		l.down = true
	}
	stop()
	<-done
	return phone.Heard, ctx.Err()
}
