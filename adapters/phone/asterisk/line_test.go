package asterisk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

type answererFunc func(context.Context, phone.Line)

func (f answererFunc) Answer(ctx context.Context, l phone.Line) { f(ctx, l) }

// visit lets somebody call in and waits until nobody is on the line and the
// answerer has returned.
func (w *world) visit(s asterisktest.Script, answer answererFunc) *asterisktest.Caller {
	w.t.Helper()
	answered := make(chan struct{})
	w.a.SetAnswerer(answererFunc(func(ctx context.Context, l phone.Line) {
		defer close(answered)
		answer(ctx, l)
	}))
	c := w.fake.Dial("0312345678", s)
	<-answered
	w.quiet()
	w.unbridged()
	return c
}

// quiet holds that soon nobody is on any line.
func (w *world) quiet() {
	w.t.Helper()
	for until := time.Now().Add(mostSwept); len(w.fake.Channels()) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			w.t.Errorf("channels are left: %v", w.fake.Channels())
			return
		}
	}
}

// unbridged holds that no bridge is left.
func (w *world) unbridged() {
	w.t.Helper()
	if b := w.fake.Bridged(); len(b) > 0 {
		w.t.Errorf("bridges are left: %v", b)
	}
}

func steps(s ...asterisktest.Step) asterisktest.Script { return asterisktest.Script{Then: s} }

func TestAsk(t *testing.T) {
	one, pin := phone.Question{Say: phone.Texts("Which?", "One or two?"), Keys: 1, Repeat: 1}, phone.Question{Say: phone.Texts("Your PIN."), Keys: 6, Hash: true}
	s := time.Second
	for _, c := range []struct {
		name   string
		q      phone.Question
		script asterisktest.Script
		keys   string
		err    error
		within time.Duration
	}{
		{"one key", one, steps(asterisktest.Step{After: s, Key: "2"}), "2", nil, 2 * s},
		{"one key, late", one, steps(asterisktest.Step{After: 6 * s, Key: "2"}), "2", nil, 7 * s},
		{"at the second time", one, steps(asterisktest.Step{After: 9 * s, Key: "2"}), "2", nil, 10 * s},
		{"none", one, steps(), "", nil, 17 * s},
		{"a PIN", pin, steps(asterisktest.Step{After: s, Key: "4711#"}), "4711", nil, 5 * s},
		{"a full PIN", pin, steps(asterisktest.Step{After: s, Key: "123456"}), "123456", nil, 5 * s},
		{"a PIN without its end", pin, steps(asterisktest.Step{After: s, Key: "47"}), "47", nil, 9 * s},
		{"a PIN with a pause", pin, steps(asterisktest.Step{After: s, Key: "47"}, asterisktest.Step{After: 5 * s, Key: "11#"}), "4711", nil, 11 * s},
		{"only the end", pin, steps(asterisktest.Step{After: s, Key: "#"}), "", nil, 2 * s},
		{"stars", pin, steps(asterisktest.Step{After: s, Key: "*1#"}), "*1", nil, 4 * s},
		{"hash as a key", one, steps(asterisktest.Step{After: s, Key: "#"}), "#", nil, 2 * s},
		{"hung up", one, steps(asterisktest.Step{After: s, HangUp: true}), "", phone.ErrHungUp, 2 * s},
		{"hung up in silence", one, steps(asterisktest.Step{After: 5 * s, HangUp: true}), "", phone.ErrHungUp, 6 * s},
		{"hung up between keys", pin, steps(asterisktest.Step{After: s, Key: "47"}, asterisktest.Step{After: s, HangUp: true}), "47", phone.ErrHungUp, 4 * s},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.visit(c.script, func(ctx context.Context, l phone.Line) {
					began := time.Now()
					keys, err := l.Ask(ctx, "en", c.q)
					if keys != c.keys || !errors.Is(err, c.err) {
						t.Errorf("%q, %v, want %q, %v", keys, err, c.keys, c.err)
					}
					if took := time.Since(began); took > c.within {
						t.Errorf("it took %v", took)
					}
					if c.err != nil {
						wantDown(t, ctx, l)
					}
				})
			})
		})
	}
}

