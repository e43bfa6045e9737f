package asterisk

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// seeds is how many orders of events are tried in each case.
var seeds = flag.Uint64("seeds", 1, "how many orders of events the tests of faults try")

const (
	// mostTime is how long the call of these tests may take whatever breaks:
	// it rings 20 s, is said three times, and a broken connection costs it a
	// quarter of a minute.
	mostTime = 100 * time.Second
	// mostSwept is how long after the end of a fault a channel may be there
	// that no call has.
	mostSwept = strayTime + 2*sweepEvery + lastPause*3/2
)

// A shift is one call about which everything is held.
type shift struct {
	*world
	to     string
	id     string
	strike func() // once, in the state that it is for
	press  time.Duration

	mu        sync.Mutex
	striking  time.Duration // while a key works; negative is never
	committed string        // the key
	pressed   int
}

// person answers after 3 s, presses a wrong key at 6 s and 1 at 11 s.
func (w *world) shift(strikeInPress time.Duration) *shift {
	s := &shift{world: w, id: "page-7", press: time.Second, striking: strikeInPress}
	s.to = w.person(asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{
		{After: 3 * time.Second, Key: "9"}, {After: 5 * time.Second, Key: "1"},
	}})
	return s
}

func (s *shift) call() phone.Call {
	return phone.Call{
		ID: s.id, To: s.to, Lang: "en", Ring: 20 * time.Second, Repeat: 2,
		Prompt: phone.Texts("db1 is down.", "Since 5 minutes.", "Press 1."),
		Menu:   []phone.Choice{{Key: "1", Label: "acknowledge"}},
		Press:  s.pressKey,
	}
}

func (s *shift) pressKey(_ context.Context, key string) phone.Answer {
	s.mu.Lock()
	s.pressed++
	s.mu.Unlock()
	if key != "1" {
		return phone.Answer{Say: phone.Texts("No such key."), Again: true}
	}
	if s.striking >= 0 {
		time.Sleep(s.striking)
		s.strike()
	}
	time.Sleep(s.press)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committed = key
	return phone.Answer{Say: phone.Texts("It is yours.", "Thank you."), End: true, Result: phone.Acknowledged}
}

// hold checks what must be so whatever happened.
func (s *shift) hold(r phone.Result, err error, took time.Duration) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil && r.Outcome != "":
		s.t.Errorf("both a result and an error: %+v, %v", r, err)
	case err == nil && r.Outcome == "":
		s.t.Error("neither a result nor an error")
	case s.committed != "" && r.Outcome != phone.Acknowledged:
		s.t.Errorf("a key was committed, and the result is %+v, %v", r, err)
	case s.committed == "" && (r.Outcome == phone.Acknowledged || r.Outcome == phone.PassedOn):
		s.t.Errorf("nobody committed anything, and the result is %+v", r)
	case r.Outcome == phone.Failed && r.Cause == "":
		s.t.Error("a failed call has no cause")
	}
	if took > mostTime {
		s.t.Errorf("the result came after %v", took)
	}
}

// swept waits until nothing rings or talks any more.
func (s *shift) swept() {
	s.t.Helper()
	for until := time.Now().Add(mostSwept); len(s.fake.Channels()) > 0; time.Sleep(time.Second) {
		if time.Now().After(until) {
			s.t.Errorf("channels are left: %v", s.fake.Channels())
			return
		}
	}
}

func (s *shift) rangAtMost(times int) {
	s.t.Helper()
	rang := 0
	for _, c := range s.fake.Calls(s.to) {
		if c.Ended.IsZero() || c.Ended.Sub(c.Placed) > 100*time.Millisecond { // else Asterisk died before anybody could hear it
			rang++
		}
	}
	if rang > times {
		s.t.Errorf("the phone rang %d times: %+v", rang, s.fake.Calls(s.to))
	}
	if n := s.fake.MostAtOnceTo(s.to); n > 1 {
		s.t.Errorf("%d calls were on at one phone", n)
	}
}

// run makes the call and strikes at its time, or while a key works.
func (s *shift) run(at time.Duration) phone.Result {
	began := time.Now()
	var striking sync.WaitGroup
	if s.striking < 0 {
		striking.Go(func() {
			time.Sleep(at)
			s.strike()
		})
	}
	r, err := s.a.Call(s.t.Context(), s.call())
	took := time.Since(began)
	striking.Wait()
	s.hold(r, err, took)
	s.rangAtMost(1)
	return r
}

// A state of a call, and when it is in it.
type state struct {
	name  string
	at    time.Duration
	press bool // so long after a key began to work
}

