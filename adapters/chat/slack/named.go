package slack

import (
	"context"
	"strings"
	"sync"
	"time"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
)

// rememberNames is how long the mail address of somebody who acts counts as
// theirs before Slack is asked again.
const rememberNames = time.Hour

// names finds out under which of their addresses the handler knows who acts:
// Slack names everybody by their id, a roster most of them by mail address.
type names struct {
	mu   sync.Mutex
	seen map[string]named // by Slack id
}

type named struct {
	address string
	until   time.Time
}

// addressOf gives the address of a Slack id that Options.Knows accepts; the
// id itself when neither it nor the mail address is known.
func (s *Slack) addressOf(ctx context.Context, user string) (string, error) {
	knows := s.opt.Knows
	if knows == nil || knows(user) {
		return user, nil
	}
	s.names.mu.Lock()
	n := s.names.seen[user]
	s.names.mu.Unlock()
	if time.Now().Before(n.until) {
		return n.address, nil
	}
	mail, err := s.mailOf(ctx, user)
	if err != nil {
		return "", s.failed("find out who acted", err)
	}
	n = named{user, time.Now().Add(rememberNames)}
	for _, m := range []string{mail, strings.ToLower(mail)} {
		if m != "" && knows(m) {
			n.address = m
			break
		}
	}
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	s.names.seen[user] = n
	return n.address, nil
}

func (s *Slack) mailOf(ctx context.Context, user string) (mail string, err error) {
	err = s.call(ctx, userInfo, "", true, func(ctx context.Context) error {
		var u *sdk.User
		if u, err = s.api.GetUserInfoContext(ctx, user); err == nil {
			mail = u.Profile.Email
		}
		return err
	})
	return mail, err
}

// An addressed handler hears of everybody by the address that it knows.
type addressed struct {
	s *Slack
	h chat.Handler
}

// addressedForms and addressedHome are what the handler may be besides.
type (
	addressedForms struct {
		s *Slack
		h chat.FormHandler
	}
	addressedHome struct {
		s *Slack
		h chat.HomeHandler
	}
)

func (a addressed) Act(ctx context.Context, act chat.Action) (r chat.Reply, err error) {
	if act.From, err = a.s.addressOf(ctx, act.From); err != nil {
		return r, err
	}
	return a.h.Act(ctx, act)
}

func (a addressed) Command(ctx context.Context, c chat.Command) (r chat.Reply, err error) {
	if c.From, err = a.s.addressOf(ctx, c.From); err != nil {
		return r, err
	}
	return a.h.Command(ctx, c)
}

func (a addressedForms) Reload(ctx context.Context, filled chat.Answers) (f chat.Form, err error) {
	if filled.From, err = a.s.addressOf(ctx, filled.From); err != nil {
		return f, err
	}
	return a.h.Reload(ctx, filled)
}

func (a addressedForms) Options(ctx context.Context, filled chat.Answers, field, typed string) (c []chat.Choice, err error) {
	if filled.From, err = a.s.addressOf(ctx, filled.From); err != nil {
		return nil, err
	}
	return a.h.Options(ctx, filled, field, typed)
}

func (a addressedForms) Submit(ctx context.Context, filled chat.Answers) (r chat.Reply, faults map[string]string, err error) {
	if filled.From, err = a.s.addressOf(ctx, filled.From); err != nil {
		return r, nil, err
	}
	return a.h.Submit(ctx, filled)
}

func (a addressedHome) Home(ctx context.Context, from string) ([]chat.Block, error) {
	from, err := a.s.addressOf(ctx, from)
	if err != nil {
		return nil, err
	}
	return a.h.Home(ctx, from)
}

// handling gives the handler; nil before there is one.
func (s *Slack) handling() chat.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handler == nil {
		return nil
	}
	return addressed{s, s.handler}
}

// formHandling gives the handler if it answers forms.
func (s *Slack) formHandling() (chat.FormHandler, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.handler.(chat.FormHandler)
	return addressedForms{s, h}, ok
}

// homeHandling gives the handler if it has a home page to show.
func (s *Slack) homeHandling() (chat.HomeHandler, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.handler.(chat.HomeHandler)
	return addressedHome{s, h}, ok
}