// wantDown holds that nothing works on a line that is down, at once.
func wantDown(t *testing.T, ctx context.Context, l phone.Line) {
	t.Helper()
	began := time.Now()
	say := l.Say(ctx, "en", phone.Texts("Hello?"))
	_, ask := l.Ask(ctx, "en", phone.Question{Keys: 1, Say: phone.Texts("Hello?")})
	_, record := l.Record(ctx, time.Minute)
	_, connect := l.Connect(ctx, "PJSIP/tanaka", time.Minute)
	for i, err := range []error{say, ask, record, connect} {
		if !errors.Is(err, phone.ErrHungUp) {
			t.Errorf("method %d on a line that is down: %v", i, err)
		}
	}
	if took := time.Since(began); took > 0 {
		t.Errorf("a line that is down took %v", took)
	}
}

func TestNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := w.fake.Dial("0312345678", steps())
		select {
		case <-c.Over():
		case <-time.After(5 * time.Second):
			t.Error("a caller whom nobody answers is not hung up")
		}
		if !c.Call().Answered.IsZero() {
			t.Error("they pay for it")
		}
	})
}

// TestLostCaller: somebody whose arrival was not told does not hear silence
// for long.
func TestLostCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Disturb("StasisStart", 1, asterisktest.Trouble{Lose: true})
		w.fake.Dial("0312345678", steps())
		time.Sleep(strayTime - time.Second)
		w.quiet()
	})
}

// TestCallerComesTwice: an arrival that is told again is one caller.
func TestCallerComesTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Disturb("StasisStart", -1, asterisktest.Trouble{Times: 3})
		w.visit(steps(asterisktest.Step{After: 5 * time.Second, HangUp: true}), func(ctx context.Context, l phone.Line) {
			_ = l.Say(ctx, "en", phone.Texts("a", "b", "c", "d", "e", "f")) // until they hang up; twice would panic
		})
	})
}

func TestHostileNumbers(t *testing.T) {
	for _, number := range []string{
		"", "anonymous", "0312345678", "+81 3 1234 5678", "<script>alert(1)</script>", "a\nb\r\n level=ERROR x", "\x00\x1b[31m", strings.Repeat("9", 5000), "日本\u202e", `"; DROP`, "\xff\xfe",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			answered := make(chan string, 1)
			w.a.SetAnswerer(answererFunc(func(_ context.Context, l phone.Line) { answered <- l.Caller() }))
			w.fake.Dial(number, steps())
			got := <-answered
			if len(got) > 70 || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' || r == unicode.ReplacementChar }) {
				t.Errorf("%q came as %q", number, got)
			}
			if plain := "0312345678"; number == plain && got != plain {
				t.Errorf("%q came as %q", number, got)
			}
			w.quiet()
		})
	}
}

func TestFiftyCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, asterisktest.WithSeed(1))
		var mu sync.Mutex
		said := map[string]string{}
		w.a.SetAnswerer(answererFunc(func(ctx context.Context, l phone.Line) {
			keys, err := l.Ask(ctx, "en", phone.Question{Say: phone.Texts("Your number."), Keys: 9, Hash: true})
			rec, bad := l.Record(ctx, time.Minute)
			if err != nil || bad != nil || rec.WAV == nil {
				t.Errorf("%s: %v, %v", l.Caller(), err, bad)
			}
			mu.Lock()
			defer mu.Unlock()
			said[l.Caller()] = keys
		}))
		for i := range 50 {
			w.fake.Dial(fmt.Sprint(1000+i), steps(asterisktest.Step{After: time.Second, Key: fmt.Sprint(i, "#")}, asterisktest.Step{After: 3 * time.Second, Say: 4 * time.Second}, asterisktest.Step{HangUp: i%2 == 0, Key: "#"}))
		}
		time.Sleep(time.Minute)
		w.quiet()
		mu.Lock()
		defer mu.Unlock()
		for i := range 50 {
			if got := said[fmt.Sprint(1000+i)]; got != fmt.Sprint(i) {
				t.Errorf("caller %d pressed %q", i, got)
			}
		}
		if n := len(w.fake.Stored()); n != 0 {
			t.Errorf("%d recordings are kept", n)
		}
	})
}