var states = []state{
	{"before it", 0, false},
	{"originating", 500 * time.Microsecond, false},
	{"ringing", 1500 * time.Millisecond, false},
	{"just answered", 3001 * time.Millisecond, false},
	{"during a piece", 3500 * time.Millisecond, false},
	{"between pieces", 4002 * time.Millisecond, false},
	{"during an answer", 6900 * time.Millisecond, false},
	{"a key begins to work", 0, true},
	{"a key works", 900 * time.Millisecond, true},
	{"the last answer begins", 1001 * time.Millisecond, true},
	{"during the last answer", 1500 * time.Millisecond, true},
	{"hanging up", 3003 * time.Millisecond, true},
}

// A fault breaks something; what mends it again comes after a time.
type fault struct {
	name   string
	strike func(*asterisktest.Asterisk) (mend func())
	lasts  time.Duration
}

func nothing() {}

func faults() []fault {
	f := []fault{
		{"dies for a moment", func(a *asterisktest.Asterisk) func() { a.Die(); return a.Return }, 50 * time.Millisecond},
		{"dies", func(a *asterisktest.Asterisk) func() { a.Die(); return a.Return }, 40 * time.Second},
		{"loses the network for a moment", func(a *asterisktest.Asterisk) func() { a.Disconnect(); return a.Return }, time.Second},
		{"loses the network", func(a *asterisktest.Asterisk) func() { a.Disconnect(); return a.Return }, 40 * time.Second},
		{"hangs for a moment", func(a *asterisktest.Asterisk) func() { a.Hang(); return a.Resume }, 4 * time.Second},
		{"hangs", func(a *asterisktest.Asterisk) func() { a.Hang(); return a.Resume }, 60 * time.Second},
		{"drops the websocket", func(a *asterisktest.Asterisk) func() { a.DropSockets(); return nothing }, 0},
		{"freezes the websocket", func(a *asterisktest.Asterisk) func() { a.FreezeSockets(); return nothing }, 0},
		{"sends what nobody knows", func(a *asterisktest.Asterisk) func() { a.SendUnknown(); return nothing }, 0},
		{"is taken for a moment", func(a *asterisktest.Asterisk) func() { return a.TakeOver("tebiki") }, time.Second},
		{"is taken", func(a *asterisktest.Asterisk) func() { return a.TakeOver("tebiki") }, 40 * time.Second},
	}
	for name, bad := range badAnswers() {
		f = append(f, fault{"answers all with " + name, func(a *asterisktest.Asterisk) func() { a.Fail("*", -1, bad); return a.Mend }, 12 * time.Second})
	}
	return f
}

func badAnswers() map[string]asterisktest.Fault {
	return map[string]asterisktest.Fault{
		"500": {Status: http.StatusInternalServerError, Body: `{"error":"Internal"}`}, "503": asterisktest.Unavailable(), "429": asterisktest.TooMany(3 * time.Second),
		"401": {Status: http.StatusUnauthorized, Body: `{"message":"Authentication required"}`}, "403": {Status: http.StatusForbidden, Body: `{"message":"Write access denied"}`},
		"404": {Status: http.StatusNotFound, Body: `{"message":"Resource not found"}`}, "404 and a page": {Status: http.StatusNotFound, Body: "<html>The requested URL was not found on this server.</html>"},
		"a page":                    {Status: http.StatusOK, Body: "<html>welcome</html>"},
		"nothing after it was done": {LoseAnswer: true}, "a cut": {Cut: true}, "nothing": {Hang: true}, "a delay": {Delay: 30 * time.Second},
	}
}

// TestFaults: whatever breaks in whatever state of a call, the call has one
// result in its time, a key that was committed counts and no other does, the
// phone rings once, and soon after the fault no channel is left. That no
// goroutine is left is held by the bubble.
func TestFaults(t *testing.T) {
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, st := range states {
				for seed := range *seeds {
					t.Run(fmt.Sprint(st.name, " ", seed), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { meet(t, f, st, seed) })
					})
				}
			}
		})
	}
}

func meet(t *testing.T, f fault, st state, seed uint64) {
	w := newWorld(t, asterisktest.WithSeed(seed))
	inPress := time.Duration(-1)
	if st.press {
		inPress = st.at
	}
	s := w.shift(inPress)
	var mending sync.WaitGroup
	s.strike = func() {
		mend := f.strike(w.fake)
		mending.Go(func() {
			time.Sleep(f.lasts)
			mend()
		})
	}
	if st.press {
		// The key goes on working while the strike waits for its moment.
		strike := s.strike
		s.striking = 0
		s.strike = func() {
			mending.Go(func() {
				time.Sleep(st.at)
				strike()
			})
		}
	}
	s.run(st.at)
	mending.Wait()
	s.swept()
	w.worksAgain()
}

// worksAgain makes a call after everything is well.
func (w *world) worksAgain() {
	w.t.Helper()
	w.fake.Mend()
	w.connected()
	s := w.shift(-1)
	s.id, s.strike = "page-8", nothing
	if r := s.run(0); r.Outcome != phone.Acknowledged {
		w.t.Errorf("a call after the fault: %+v", r)
	}
	s.swept()
}
