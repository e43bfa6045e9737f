package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

// A State is how far a call has come.
type State string

// The states.
const (
	Waiting State = "waiting" // for a call before it on the same phone
	Ringing State = "ringing"
	Talking State = "talking"
	Ended   State = "over"
)

// A View is a call as the page shows it.
type View struct {
	ID      string
	To      string
	Lang    string
	State   State
	Said    []string // so far, oldest first
	Menu    []phone.Choice
	Since   time.Time     // when the state began
	Outcome phone.Outcome // when it is over
	Cause   string
}

// Calls gives the calls to a person that are under way: the one that rings or
// talks, then those that wait for it.
func (c *Console) Calls(to string) []View {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.phones[to]
	if s == nil {
		return nil
	}
	views := make([]View, len(s.line))
	for i, k := range s.line {
		views[i] = k.view.copy()
	}
	return views
}

// Recent gives the last calls to a person that are over, newest first.
func (c *Console) Recent(to string) []View {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.phones[to]
	if s == nil {
		return nil
	}
	views := make([]View, len(s.recent))
	for i, v := range s.recent {
		views[i] = v.copy()
	}
	return views
}

// copy keeps what goes on being said out of a view that was handed out.
func (v View) copy() View {
	v.Said, v.Menu = slices.Clone(v.Said), slices.Clone(v.Menu)
	return v
}

// Answer takes a ringing call.
func (c *Console) Answer(ctx context.Context, to, id string) error {
	return c.act(ctx, "answer", to, id, func(k *call) error {
		if k.view.State != Ringing || k.hungUp() {
			return errors.New("this call does not ring")
		}
		k.set(Talking)
		k.answered = k.view.Since
		close(k.picked)
		return nil
	})
}

// Key presses a key on a call that was answered. What it does is seen in the
// call's view, once it is done.
func (c *Console) Key(ctx context.Context, to, id, key string) error {
	if len(key) != 1 || !strings.Contains("0123456789*#", key) {
		err := fmt.Errorf("a telephone has no key %.20q", key)
		return &adapters.Error{Op: "press a key", Code: adapters.Refused, Err: err}
	}
	return c.act(ctx, "press a key on", to, id, func(k *call) error {
		if k.view.State != Talking || k.hungUp() {
			return errors.New("nobody has answered this call")
		}
		select {
		case k.keys <- key:
			return nil
		default:
			return errors.New("too many keys at once: wait for an answer")
		}
	})
}

// HangUp ends a call that was answered, and rejects one that rings.
func (c *Console) HangUp(ctx context.Context, to, id string) error {
	return c.act(ctx, "hang up", to, id, func(k *call) error {
		if k.view.State != Talking && k.view.State != Ringing {
			return errors.New("this call does not ring")
		}
		if !k.hungUp() {
			close(k.down)
		}
		return nil
	})
}

// act does something to a person's call. A call that is not there, or not in
// the state for it, is NotFound: the page was older than what is true.
func (c *Console) act(ctx context.Context, what, to, id string, do func(*call) error) error {
	op := fmt.Sprintf("%s call %.80q to %.80q", what, id, to)
	if err := ctx.Err(); err != nil {
		return &adapters.Error{Op: op, Code: adapters.Unavailable, Err: err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.calls[id]
	if k == nil || k.To != to {
		return &adapters.Error{Op: op, Code: adapters.NotFound, Err: errors.New("this call is over")}
	}
	if err := do(k); err != nil {
		return &adapters.Error{Op: op, Code: adapters.NotFound, Err: err}
	}
	c.wake()
	return nil
}