// TestProcessEndsOnALine: who is on the line is hung up, and what they have
// said until then stays at Asterisk.
func TestProcessEndsOnALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		time.AfterFunc(6*time.Second, w.stop)
		w.visit(steps(asterisktest.Step{After: time.Second, Say: time.Minute}), func(ctx context.Context, l phone.Line) {
			if _, err := l.Record(ctx, time.Minute); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
		w.stop()
		if n := len(w.fake.Stored()); n != 1 {
			t.Errorf("%d recordings are kept", n)
		}
	})
}

// TestLineFaults: whatever breaks, whatever somebody on the line is doing,
// their visit ends in its time, and nobody is left on any line.
func TestLineFaults(t *testing.T) {
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, at := range []time.Duration{time.Millisecond, 6 * time.Second, 17 * time.Second, 25 * time.Second} {
				t.Run(fmt.Sprint(at), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { visitMeets(t, f, at) })
				})
			}
		})
	}
}

// visitMeets is a caller who is asked (until 4 s), speaks (until 14 s), and is
// connected (it rings until 18 s).
func visitMeets(t *testing.T, f fault, at time.Duration) {
	w := newWorld(t, asterisktest.WithSeed(uint64(at)))
	to := w.person(asterisktest.Script{Answer: 4 * time.Second, Then: []asterisktest.Step{{After: 10 * time.Second, HangUp: true}}})
	var mending sync.WaitGroup
	mending.Go(func() {
		time.Sleep(at)
		mend := f.strike(w.fake)
		time.Sleep(f.lasts)
		mend()
	})
	visits := 0
	w.a.SetAnswerer(answererFunc(func(ctx context.Context, l phone.Line) {
		if visits++; visits > 1 {
			t.Error("one caller was answered twice")
		}
		began := time.Now()
		_, err := l.Ask(ctx, "en", phone.Question{Say: phone.Texts("Which?"), Keys: 1, Repeat: 1})
		if err == nil {
			_, err = l.Record(ctx, 9*time.Second)
		}
		if !errors.Is(err, phone.ErrHungUp) {
			_, _ = l.Connect(ctx, to, 20*time.Second) // it ends, in whatever way
		}
		if took := time.Since(began); took > 4*time.Minute {
			t.Errorf("the visit took %v", took)
		}
	}))
	w.fake.Dial("0312345678", steps(asterisktest.Step{After: 3 * time.Second, Key: "3"}, asterisktest.Step{After: 2 * time.Second, Say: 20 * time.Second}))
	mending.Wait()
	time.Sleep(5 * time.Minute)
	w.quiet()
	if f.name != "answers all with 404" { // an Asterisk that says that a bridge is gone is believed
		w.unbridged()
	}
}

// TestCallerOutlivesTheOther: a connection that breaks as the other one goes
// does not cost the caller the line.
func TestCallerOutlivesTheOther(t *testing.T) {
	for _, c := range []struct {
		name  string
		other asterisktest.Script
		at    time.Duration
	}{
		{"ringing", asterisktest.Script{Answer: 3 * time.Second, Ending: asterisktest.Rejects}, 2999 * time.Millisecond},
		{"talking", asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{{After: 5 * time.Second, HangUp: true}}}, 7999 * time.Millisecond},
	} {
		for seed := range uint64(4) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, asterisktest.WithSeed(seed))
				to := w.person(c.other)
				w.visit(steps(), func(ctx context.Context, l phone.Line) {
					time.AfterFunc(c.at, w.fake.DropSockets)
					_, _ = l.Connect(ctx, to, 20*time.Second) // whatever it was
					if err := l.Say(ctx, "en", phone.Texts("Goodbye.")); err != nil {
						t.Errorf("%s: the caller is gone: %v", c.name, err)
					}
				})
			})
		}
	}
}

// TestReadmesArgument: the dialplan of the README sends callers here as such.
func TestReadmesArgument(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if calls, ours := strings.Count(string(page), "Stasis("), strings.Count(string(page), ","+inbound+")"); calls == 0 || calls != ours {
		t.Errorf("%d of %d lines have the argument %s", ours, calls, inbound)
	}
}
