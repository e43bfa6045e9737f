package asterisk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

// call is one call under way, for those who make it again.
type call struct {
	done   chan struct{}
	result phone.Result
	err    error
}

// Call implements phone.Phone.
func (a *Asterisk) Call(ctx context.Context, c phone.Call) (phone.Result, error) {
	a.mu.Lock()
	if k := a.calls[c.ID]; k != nil {
		a.mu.Unlock()
		select {
		case <-k.done:
			return k.result, k.err
		case <-ctx.Done():
			return phone.Result{Outcome: phone.Withdrawn}, nil
		}
	}
	k := &call{done: make(chan struct{})}
	a.calls[c.ID] = k
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		delete(a.calls, c.ID)
		a.mu.Unlock()
		close(k.done)
	}()
	k.result, k.err = a.place(ctx, &c)
	return k.result, k.err
}

// place makes one call, when its phone is free.
func (a *Asterisk) place(ctx context.Context, c *phone.Call) (phone.Result, error) {
	if err := c.Check(); err != nil {
		return phone.Result{}, refused("%w", err)
	}
	endpoint, err := a.endpoint(c.To)
	if err != nil {
		return phone.Result{}, err
	}
	unlock, result := a.turn(ctx, c, endpoint)
	if unlock == nil {
		return result, nil
	}
	defer unlock()
	if up, _, _, why := a.link.state(); !up {
		return phone.Result{}, away(why)
	}
	l := &leg{a: a, c: c, id: channelID(c.ID), news: c.News}
	_, l.times, _, _ = a.link.state()
	l.prompt = a.speak(ctx, c.Lang, c.Prompt)
	l.box = a.open(l.id)
	defer a.shut(l.id)
	return l.run(ctx, endpoint)
}

func away(why error) error {
	return &adapters.Error{Op: "ring a phone", Code: adapters.Unavailable, Err: fmt.Errorf("there is no connection to Asterisk: %w", why)}
}

// turn waits until no other call is on at an endpoint, as long as this one
// may ring. Without an unlock the result says what became of it.
func (a *Asterisk) turn(ctx context.Context, c *phone.Call, endpoint string) (unlock func(), r phone.Result) {
	waiting, cancel := context.WithTimeout(ctx, c.Ring)
	defer cancel()
	got := make(chan func(), 1)
	go func() {
		unlock, err := a.lanes.Lock(waiting, endpoint)
		if err != nil {
			unlock = nil
		}
		got <- unlock
	}()
	r = phone.Result{Outcome: phone.Busy, Cause: "another call was on for as long as this one may ring"}
	over := false
	hear := func(news phone.Answer, open bool) {
		if news = phone.FromNews(news, open); news.End {
			r, over, c.News = phone.Result{Outcome: news.Result}, true, nil
			cancel()
		} else if news.Prompt != nil {
			c.Prompt = news.Prompt
		}
	}
	for {
		select { // news first: what was taken back does not ring
		case news, open := <-c.News:
			hear(news, open)
			continue
		default:
		}
		select {
		case news, open := <-c.News:
			hear(news, open)
		case unlock := <-got:
			switch {
			case unlock != nil && !over && ctx.Err() == nil:
				return unlock, r
			case unlock != nil:
				unlock()
			}
			if ctx.Err() != nil && !over {
				r = phone.Result{Outcome: phone.Withdrawn}
			}
			return nil, r
		}
	}
}

var (
	technology = regexp.MustCompile(`^[A-Za-z0-9_]+/[^\s,&]+$`)
	digits     = regexp.MustCompile(`^\+?[0-9]{2,20}$`)
)

// endpoint gives what Asterisk rings for an address of the roster.
func (a *Asterisk) endpoint(to string) (string, error) {
	plain := strings.NewReplacer("-", "", " ", "", "(", "", ")", "").Replace(to)
	switch {
	case technology.MatchString(to):
		return to, nil
	case digits.MatchString(plain) && strings.Contains(a.opt.Number, "{number}"):
		return strings.ReplaceAll(a.opt.Number, "{number}", plain), nil
	case digits.MatchString(plain):
		return "", refused("%s is a number alone, and no way to call numbers is configured (phone.asterisk.number: PJSIP/{number}@trunk)", to)
	}
	return "", refused("%.80q is no endpoint; want one such as PJSIP/tanaka, or a number", to)
}

func refused(format string, args ...any) error {
	return &adapters.Error{Op: "ring a phone", Code: adapters.Refused, Err: fmt.Errorf(format, args...)}
}

// prefix begins the ids of channels that are ours.
const prefix = "tebiki-"

var unsafe = regexp.MustCompile(`[^A-Za-z0-9]+`)

// channelID is the same for the same call, whichever process makes it.
func channelID(call string) string {
	sum := sha256.Sum256([]byte(call))
	return prefix + strings.Trim(unsafe.ReplaceAllString(call[:min(len(call), 40)], "-"), "-") + "-" + hex.EncodeToString(sum[:6])
}

// sweepAfter is how long after a connection channels of a process that died
// are waited for by the calls they belong to.
const sweepAfter = 20 * time.Second

// sweep hangs up channels that have our name and no call.
func (a *Asterisk) sweep(ctx context.Context) {
	var all []channelState
	if _, err := a.request(ctx, "GET", "/channels", nil, &all); err != nil {
		return // the next connection sweeps again
	}
	for _, c := range all {
		if !strings.HasPrefix(c.ID, prefix) || strings.HasSuffix(c.ID, farLeg) {
			continue
		}
		a.mu.Lock()
		_, ours := a.boxes[c.ID]
		a.mu.Unlock()
		if ours {
			continue
		}
		if err := a.hangUp(ctx, c.ID); err != nil && !errors.Is(err, context.Canceled) {
			a.log.Warn("a call of an earlier process cannot be hung up", "channel", c.ID, "err", err)
			continue
		}
		a.log.Info("a call of an earlier process that nobody asks for was hung up", "channel", c.ID)
	}
}
