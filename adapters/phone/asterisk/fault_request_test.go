package asterisk

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// TestEachRequestFails lets each request of a call in turn meet each bad
// answer, once and three times.
func TestEachRequestFails(t *testing.T) {
	requests := 0
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Forget()
		s := w.shift(-1)
		s.strike = nothing
		s.run(0)
		requests = w.fake.Count()
	})
	if requests < 10 {
		t.Fatalf("a call made %d requests", requests)
	}
	for name, bad := range badAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for nth := range requests {
				for _, times := range thorough([]int{1, 3}) {
					t.Run(fmt.Sprint(nth, "x", times), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { failNth(t, bad, nth, times) })
					})
				}
			}
		})
	}
}

func failNth(t *testing.T, bad asterisktest.Fault, nth, times int) {
	w := newWorld(t)
	w.fake.Fail("*", nth, asterisktest.Fault{}) // these are as they should be
	w.fake.Fail("*", times, bad)
	s := w.shift(-1)
	s.strike = nothing
	s.run(0)
	s.swept()
}

// thorough is the first of many cases, or all of them with more than one seed.
func thorough[T any](cases []T) []T {
	if *seeds > 1 {
		return cases
	}
	return cases[:1]
}

// TestEventsAreDisturbed lets each kind of event be lost, come twice and come
// late: all of them, or the first one.
func TestEventsAreDisturbed(t *testing.T) {
	kinds := []string{"*"}
	for kind := range concerns {
		kinds = append(kinds, kind)
	}
	for name, trouble := range map[string]asterisktest.Trouble{
		"lost": {Lose: true}, "twice": {Times: 2}, "five times": {Times: 5}, "late": {Delay: 700 * time.Millisecond}, "very late": {Delay: 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range kinds {
				for _, local := range []bool{false, true} {
					for _, n := range thorough([]int{-1, 1}) {
						t.Run(fmt.Sprint(kind, n, local), func(t *testing.T) {
							synctest.Test(t, func(t *testing.T) { disturb(t, kind, n, trouble, local) })
						})
					}
				}
			}
		})
	}
}

func disturb(t *testing.T, kind string, n int, trouble asterisktest.Trouble, local bool) {
	w := newWorld(t)
	w.fake.Disturb(kind, n, trouble)
	s := w.shift(-1)
	if local {
		s.to = strings.Replace(s.to, "PJSIP/person", "Local/someone", 1) + "@phones"
		w.fake.Person(s.to, asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{
			{After: 3 * time.Second, Key: "9"}, {After: 5 * time.Second, Key: "1"},
		}})
	}
	s.strike = nothing
	s.run(0)
	s.swept()
}

// TestLostEventsCostSeconds: what an event does not tell is asked for, and the
// person on the line hears the prompt soon.
func TestLostEventsCostSeconds(t *testing.T) {
	for _, c := range []struct {
		kind    string
		script  asterisktest.Script
		outcome phone.Outcome
		within  time.Duration
	}{
		{"StasisStart", asterisktest.Script{Answer: 2 * time.Second, Then: []asterisktest.Step{{After: 9 * time.Second, Key: "1"}}}, phone.Acknowledged, 14 * time.Second},
		{"PlaybackFinished", asterisktest.Script{Answer: 2 * time.Second, Then: []asterisktest.Step{{After: 30 * time.Second, Key: "1"}}}, phone.Acknowledged, 44 * time.Second},
		{"ChannelDestroyed", asterisktest.Script{Answer: 2 * time.Second, Ending: asterisktest.Busy}, phone.Busy, 12 * time.Second},
		{"ChannelDestroyed", asterisktest.Script{Answer: 2 * time.Second, Then: []asterisktest.Step{{After: time.Second, HangUp: true}}}, phone.Heard, 6 * time.Second},
	} {
		t.Run(fmt.Sprint(c.kind, " ", c.outcome), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.fake.Disturb(c.kind, -1, asterisktest.Trouble{Lose: true})
				call := w.call(w.person(c.script))
				began := time.Now()
				if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != c.outcome {
					t.Errorf("%+v, %v, want %s", r, err, c.outcome)
				}
				if took := time.Since(began); took > c.within {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestProcessDies kills the process again and again within a call and starts
// another, which makes the call again: the channel that is still there is
// gone on with, with the prompt from its start.
func TestProcessDies(t *testing.T) {
	for _, away := range thorough([]time.Duration{2 * time.Second, 100 * time.Millisecond, 8 * time.Second}) {
		for at := time.Duration(0); at < 15*time.Second; at += 700 * time.Millisecond {
			t.Run(fmt.Sprint(away, " ", at), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { killAt(t, at, away) })
			})
		}
	}
}

func killAt(t *testing.T, at, away time.Duration) {
	w := newWorld(t)
	s := w.shift(-1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = s.a.Call(ctx, s.call()) // nobody is there to read it
	}()
	time.Sleep(at)
	w.kill()
	cancel()
	<-done
	over := len(w.fake.Channels()) == 0
	time.Sleep(away)
	found := len(w.fake.Channels()) > 0
	w.start()
	w.connected()
	s.mu.Lock()
	s.committed = ""
	s.mu.Unlock()
	began := time.Now()
	r, err := s.a.Call(t.Context(), s.call())
	s.hold(r, err, time.Since(began))
	if found && !over {
		s.rangAtMost(1)
	}
	if r.Answered.IsZero() {
		t.Errorf("the call made again was answered by nobody: %+v", r)
	}
	if said := w.said(s.to); len(said) < 3 || said[len(said)-1] != "Thank you." && r.Outcome == phone.Acknowledged {
		t.Errorf("%s was said: %q", s.to, said)
	}
	s.swept()
}

// TestNobodyCallsAgain: what a process that died has left is hung up.
func TestNobodyCallsAgain(t *testing.T) {
	for _, at := range []time.Duration{time.Second, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s := w.shift(-1)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); _, _ = s.a.Call(ctx, s.call()) }()
			time.Sleep(at)
			w.kill()
			cancel()
			<-done
			w.start()
			w.connected()
			time.Sleep(strayTime - time.Second)
			if len(w.fake.Channels()) == 0 {
				t.Error("the call was hung up before it could be made again")
			}
			time.Sleep(3 * sweepEvery)
			if left := w.fake.Channels(); len(left) > 0 {
				t.Errorf("channels are left: %v", left)
			}
		})
	}
}

// TestOthersAreLeftAlone: another application's calls are nobody's business.
func TestOthersAreLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Answer: time.Second})
		defer w.fake.TakeOver("tebiki-staging")()
		if status, err := w.a.request(t.Context(), "POST", "/channels", map[string]any{"endpoint": to, "app": "tebiki-staging", "channelId": prefix + "other"}, nil); err != nil {
			t.Fatal(status, err)
		}
		time.Sleep(3 * time.Minute)
		if len(w.fake.Channels()) != 1 {
			t.Error("the sweeper hung up the call of another application")
		}
		if _, err := w.a.hangUp(t.Context(), prefix+"other"); err != nil {
			t.Fatal(err)
		}
	})
}
