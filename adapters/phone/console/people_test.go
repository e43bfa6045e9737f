package console_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tebiki/adapters/phone/console"
	"tebiki/adapters/phone/phonetest"
)

// people sit before the console's page and do what their scripts say.
type people struct {
	console *console.Console
	n       int
}

func (p *people) Person(t *testing.T, s phonetest.Script) string {
	p.n++
	to := fmt.Sprint("person-", p.n)
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.sit(ctx, to, s)
	}()
	t.Cleanup(func() { end(); <-done })
	return to
}

func (p *people) Said(to string) (said []string) {
	recent := p.console.Recent(to)
	slices.Reverse(recent)
	for _, v := range append(recent, p.console.Calls(to)...) {
		said = append(said, v.Said...)
	}
	return said
}

// sit waits for a phone that rings and plays the script on it, once for each
// time that it began to ring.
func (p *people) sit(ctx context.Context, to string, s phonetest.Script) {
	var played time.Time
	for ctx.Err() == nil {
		changed := p.console.Watch()
		calls := p.console.Calls(to)
		if !s.Never && len(calls) > 0 && calls[0].State == console.Ringing && calls[0].Since != played {
			played = calls[0].Since
			p.play(ctx, to, calls[0].ID, s)
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// play goes on although a step fails: the call may be over, which the test
// sees by its result.
func (p *people) play(ctx context.Context, to, id string, s phonetest.Script) {
	pause(ctx, s.Answer)
	if s.Reject {
		_ = p.console.HangUp(ctx, to, id)
		return
	}
	_ = p.console.Answer(ctx, to, id)
	for _, step := range s.Then {
		pause(ctx, step.After)
		if step.HangUp {
			_ = p.console.HangUp(ctx, to, id)
		} else {
			_ = p.console.Key(ctx, to, id, step.Key)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
