package asterisk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/adapters/phone/speech"
)

// heard is what an endpoint has heard, and how it ended.
func (w *world) heard(to string) (heard []string) {
	for _, h := range w.fake.Heard(to) {
		heard = append(heard, fmt.Sprint(h.Media, " ", h.How))
	}
	return heard
}

func anyHas(heard []string, prefix string) bool {
	return slices.ContainsFunc(heard, func(h string) bool { return strings.HasPrefix(h, prefix) })
}

// TestPromptIsPlayedAnotherWay: a person never hears silence while there is
// anything that can be played, and a key always works.
func TestPromptIsPlayedAnotherWay(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*world)
		hears string // the last resort that is heard
	}{
		{"nothing is wrong", func(*world) {}, "sound:spoken/0 finished"},
		{"the sounds are missing", func(w *world) { w.voice.holes = true }, "sound:spare/0 finished"},
		{"all sounds are missing", func(w *world) { w.voice.holes, w.spare.holes = true, true }, speech.Tone},
		{"nothing speaks", func(w *world) { w.voice.fail = errors.New("broken") }, speech.Tone},
		{"sounds are missing, and nothing else speaks", func(w *world) { w.voice.holes, w.spare.fail = true, errors.New("broken") }, speech.Tone},
		{"playing fails three times", func(w *world) { w.fake.Fail("POST channels/*/play/*", 3, asterisktest.Fault{Status: 500}) }, "sound:spoken/0 finished"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				c.spoil(w)
				to := w.person(asterisktest.Script{Answer: time.Second, Then: []asterisktest.Step{{After: 20 * time.Second, Key: "1"}}})
				w.wantCall(to, phone.Result{Outcome: phone.Acknowledged})
				if heard := w.heard(to); !anyHas(heard, c.hears) {
					t.Errorf("%q was not heard: %q", c.hears, heard)
				}
			})
		})
	}
}

// TestMenuGoesOnInSilence: when nothing at all can be played keys work, and
// without one the call has failed: nobody has heard anything.
func TestMenuGoesOnInSilence(t *testing.T) {
	for key, want := range map[string]phone.Outcome{"1": phone.Acknowledged, "": phone.Failed} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.fake.Fail("POST channels/*/play/*", -1, asterisktest.Fault{Status: 500})
			var then []asterisktest.Step
			if key != "" {
				then = []asterisktest.Step{{After: 5 * time.Second, Key: key}}
			}
			r, err := w.a.Call(t.Context(), w.call(w.person(asterisktest.Script{Then: then})))
			if err != nil || r.Outcome != want || r.Again != (want == phone.Failed) {
				t.Errorf("key %q: %+v, %v, want %s", key, r, err, want)
			}
			if w.counted("prompt failed") == 0 {
				t.Error("no metric counts it")
			}
		})
	}
}

// TestKeysStopAnyPiece presses at every moment of a prompt of five pieces.
func TestKeysStopAnyPiece(t *testing.T) {
	for at := 100 * time.Millisecond; at < 5*time.Second; at += 300 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			to := w.person(asterisktest.Script{Then: []asterisktest.Step{{After: at, Key: "1"}}})
			call := w.call(to)
			call.Prompt = phone.Texts("a", "b", "c", "d", "e")
			began := time.Now()
			if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != phone.Acknowledged {
				t.Fatalf("a key after %v: %+v, %v", at, r, err)
			}
			if took := time.Since(began); took > at+1700*time.Millisecond { // "Thank you." is a second
				t.Errorf("a key after %v: the call took %v", at, took)
			}
			for _, h := range w.fake.Heard(to) {
				if h.How != asterisktest.Finished && h.How != asterisktest.Stopped {
					t.Errorf("a key after %v: %+v", at, h)
				}
			}
		})
	}
}

// TestKeysPressedAhead: what is pressed while a key works is done after it, in
// order, and nothing that follows the end is.
func TestKeysPressedAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Then: []asterisktest.Step{{After: time.Second, Key: "35791359"}}})
		call := w.call(to)
		var pressed []string
		press := call.Press
		call.Press = func(ctx context.Context, key string) phone.Answer {
			pressed = append(pressed, key)
			time.Sleep(3 * time.Second)
			return press(ctx, key)
		}
		if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != phone.Acknowledged {
			t.Errorf("%+v, %v", r, err)
		}
		if got := strings.Join(pressed, ""); got != "35791" {
			t.Errorf("pressed %s", got)
		}
	})
}

// mixed is a voice that gives media as they are.
type mixed []string

func (m mixed) Speak(context.Context, string, []phone.Sentence) ([]string, error) { return m, nil }

// TestUnstoppable: digits and numbers go on when they are stopped; a key is
// acted on all the same.
func TestUnstoppable(t *testing.T) {
	for _, media := range []string{"digits:0123456789012345678901234567890123456789", "number:123456789"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.a.opt.Voice = mixed{media}
			to := w.person(asterisktest.Script{Then: []asterisktest.Step{{After: 500 * time.Millisecond, Key: "1"}}})
			call := w.call(to)
			var acted time.Duration
			began := time.Now()
			call.Press = func(context.Context, string) phone.Answer {
				acted = time.Since(began)
				return phone.Answer{End: true, Result: phone.Acknowledged}
			}
			if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != phone.Acknowledged {
				t.Errorf("%+v, %v", r, err)
			}
			if acted > time.Second {
				t.Errorf("the key was acted on after %v", acted)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("the call took %v", took)
			}
			if w.fake.Count("DELETE playbacks/*") == 0 {
				t.Error("nothing was to be stopped")
			}
		})
	}
}

