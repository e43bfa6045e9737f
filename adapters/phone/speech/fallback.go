package speech

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

// A Fallback speaks with its first voice, with the second when that fails or
// takes too long, and gives Tone when both do. So it fails only when its
// context ends.
type Fallback struct {
	speakers [2]*speaker
	failed   func(error)
}

// NewFallback makes one. Each voice has so much patience; failed is told of
// every error that the next voice, or the tone, has made good: for the log
// and the metrics.
func NewFallback(first, second Voice, patience time.Duration, failed func(error)) *Fallback {
	return &Fallback{
		speakers: [2]*speaker{{voice: first, patience: patience}, {voice: second, patience: patience}},
		failed:   failed,
	}
}

// Speak implements Voice.
func (f *Fallback) Speak(ctx context.Context, lang string, s []phone.Sentence) ([]string, error) {
	for _, one := range f.speakers {
		media, err := one.speak(ctx, lang, s)
		if ctx.Err() != nil {
			return nil, &adapters.Error{Op: "speak", Code: adapters.Unavailable, Err: ctx.Err()}
		}
		if err == nil {
			return media, nil
		}
		f.failed(err)
	}
	return []string{Tone}, nil
}

// Wait returns when no voice speaks any more.
func (f *Fallback) Wait() {
	for _, one := range f.speakers {
		one.all.Wait()
	}
}

// maxStuck is how many calls of a voice may be left behind before it is not
// asked again: a disk that hangs must not gather a goroutine for each call of
// a night.
const maxStuck = 8

// A speaker is a voice that is not waited for longer than there is patience.
type speaker struct {
	voice    Voice
	patience time.Duration
	stuck    atomic.Int64 // calls that were left behind
	all      sync.WaitGroup
}

type spoken struct {
	media []string
	err   error
}

var (
	errImpatient = errors.New("it took too long")
	errStuck     = errors.New("earlier calls of it did not come back; look at the disk of the sounds folder and at the programs that speak")
	errSilent    = errors.New("it had nothing to say")
)

// speak leaves a voice behind that does not come back even when its context
// has ended, because the person's call must go on.
func (p *speaker) speak(ctx context.Context, lang string, s []phone.Sentence) ([]string, error) {
	if p.stuck.Load() >= maxStuck {
		return nil, p.failure(errStuck)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.patience, errImpatient)
	defer cancel()
	done := make(chan spoken, 1)
	p.all.Go(func() {
		media, err := p.voice.Speak(ctx, lang, s)
		done <- spoken{media, err}
	})
	select {
	case got := <-done:
		if got.err == nil && len(got.media) == 0 && len(s) > 0 {
			got.err = p.failure(errSilent)
		}
		return got.media, got.err
	case <-ctx.Done():
		p.leave(done)
		return nil, p.failure(context.Cause(ctx))
	}
}

// leave counts a call as stuck until it comes back.
func (p *speaker) leave(done <-chan spoken) {
	p.stuck.Add(1)
	p.all.Go(func() {
		<-done
		p.stuck.Add(-1)
	})
}

func (p *speaker) failure(err error) error {
	return &adapters.Error{Op: fmt.Sprintf("speak with %T", p.voice), Code: adapters.Unavailable, Err: err}
}
