package asterisk

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

// ring originates the call and waits until somebody picks up: then the result
// is empty.
func (l *leg) ring(ctx context.Context, endpoint string) (phone.Result, error) {
	deadline := time.Now().Add(l.c.Ring + ringSlack)
	r, err := l.originate(ctx, endpoint)
	for err == nil && r.Outcome == "" && l.answered.IsZero() {
		r = l.await(ctx, deadline)
	}
	return r, err
}

// await takes one thing that happens while the phone rings.
func (l *leg) await(ctx context.Context, deadline time.Time) phone.Result {
	if l.stale {
		if r := l.prepare(ctx); r.Outcome != "" {
			return l.end(ctx, r)
		}
	}
	e, what, a := l.wait(ctx, soon(l.pause(), deadline))
	switch what {
	case told:
		if a.End {
			return l.end(ctx, phone.Result{Outcome: a.Result})
		}
		l.note(a)
	case ended:
		return l.end(ctx, phone.Result{Outcome: phone.Withdrawn})
	case broken:
		return l.recover(ctx)
	case event:
		return l.ringing(ctx, e)
	case late:
		if !time.Now().Before(deadline) {
			return l.end(ctx, phone.Result{Outcome: phone.NotAnswered})
		}
		return l.look(ctx)
	}
	return phone.Result{}
}

// look asks how the channel is, because events get lost.
func (l *leg) look(ctx context.Context) (r phone.Result) {
	gone := false
	taken := l.while(ctx, func(ctx context.Context) { gone = l.missing(ctx) })
	switch {
	case taken.Outcome != "":
		return l.end(ctx, taken)
	case !gone:
		return r
	case l.far != 0 || l.dial != "":
		return outcome(0, l.far, l.dial)
	}
	return l.lost("the call ended, and Asterisk did not tell how")
}

// missing tells whether Asterisk knows nothing of the channel. That counts
// when it is so twice: what tells its end may be under way.
func (l *leg) missing(ctx context.Context) bool {
	c, there, err := l.a.channel(ctx, l.id)
	switch {
	case err != nil:
		return false
	case there:
		l.missed = 0
		l.isUp(c)
		return false
	}
	l.missed++
	return l.missed > 1
}

// pause is until Asterisk is asked about a channel of which it tells nothing.
func (l *leg) pause() time.Duration {
	if l.missed > 0 {
		return lookAgain
	}
	return lookEvery
}

// originate rings the phone, or finds the channel that another process has
// made for this call. A request that broke is made once more: the id makes
// that harmless.
func (l *leg) originate(ctx context.Context, endpoint string) (r phone.Result, err error) {
	status, begun := 0, false
	r = l.while(ctx, func(ctx context.Context) {
		if err = l.a.ready(ctx); err != nil {
			return
		}
		begun = true
		_, l.times, _, _ = l.a.link.state()
		for try := range 2 {
			from := time.Now()
			status, err = l.a.originate(ctx, l.id, endpoint, int(l.c.Ring/time.Second), "page")
			if status != 0 || try > 0 || time.Since(from) >= requestTime || adapters.Sleep(ctx, 100*time.Millisecond) != nil {
				return
			}
		}
	})
	if begun && (status == 0 || status >= http.StatusInternalServerError) {
		defer func() {
			if err != nil || r.Outcome != "" && r.Outcome != phone.Unreachable {
				l.a.condemn(channelPath(l.id)) // it may be made yet
			}
		}()
	}
	switch {
	case r.Outcome != "" || ctx.Err() != nil:
		r.Outcome = cmp.Or(r.Outcome, phone.Withdrawn)
		if !begun {
			return r, nil
		}
		return l.end(ctx, r), nil
	case !begun || err == nil:
		return r, err
	}
	return l.inquire(ctx, endpoint, status, err)
}

// inquire asks what became of an originate that was not plainly done.
func (l *leg) inquire(ctx context.Context, endpoint string, status int, err error) (phone.Result, error) {
	conflict := status == http.StatusConflict
	var c channelState
	var there bool
	var asked error
	taken := l.while(ctx, func(ctx context.Context) { c, there, asked = l.a.channel(ctx, l.id) })
	switch {
	case taken.Outcome != "":
		return l.end(ctx, taken), nil
	case there, conflict && asked != nil: // it rings
		l.isUp(c)
		return phone.Result{}, nil
	case conflict: // it ended just now: what became of it nobody knows
		return l.lost("the call that was under way ended before it was found again"), nil
	case strings.Contains(err.Error(), "Allocation failed"):
		l.absent = asked == nil // there is no end to wait for
		l.a.log.Warn("Asterisk has no way to a phone: compare it with the endpoints in its configuration, and see whether it is registered", "endpoint", endpoint)
		return phone.Result{Outcome: phone.Unreachable, Cause: "Asterisk has no way to the phone, or it is not registered"}, nil
	}
	return phone.Result{}, err
}

// ringing takes an event while the phone rings.
func (l *leg) ringing(ctx context.Context, e ari.Event) phone.Result {
	switch e := e.(type) {
	case *ari.StasisStart:
		if e.Channel.ID == l.id {
			l.answered = time.Now()
		}
	case *ari.Dial:
		l.dialled(e)
	case *ari.ChannelDestroyed:
		if e.Channel.ID != l.id {
			l.far = e.Cause
			return phone.Result{}
		}
		if l.far == 0 && e.Cause == 0 && l.dial == "" {
			l.lookFurther()
		}
		return outcome(e.Cause, l.far, l.dial)
	case *ari.StasisEnd:
		if e.Channel.ID == l.id {
			return l.end(ctx, l.lost("the call left the application before it was answered"))
		}
	}
	return phone.Result{}
}

// dialled takes what the dialling came to; that it goes on is nothing.
func (l *leg) dialled(e *ari.Dial) {
	switch e.Dialstatus {
	case "", "RINGING", "PROGRESS", "PROCEEDING":
	default:
		l.dial = e.Dialstatus
	}
}

// lookFurther waits a moment for what the other leg says: its end may be told
// after that of the near one.
func (l *leg) lookFurther() {
	timer := time.NewTimer(lastWord)
	defer timer.Stop()
	for l.far == 0 && l.dial == "" {
		switch e := l.box.take().(type) {
		case nil:
			select {
			case <-l.box.ready:
			case <-timer.C:
				return
			}
		case *ari.ChannelDestroyed:
			l.far = e.Cause
		case *ari.Dial:
			l.dialled(e)
		}
	}
}