// TestNeverSaidToEnd: Asterisk never tells the end of a number that is none.
func TestNeverSaidToEnd(t *testing.T) {
	for _, media := range []string{"number:no", "recording:gone", "unknown:scheme"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.a.opt.Voice = mixed{media}
			began := time.Now()
			to := w.person(asterisktest.Script{Then: []asterisktest.Step{{After: 10 * time.Second, Key: "1"}}})
			w.wantCall(to, phone.Result{Outcome: phone.Acknowledged})
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("%s: the call took %v", media, took)
			}
		})
	}
}

// TestLastWordsAreSaid: what happens while the confirmation is said does not
// cut it off, nor does a key.
func TestLastWordsAreSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Then: []asterisktest.Step{{After: time.Second, Key: "12"}}})
		call := w.call(to)
		news := make(chan phone.Answer, 1)
		call.News = news
		press := call.Press
		call.Press = func(ctx context.Context, key string) phone.Answer {
			news <- phone.Answer{Say: phone.Texts("It is over."), End: true, Result: phone.Withdrawn} // which the key itself has caused
			return press(ctx, key)
		}
		if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != phone.Acknowledged {
			t.Errorf("%+v, %v", r, err)
		}
		heard := w.fake.Heard(to)
		if last := heard[len(heard)-1]; w.voice.text(last.Media) != "Thank you." || last.How != asterisktest.Finished {
			t.Errorf("the last words were %+v", last)
		}
	})
}

// TestPressOutlivesTheCaller: a key that was committed counts although the
// call was taken back meanwhile, and one that comes after is not pressed.
func TestPressAndTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Then: []asterisktest.Step{{After: time.Second, Key: "1"}}})
		call := w.call(to)
		ctx, cancel := context.WithCancel(t.Context())
		press := call.Press
		call.Press = func(inner context.Context, key string) phone.Answer {
			cancel()
			<-inner.Done()
			return press(inner, key)
		}
		if r, err := w.a.Call(ctx, call); err != nil || r.Outcome != phone.Acknowledged {
			t.Errorf("committed while the context ended: %+v, %v", r, err)
		}
	})
}

// TestManyCallsTalkAtOnce: events of one call do not reach another.
func TestManyCallsTalkAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, asterisktest.WithSeed(5))
		var all sync.WaitGroup
		for i := range 60 {
			key := fmt.Sprint(1 + i%2)
			to := w.person(asterisktest.Script{Answer: time.Duration(i%7) * time.Second, Then: []asterisktest.Step{{After: time.Duration(i%5) * time.Second, Key: "0" + key}}})
			call := w.call(to)
			all.Go(func() {
				r, err := w.a.Call(t.Context(), call)
				if want := map[string]phone.Outcome{"1": phone.Acknowledged, "2": phone.PassedOn}[key]; err != nil || r.Outcome != want {
					t.Errorf("call %d: %+v, %v, want %s", i, r, err, want)
				}
			})
		}
		all.Wait()
	})
}

// TestTonesEnd: a tone, which has no end of its own, does not keep what comes
// after it from being heard, whatever request about it breaks.
func TestTonesEnd(t *testing.T) {
	for name, spoil := range map[string]func(*world){
		"the websocket breaks": func(w *world) { time.AfterFunc(2*time.Second, w.fake.DropSockets) },
		"it is not stopped":    func(w *world) { w.fake.Fail("DELETE playbacks/*", 2, asterisktest.Unavailable()) },
		"its answer is lost":   func(w *world) { w.fake.Fail("POST channels/*/play/*", 1, asterisktest.Fault{LoseAnswer: true}) },
		"all answers are lost": func(w *world) {
			time.AfterFunc(900*time.Millisecond, func() { w.fake.Fail("*", -1, asterisktest.Fault{LoseAnswer: true}) })
			time.AfterFunc(9*time.Second, w.fake.Mend)
		},
		"its request is slow":   func(w *world) { w.fake.Fail("POST channels/*/play/*", 1, asterisktest.Fault{Delay: 4 * time.Second}) },
		"it cannot be asked of": func(w *world) { w.fake.Fail("GET playbacks/*", -1, asterisktest.Unavailable()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.a.opt.Voice, w.a.opt.Spare = mixed{speech.Tone, "sound:hello-world"}, mixed{speech.Tone}
				to := w.person(asterisktest.Script{Answer: time.Second, Then: []asterisktest.Step{{After: 40 * time.Second, HangUp: true}}})
				spoil(w)
				if r, err := w.a.Call(t.Context(), w.call(to)); err != nil || r.Outcome != phone.Heard {
					t.Errorf("%+v, %v", r, err)
				}
				if heard := w.heard(to); !anyHas(heard, "sound:hello-world finished") {
					t.Errorf("heard %q", heard)
				}
			})
		})
	}
}
