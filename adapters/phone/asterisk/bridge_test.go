package asterisk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

func TestConnect(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		name    string
		other   asterisktest.Script
		caller  asterisktest.Script
		outcome phone.Outcome
		err     error
		most    time.Duration
	}{
		{"they talk, and the other hangs up", asterisktest.Script{Answer: 3 * s, Then: []asterisktest.Step{{After: 60 * s, HangUp: true}}}, steps(), phone.Heard, nil, 65 * s},
		{"they talk, and the caller hangs up", asterisktest.Script{Answer: 3 * s}, steps(asterisktest.Step{After: 30 * s, HangUp: true}), phone.Heard, nil, 31 * s},
		{"keys mean nothing", asterisktest.Script{Then: []asterisktest.Step{{After: s, Key: "123#"}, {After: 10 * s, HangUp: true}}}, steps(asterisktest.Step{After: 3 * s, Key: "*0#"}), phone.Heard, nil, 15 * s},
		{"busy", asterisktest.Script{Ending: asterisktest.Busy}, steps(), phone.Busy, nil, 2 * s},
		{"rejected", asterisktest.Script{Answer: 2 * s, Ending: asterisktest.Rejects}, steps(), phone.Unreachable, nil, 4 * s},
		{"never", asterisktest.Script{Ending: asterisktest.Never}, steps(), phone.NotAnswered, nil, 22 * s},
		{"unregistered", asterisktest.Script{Unregistered: true}, steps(), phone.Unreachable, nil, 2 * s},
		{"the caller hangs up while it rings", asterisktest.Script{Ending: asterisktest.Never}, steps(asterisktest.Step{After: 5 * s, HangUp: true}), phone.Withdrawn, phone.ErrHungUp, 6 * s},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(2) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, asterisktest.WithSeed(seed))
					to := w.person(c.other)
					w.visit(c.caller, func(ctx context.Context, l phone.Line) {
						began := time.Now()
						outcome, err := l.Connect(ctx, to, 20*s)
						if outcome != c.outcome || !errors.Is(err, c.err) {
							t.Errorf("%q, %v, want %q, %v", outcome, err, c.outcome, c.err)
						}
						if took := time.Since(began); took > c.most {
							t.Errorf("it took %v", took)
						}
						if len(w.fake.Calls(to)) > 0 && w.fake.OnLine(to) != nil {
							time.Sleep(100 * time.Millisecond)
							if w.fake.OnLine(to) != nil {
								t.Error("the other one is still on the line")
							}
						}
						if err == nil && c.caller.Then == nil && l.Say(ctx, "en", phone.Texts("Goodbye.")) != nil {
							t.Error("the caller cannot be spoken with any more")
						}
					})
				})
			}
		})
	}
}

// TestConnectUntold: a talk whose end nobody tells is over soon after it, and
// one of which nothing is told goes on for as long as its context.
func TestConnectUntold(t *testing.T) {
	const s, slack = time.Second, lookEvery + 3*lookAgain
	for _, c := range []struct {
		name    string
		other   asterisktest.Script
		caller  asterisktest.Script
		within  time.Duration // the context's
		outcome phone.Outcome
		err     error
		least   time.Duration
		most    time.Duration
	}{
		{"the other hangs up", asterisktest.Script{Answer: 3 * s, Then: []asterisktest.Step{{After: 60 * s, HangUp: true}}}, steps(), time.Hour, phone.Heard, nil, 63 * s, 63*s + slack},
		{"the caller hangs up", asterisktest.Script{Answer: 3 * s}, steps(asterisktest.Step{After: 60 * s, HangUp: true}), time.Hour, phone.Heard, nil, 59 * s, 60*s + slack},
		{"the caller hangs up while it rings", asterisktest.Script{Ending: asterisktest.Never}, steps(asterisktest.Step{After: 4 * s, HangUp: true}), time.Hour, phone.Withdrawn, phone.ErrHungUp, 4 * s, 4*s + slack},
		{"nobody hangs up", asterisktest.Script{Answer: 3 * s}, steps(), 3 * time.Hour, phone.Heard, context.DeadlineExceeded, 3 * time.Hour, 3*time.Hour + s},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				to := w.person(c.other)
				for _, end := range []string{"StasisEnd", "ChannelDestroyed", "ChannelHangupRequest"} {
					w.fake.Disturb(end, -1, asterisktest.Trouble{Lose: true})
				}
				w.visit(c.caller, func(ctx context.Context, l phone.Line) {
					ctx, cancel := context.WithTimeout(ctx, c.within)
					defer cancel()
					began := time.Now()
					outcome, err := l.Connect(ctx, to, 30*s)
					if outcome != c.outcome || !errors.Is(err, c.err) {
						t.Errorf("%q, %v, want %q, %v", outcome, err, c.outcome, c.err)
					}
					if took := time.Since(began); took < c.least || took > c.most {
						t.Errorf("it took %v, want %v to %v", took, c.least, c.most)
					}
				})
			})
		})
	}
}

