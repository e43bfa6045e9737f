package phonetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/phone"
)

const (
	prompt  = "Disk full on db1."
	menu    = "Press 1 to acknowledge."
	thanks  = "Thank you."
	mistake = "There is no such key."
)

type bench struct {
	t      *testing.T
	kit    Kit
	phone  phone.Phone
	people People
}

// seconds is a time of the scripts.
func (b *bench) seconds(n int) time.Duration { return time.Duration(n) * b.kit.Second }

func (b *bench) person(s Script) (to string) {
	b.t.Helper()
	return b.people.Person(b.t, s)
}

// presser does what keys say, and keeps which were pressed.
type presser struct {
	t    *testing.T
	mu   sync.Mutex
	keys []string
	busy bool
}

// press acknowledges by 1, passes on by 2, repeats by 0; any other is a
// mistake.
func (p *presser) press(ctx context.Context, key string) phone.Answer {
	p.enter(key)
	defer p.leave()
	if ctx.Err() != nil {
		p.t.Errorf("Press(%q) was called with a context that had ended", key)
	}
	switch key {
	case "1":
		return phone.Answer{Say: phone.Texts(thanks), End: true, Result: phone.Acknowledged}
	case "2":
		return phone.Answer{Say: phone.Texts(thanks), End: true, Result: phone.PassedOn}
	case "0":
		return phone.Answer{Again: true}
	}
	return phone.Answer{Say: phone.Texts(mistake), Again: true}
}

func (p *presser) enter(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy {
		p.t.Error("Press was called while it was at work")
	}
	p.busy, p.keys = true, append(p.keys, key)
}

func (p *presser) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = false
}

func (p *presser) pressed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.keys)
}

// call is a usual call to a person, and what notes its keys.
func (b *bench) call(id, to string) (phone.Call, *presser) {
	p := &presser{t: b.t}
	return phone.Call{
		ID: id, To: to, Lang: "en", Ring: b.seconds(30), Prompt: phone.Texts(prompt, menu), Repeat: 2,
		Menu: []phone.Choice{{Key: "1", Label: "acknowledge"}, {Key: "2", Label: "pass on"}, {Key: "0", Label: "repeat"}},
		Press: func(ctx context.Context, key string) phone.Answer {
			return p.press(ctx, key)
		},
	}, p
}

// want places a call and holds its outcome against what is wanted.
func (b *bench) want(c phone.Call, outcome phone.Outcome) phone.Result {
	b.t.Helper()
	got, err := b.phone.Call(b.t.Context(), c)
	if err != nil || got.Outcome != outcome {
		b.t.Errorf("call %q: %+v, %v, want it %v", c.ID, got, err, outcome)
	}
	return got
}

func (b *bench) wantAnswered(r phone.Result, want bool) {
	b.t.Helper()
	if r.Answered.IsZero() == want {
		b.t.Errorf("answered at %v, want a time: %v", r.Answered, want)
	}
}

// said counts how often a sentence was said to somebody.
func (b *bench) said(to, sentence string) (n int) {
	for _, s := range b.people.Said(to) {
		if s == sentence {
			n++
		}
	}
	return n
}

func (b *bench) wantSaid(to, sentence string, times int) {
	b.t.Helper()
	if n := b.said(to, sentence); n != times {
		b.t.Errorf("%q was said %d times, want %d; all: %q", sentence, n, times, b.people.Said(to))
	}
}
