package outbox

import (
	"errors"
	"math/rand/v2"
	"time"
)

// Backoff bounds the pauses between attempts: the first is Min or a little
// more, each is about double the one before, none is longer than Max. Zero
// means 1 s and 1 min.
type Backoff struct{ Min, Max time.Duration }

func (b Backoff) orDefault() Backoff {
	if b.Min <= 0 {
		b.Min = time.Second
	}
	if b.Max <= 0 {
		b.Max = time.Minute
	}
	b.Max = max(b.Max, b.Min)
	return b
}

// step is the longest pause after so many failed attempts. The real one lies
// between its half and it, so that what failed together does not come back
// together.
func (b Backoff) step(failed int) time.Duration {
	step := b.Min
	for range failed {
		if step >= b.Max/2 {
			return b.Max
		}
		step *= 2
	}
	return step
}

func jitter(step time.Duration) time.Duration {
	return step/2 + rand.N(step/2+1)
}

// Error is a Handler's error that says when to try again.
type Error struct {
	Err   error
	After time.Duration // not sooner than this; 0: as the backoff says
	Pause bool          // the whole destination waits, not this lane alone
}

func (e Error) Error() string { return e.Err.Error() }
func (e Error) Unwrap() error { return e.Err }

// verdict is what follows from a failed attempt.
type verdict struct {
	step  time.Duration // the pause before jitter
	wait  time.Duration
	pause bool
}

// judge finds the pause after an attempt that failed with err, as the
// attempt-th in a row. A pause that was asked for gets its jitter on top.
func (b Backoff) judge(err error, attempt int) verdict {
	asked := asError(err)
	v := verdict{step: b.step(attempt), pause: asked.Pause}
	if asked.After > 0 {
		v.step = asked.After
		v.wait = asked.After + rand.N(min(asked.After/10, b.Max)+1)
		return v
	}
	v.wait = jitter(v.step)
	return v
}

// asError finds an Error in err, given as a value or by pointer.
func asError(err error) Error {
	var byPointer *Error
	if errors.As(err, &byPointer) && byPointer != nil {
		return *byPointer
	}
	var byValue Error
	errors.As(err, &byValue)
	return byValue
}