// TestConnectHeard: the caller hears ringing until somebody answers, and then
// both are in one bridge.
func TestConnectHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Answer: 4 * time.Second, Then: []asterisktest.Step{{After: 10 * time.Second, HangUp: true}}})
		time.AfterFunc(8*time.Second, func() {
			for _, channels := range w.fake.Bridged() {
				if len(channels) != 2 {
					t.Errorf("%v are together", channels)
				}
			}
			if len(w.fake.Bridged()) != 1 {
				t.Errorf("bridges: %v", w.fake.Bridged())
			}
		})
		c := w.visit(steps(), func(ctx context.Context, l phone.Line) {
			if outcome, err := l.Connect(ctx, to, 20*time.Second); outcome != phone.Heard || err != nil {
				t.Errorf("%q, %v", outcome, err)
			}
		})
		heard := c.Heard()
		if len(heard) != 1 || heard[0].Media != "tone:ring" || heard[0].How != asterisktest.Stopped || heard[0].For > 5*time.Second {
			t.Errorf("the caller heard %+v", heard)
		}
	})
}

// TestConnectAnyMoment hangs up either side, or ends the context, at each
// moment: nobody is left on a line.
func TestConnectAnyMoment(t *testing.T) {
	for at := time.Millisecond; at < 6*time.Second; at += 333 * time.Millisecond {
		for _, who := range []string{"caller", "other", "context", "both"} {
			t.Run(fmt.Sprint(who, " ", at), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, asterisktest.WithSeed(uint64(at)))
					to := w.person(asterisktest.Script{Answer: 3 * time.Second})
					w.visit(steps(), func(ctx context.Context, l phone.Line) {
						ctx, cancel := context.WithTimeout(ctx, time.Minute)
						defer cancel()
						hang := time.AfterFunc(at, func() {
							if who == "context" {
								cancel()
							}
							if other := w.fake.OnLine(to); other != nil && (who == "other" || who == "both") {
								other.HangUp()
							}
							if who == "caller" || who == "both" {
								w.hangUpCallers()
							}
						})
						defer hang.Stop()
						began := time.Now()
						outcome, err := l.Connect(ctx, to, 20*time.Second)
						if outcome == "" && err == nil {
							t.Error("neither an outcome nor an error")
						}
						if took := time.Since(began); who != "other" && took > at+time.Second {
							t.Errorf("it ended after %v", took)
						}
					})
				})
			})
		}
	}
}

// hangUpCallers ends all channels that came from outside.
func (w *world) hangUpCallers() {
	for _, c := range w.fake.Calls() {
		if c.To == "" {
			_, _ = w.a.hangUp(context.Background(), c.Channel) // it may be gone
		}
	}
}

// TestOnePhoneOneCall: nobody is connected to a phone that a call is on.
func TestOnePhoneOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Answer: time.Second})
		var calling sync.WaitGroup
		call := w.call(to)
		calling.Go(func() { _, _ = w.a.Call(t.Context(), call) }) // it is heard by a voicemail box
		time.Sleep(2 * time.Second)
		w.visit(steps(), func(ctx context.Context, l phone.Line) {
			if outcome, err := l.Connect(ctx, to, 20*time.Second); outcome != phone.Busy || err != nil {
				t.Errorf("%q, %v", outcome, err)
			}
		})
		calling.Wait()
		if n := w.fake.MostAtOnceTo(to); n != 1 {
			t.Errorf("%d calls were on at one phone", n)
		}
	})
}
