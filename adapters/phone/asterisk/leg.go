package asterisk

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters"
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

	times     int // of the connection: which one it counts on
	prompt    speaking
	answered  time.Time
	pieces    int
	destroyed bool
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

// end hangs up, and gives a result.
func (l *leg) end(ctx context.Context, r phone.Result) phone.Result {
	if err := l.a.hangUp(ctx, l.id); err != nil {
		l.a.log.Warn("a call cannot be hung up; it ends by its own time limit", "channel", l.id, "err", err)
	}
	return r
}

// vanish waits until the channel is gone, as long as that takes when all is
// well: the same call made again at once must not take the dying channel for
// one under way, nor its end for its own.
func (l *leg) vanish(ctx context.Context) {
	l.news = nil
	until := time.Now().Add(endTime)
	for what := event; what == event && !l.destroyed; {
		_, what, _ = l.wait(context.WithoutCancel(ctx), until)
	}
}

// ring originates the call and waits until somebody picks up: then the result
// is empty.
func (l *leg) ring(ctx context.Context, endpoint string) (phone.Result, error) {
	if err := l.a.registered(ctx); err != nil {
		return phone.Result{}, err
	}
	deadline := time.Now().Add(l.c.Ring + ringSlack)
	r, err := l.originate(ctx, endpoint)
	if err != nil || r.Outcome != "" || !l.answered.IsZero() {
		return r, err
	}
	for {
		e, what, a := l.wait(ctx, deadline)
		switch what {
		case told:
			l.learn(ctx, a)
			if a.End {
				return l.end(ctx, phone.Result{Outcome: a.Result}), nil
			}
		case ended:
			return l.end(ctx, phone.Result{Outcome: phone.Withdrawn}), nil
		case late:
			return l.end(ctx, phone.Result{Outcome: phone.NotAnswered}), nil
		case broken:
			if r := l.recover(ctx); r.Outcome != "" {
				return r, nil
			}
		case event:
			if r := l.ringing(ctx, e); r.Outcome != "" {
				return r, nil
			}
		}
		if !l.answered.IsZero() {
			return phone.Result{}, nil
		}
	}
}

// learn makes an answer's prompt the one that is said from now on.
func (l *leg) learn(ctx context.Context, a phone.Answer) {
	if a.Prompt != nil && !a.End {
		l.prompt = l.a.speak(ctx, l.c.Lang, a.Prompt)
	}
}

// originate rings the phone, or finds the channel that another process has
// made for this call. Whether a request without an answer was done is asked.
func (l *leg) originate(ctx context.Context, endpoint string) (phone.Result, error) {
	conflict, err := l.a.originate(ctx, l.id, endpoint, int(l.c.Ring/time.Second), "page")
	if err == nil && !conflict {
		return phone.Result{}, nil
	}
	if ctx.Err() != nil {
		return l.end(ctx, phone.Result{Outcome: phone.Withdrawn}), nil
	}
	c, there, asked := l.a.channel(ctx, l.id)
	switch {
	case asked != nil && err == nil:
		err = asked
	case there && c.State == "Up":
		l.answered = time.Now()
		return phone.Result{}, nil
	case there:
		return phone.Result{}, nil
	case conflict: // it ended just now: what became of it nobody knows
		return phone.Result{Outcome: phone.Failed, Again: true, Cause: "the call that was under way ended before it was found again"}, nil
	}
	if strings.Contains(err.Error(), "Allocation failed") {
		return phone.Result{Outcome: phone.Unreachable, Cause: "Asterisk has no way to " + endpoint + ": compare it with the endpoints in its configuration"}, nil
	}
	return phone.Result{}, err
}

// ringing takes an event while the phone rings.
func (l *leg) ringing(_ context.Context, e ari.Event) phone.Result {
	switch e := e.(type) {
	case *ari.StasisStart:
		if e.Channel.ID == l.id {
			l.answered = time.Now()
		}
	case *ari.Dial:
		if e.Dialstatus != "" {
			l.dial = e.Dialstatus
		}
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
			return phone.Result{Outcome: phone.Failed, Again: true, Cause: "the call left the application before it was answered"}
		}
	}
	return phone.Result{}
}

// lookFurther waits a moment for what the other leg says: its end may be told
// after that of the near one.
func (l *leg) lookFurther() {
	timer := time.NewTimer(200 * time.Millisecond)
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
			l.dial = e.Dialstatus
		}
	}
}

// recover waits for the connection and asks whether the channel is still
// there. An empty result means that the call goes on.
func (l *leg) recover(ctx context.Context) phone.Result {
	l.a.opt.Count("call without a connection")
	limit := time.NewTimer(grace)
	defer limit.Stop()
	for {
		up, times, change, why := l.a.link.state()
		if up {
			c, there, err := l.a.channel(ctx, l.id)
			switch {
			case err == nil && there:
				if l.times = times; c.State == "Up" && l.answered.IsZero() {
					l.answered = time.Now()
				}
				return phone.Result{}
			case err == nil:
				return l.lost("the connection to Asterisk broke, and the call ended meanwhile")
			}
		}
		select {
		case <-change:
		case <-limit.C:
			return l.end(ctx, l.lost("the connection to Asterisk broke: "+reason(why)))
		case a, open := <-l.news: // nobody can hear it
			if a = phone.FromNews(a, open); a.End {
				return l.end(ctx, phone.Result{Outcome: a.Result})
			}
			l.learn(ctx, a)
		case <-ctx.Done():
			return l.end(ctx, phone.Result{Outcome: phone.Withdrawn})
		}
	}
}

func reason(err error) string {
	if err == nil {
		return "it does not answer"
	}
	return err.Error()
}

// lost is a call whose end nobody saw. Perhaps nobody understood anything, so
// it is tried again.
func (l *leg) lost(cause string) phone.Result {
	return phone.Result{Outcome: phone.Failed, Again: true, Cause: cause}
}

// gone tells an error that means that the channel is not there.
func gone(status int, err error) bool {
	return err != nil && (status == http.StatusNotFound || adapters.CodeOf(err) == adapters.NotFound)
}
