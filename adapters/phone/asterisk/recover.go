package asterisk

import (
	"context"
	"time"

	"tebiki/adapters/phone"
)

// recover finds the channel again after the connection broke. An empty result
// means that the call goes on; else it is over.
func (l *leg) recover(ctx context.Context) phone.Result {
	r := l.find(ctx)
	if r.Outcome == "" {
		return r
	}
	return l.end(ctx, r)
}

// find waits for the connection and asks whether the channel is still there;
// then the result is empty.
func (l *leg) find(ctx context.Context) phone.Result {
	l.a.opt.Count("call without a connection")
	limit, again := time.NewTimer(grace), time.NewTicker(lookAgain)
	defer limit.Stop()
	defer again.Stop()
	for {
		up, times, change, why := l.a.link.state()
		if up {
			var c channelState
			var there bool
			var err error
			taken := l.while(ctx, func(ctx context.Context) { c, there, err = l.a.channel(ctx, l.id) })
			switch {
			case taken.Outcome != "":
				return taken
			case err == nil && there:
				l.times = times
				l.isUp(c)
				return phone.Result{}
			case err == nil:
				return l.lost("the connection to Asterisk broke, and the call ended meanwhile")
			}
			why = err
		}
		select {
		case <-change:
		case <-again.C: // with a connection; it may have been another fault
		case <-limit.C:
			l.a.log.Warn("a call is given up: whether its channel is there cannot be asked", "channel", l.id, "err", why)
			return l.lost("the connection to Asterisk broke")
		case a, open := <-l.news: // nobody can hear it
			if a = phone.FromNews(a, open); a.End {
				return phone.Result{Outcome: a.Result}
			}
			l.note(a)
		case <-ctx.Done():
			return phone.Result{Outcome: phone.Withdrawn}
		}
	}
}

// isUp takes what Asterisk says of a channel for the pick-up whose event was
// lost.
func (l *leg) isUp(c channelState) {
	if c.State == "Up" && l.answered.IsZero() {
		l.answered = time.Now()
	}
}

// lost is a call whose end nobody saw. Perhaps nobody understood anything, so
// it is tried again.
func (l *leg) lost(cause string) phone.Result {
	return phone.Result{Outcome: phone.Failed, Again: true, Cause: cause}
}
