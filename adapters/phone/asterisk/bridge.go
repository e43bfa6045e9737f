package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters/phone"
)

// bridgeTime is how long two people may talk.
const bridgeTime = time.Hour

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
	other := &leg{a: l.a, c: &phone.Call{Ring: ring}, id: channelID("connect " + l.id + " " + time.Now().String())}
	_, other.times, _, _ = l.a.link.state()
	other.box = l.a.open(other.id)
	defer l.a.shut(other.id)
	tone := l.ringTone(ctx)
	defer tone()
	reached, err := l.reach(ctx, other, endpoint)
	tone()
	if err != nil || reached.Outcome != "" {
		return reached.Outcome, err
	}
	defer other.end(ctx, phone.Result{})
	return l.together(ctx, other)
}

// ringTone lets the caller hear that it rings, until it is stopped.
func (l *line) ringTone(ctx context.Context) (stop func()) {
	l.pieces++
	id := fmt.Sprintf("%s-p%d-%d", l.id, l.times, l.pieces)
	_, err := l.a.request(ctx, http.MethodPost, "/channels/"+url.PathEscape(l.id)+"/play/"+url.PathEscape(id), map[string]any{"media": "tone:ring"}, nil)
	stopped := err != nil
	return func() {
		if !stopped {
			l.silence(ctx, id)
			stopped = true
		}
	}
}

// reach rings the other one, as long as the caller is there.
func (l *line) reach(ctx context.Context, other *leg, endpoint string) (phone.Result, error) {
	ringing, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if l.untilDown(ringing) {
			cancel(phone.ErrHungUp)
		}
	}()
	r, err := other.ring(ringing, endpoint)
	gone := errors.Is(context.Cause(ringing), phone.ErrHungUp)
	cancel(nil)
	<-done
	if gone {
		l.down = true
		return r, phone.ErrHungUp
	}
	return r, err
}

// untilDown reads the caller's events until they hang up; false when ctx ended
// first.
func (l *line) untilDown(ctx context.Context) bool {
	for {
		s := l.listen(ctx, time.Now().Add(bridgeTime))
		switch {
		case s.down:
			return true
		case s.what == broken && l.recover(ctx).Outcome != "":
			return true
		case ctx.Err() != nil || s.what == late:
			return false
		}
	}
}

// together joins both lines until one of them ends.
func (l *line) together(ctx context.Context, other *leg) (phone.Outcome, error) {
	bridge := "tebiki-bridge-" + strings.TrimPrefix(other.id, prefix)
	path := "/bridges/" + url.PathEscape(bridge)
	if _, err := l.a.request(ctx, http.MethodPost, path, map[string]any{"type": "mixing"}, nil); err != nil {
		return phone.Failed, err
	}
	defer func() { _, _ = l.a.request(context.WithoutCancel(ctx), http.MethodDelete, path, nil, nil) }() // it holds nobody any more
	if _, err := l.a.request(ctx, http.MethodPost, path+"/addChannel", map[string]any{"channel": l.id + "," + other.id}, nil); err != nil {
		return phone.Failed, err
	}
	talking, stop := context.WithTimeout(ctx, bridgeTime)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer stop()
		other.untilOver(talking)
	}()
	if l.untilDown(talking) {
		l.down = true
	}
	stop()
	<-done
	return phone.Heard, ctx.Err()
}

// untilOver reads events until the channel is gone.
func (l *leg) untilOver(ctx context.Context) {
	for ctx.Err() == nil {
		e, what, _ := l.wait(ctx, time.Now().Add(bridgeTime))
		switch {
		case what == broken && l.recover(ctx).Outcome != "", what == late:
			return
		case what == event && l.over(e):
			return
		}
	}
}

// over tells an event after which nobody is on the line.
func (l *leg) over(e ari.Event) bool { return l.heard(e).down }
