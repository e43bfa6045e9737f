package hotline

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"tebiki/adapters/phone"
)

// turnAway tells a caller that all lines are busy.
func (v *visit) turnAway() error {
	leave, ok := v.doors.turn(v.Lines)
	if !ok {
		return errAllBusy
	}
	defer leave()
	v.lastWords("hotline.busy")
	return errAllBusy
}

// lastWords are said when the time for everything else has ended. Whether
// they were heard changes nothing.
func (v *visit) lastWords(key string) {
	ctx, cancel := context.WithTimeout(v.call, maxWords)
	defer cancel()
	_ = v.line.Say(ctx, v.p.Lang(), []phone.Sentence{v.sentence(key)})
}

// A Result is how a call ended.
type Result string

// The results.
const (
	Done    Result = "done"
	HungUp  Result = "hung up" // the caller, which is how most calls end
	Silent  Result = "nothing pressed"
	TooLong Result = "too long"
	Wrong   Result = "wrong PINs"
	Busy    Result = "busy"
	CutOff  Result = "cut off" // the process ends
	Failed  Result = "failed"
)

// result says what an error means for the call, and the caller's last words.
func (v *visit) result(err error) (r Result, words string) {
	switch {
	case err == nil:
		return Done, "hotline.bye"
	case errors.Is(err, phone.ErrHungUp):
		return HungUp, ""
	case errors.Is(err, errAllBusy):
		return Busy, ""
	case errors.Is(v.call.Err(), context.DeadlineExceeded): // phone.LongestVisit
		return TooLong, ""
	case v.call.Err() != nil:
		return CutOff, ""
	case errors.Is(err, errPIN):
		return Wrong, "hotline.pin.end"
	case errors.Is(err, errSilent), errors.Is(err, errLost):
		return Silent, "hotline.bye"
	case errors.Is(err, errEnough), v.ctx.Err() != nil:
		return TooLong, "hotline.toolong"
	}
	return Failed, ""
}

// end says good-bye, and writes who called and what they did.
func (v *visit) end(err error) {
	r, words := v.result(err)
	if words != "" {
		v.lastWords(words)
	}
	v.figures.ended(r)
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("call", v.line.ID()), slog.String("caller", v.number), slog.String("result", string(r)),
		slog.Any("did", v.did), slog.Duration("took", time.Since(v.began))}
	if v.known {
		attrs = append(attrs, slog.String("person", v.person.ID), slog.String("known_by", v.how))
	}
	if r == Failed {
		level = slog.LevelWarn
		attrs = append(attrs, slog.Any("err", err))
	}
	v.Log.LogAttrs(context.WithoutCancel(v.call), level, "somebody called", attrs...)
}

// Figures are what is counted since the start.
type Figures struct {
	Talking   int // callers now
	Calls     map[Result]uint64
	WrongPINs uint64
	Reports   uint64
	Unheard   uint64 // reports without their recording
	Lost      uint64 // reports that could not be stored: the caller was told
}

type figures struct {
	mu sync.Mutex
	n  Figures
}

// Figures gives the counts of now.
func (f *Flow) Figures() Figures {
	f.figures.mu.Lock()
	defer f.figures.mu.Unlock()
	n := f.figures.n
	n.Calls = maps.Clone(n.Calls)
	n.Talking = f.doors.count()
	return n
}

func (f *figures) ended(r Result) {
	f.count(func(n *Figures) {
		if n.Calls == nil {
			n.Calls = map[Result]uint64{}
		}
		n.Calls[r]++
	})
}

func (f *figures) wrongPIN() { f.count(func(n *Figures) { n.WrongPINs++ }) }

func (f *figures) count(fn func(*Figures)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn(&f.n)
}
