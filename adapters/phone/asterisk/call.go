package asterisk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

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
	l := &leg{a: a, c: c, id: channelID(c.ID), news: c.News, stale: true}
	unlock, r := l.turn(ctx, endpoint)
	if unlock == nil {
		return r, nil
	}
	defer unlock()
	if why, long := a.link.down(); long {
		return phone.Result{}, away(why)
	}
	if r := l.prepare(ctx); r.Outcome != "" {
		return r, nil
	}
	l.box = a.open(l.id)
	defer a.shut(l.id)
	return l.run(ctx, endpoint)
}

func away(why error) error {
	f := &adapters.Error{Op: "ring a phone", Code: adapters.Unavailable, Err: fmt.Errorf("there is no connection to Asterisk: %w", why)}
	if why != nil && adapters.CodeOf(why) == adapters.Denied {
		f.Code = adapters.Denied
	}
	return f
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
