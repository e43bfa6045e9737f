package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// over is what a resolved incident says to a call.
func over() phone.Answer {
	return phone.Answer{Say: phone.Texts("Sato has it."), End: true, Result: phone.Withdrawn}
}

// TestTakenBack: a call that is no longer needed falls silent within a second,
// however slow everything is; what was not begun is not begun.
func TestTakenBack(t *testing.T) {
	slow := asterisktest.Fault{Delay: 30 * time.Second}
	for _, c := range []struct {
		name  string
		spoil func(*world)
		at    time.Duration
		rings bool          // at all
		takes time.Duration // from then to the result; a request that is slow to hang up is waited for
	}{
		{"before it", func(*world) {}, 0, false, time.Second},
		{"as it rings", func(*world) {}, 5 * time.Second, true, time.Second},
		{"while it is spoken", func(w *world) { w.a.opt.Voice = slowVoice(8 * time.Second) }, 3 * time.Second, false, time.Second},
		{"while a new prompt is spoken", func(w *world) { w.a.opt.Voice = slowVoice(2 * time.Second) }, 3500 * time.Millisecond, true, time.Second},
		{"while the application is asked for", func(w *world) { w.fake.Fail("GET applications/*", -1, slow) }, 2 * time.Second, false, time.Second},
		{"while it is originated", func(w *world) { w.fake.Fail("POST channels", 1, slow) }, 2 * time.Second, false, time.Second},
		{"while Asterisk makes it slowly", func(w *world) { w.fake.Fail("POST channels", 1, asterisktest.Fault{Delay: 4 * time.Second}) }, 2 * time.Second, false, time.Second},
		{"while it is looked for", func(w *world) { w.fake.Fail("GET channels/*", -1, slow) }, 7 * time.Second, true, time.Second},
		{"while it is looked for after a break", func(w *world) {
			time.AfterFunc(4*time.Second, func() {
				w.fake.Fail("GET channels/*", -1, slow)
				w.fake.DropSockets()
			})
		}, 6 * time.Second, true, time.Second},
		{"while it is asked what became of it", func(w *world) {
			w.fake.Fail("POST channels", 1, asterisktest.Fault{Status: http.StatusInternalServerError})
			w.fake.Fail("GET channels/*", -1, slow)
		}, 2 * time.Second, false, time.Second},
		{"while it hangs up slowly", func(w *world) { w.fake.Fail("DELETE channels/*", 1, slow) }, 5 * time.Second, true, requestTime + endTime + time.Second},
		{"while Asterisk hangs", func(w *world) {
			time.AfterFunc(4*time.Second, w.fake.Hang)
			time.AfterFunc(9*time.Second, w.fake.Resume)
		}, 5 * time.Second, true, requestTime + endTime + time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				to := w.person(asterisktest.Script{Ending: asterisktest.Never})
				news := make(chan phone.Answer)
				call := w.call(to)
				call.News = news
				c.spoil(w)
				var taken time.Time
				done := make(chan struct{})
				go func() {
					defer close(done)
					if c.name == "while a new prompt is spoken" {
						time.Sleep(3 * time.Second)
						news <- phone.Answer{Prompt: phone.Texts("Another one.")}
					}
					time.Sleep(c.at)
					taken = time.Now()
					news <- over()
				}()
				r, err := w.a.Call(t.Context(), call)
				<-done
				if err != nil || r.Outcome != phone.Withdrawn {
					t.Errorf("%+v, %v", r, err)
				}
				if took := time.Since(taken); took > c.takes {
					t.Errorf("the result came %v after it was taken back", took)
				}
				time.Sleep(40 * time.Second)
				calls := w.fake.Calls(to)
				if (len(calls) > 0) != c.rings && !(len(calls) == 1 && calls[0].Ended.Sub(calls[0].Placed) < time.Second) {
					t.Errorf("it rang: %+v", calls)
				}
				if len(w.fake.Channels()) > 0 {
					t.Errorf("channels are left: %v", w.fake.Channels())
				}
			})
		})
	}
}

// TestTakenBackOnTheLine: while a talk is looked for after a break it ends
// within a second, too; and a prompt that is new then is the next one heard.
func TestTakenBackOnTheLine(t *testing.T) {
	for _, c := range []struct {
		name string
		news phone.Answer
		want phone.Outcome
		most time.Duration
	}{
		{"it ends", over(), phone.Withdrawn, time.Second},
		{"another prompt", phone.Answer{Prompt: phone.Texts("Another one.")}, phone.Acknowledged, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				to := w.person(asterisktest.Script{Answer: time.Second, Then: []asterisktest.Step{{After: 25 * time.Second, Key: "1"}}})
				call := w.call(to)
				news := make(chan phone.Answer)
				call.News = news
				var told time.Time
				time.AfterFunc(3*time.Second, func() {
					w.fake.Fail("GET channels/*", 1, asterisktest.Fault{Delay: 30 * time.Second})
					w.fake.DropSockets()
				})
				done := make(chan struct{})
				go func() {
					defer close(done)
					time.Sleep(5 * time.Second)
					told = time.Now()
					news <- c.news
				}()
				r, err := w.a.Call(t.Context(), call)
				<-done
				if took := time.Since(told); err != nil || r.Outcome != c.want || took > c.most {
					t.Errorf("%+v, %v after %v", r, err, took)
				}
				if heard := slices.Contains(w.said(to), "Another one."); heard != (c.news.Prompt != nil) {
					t.Errorf("heard were %q", w.said(to))
				}
				w.quiet()
			})
		})
	}
}

// slowVoice takes its time for each sentence.
type slowVoice time.Duration

func (v slowVoice) Speak(ctx context.Context, _ string, _ []phone.Sentence) ([]string, error) {
	return []string{speechOf}, adapters.Sleep(ctx, time.Duration(v))
}

const speechOf = "sound:hello-world"

// TestRingsAreHungUpAtOnce: the request that takes a ringing call back goes
// out within a second.
func TestRingsAreHungUpAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Ending: asterisktest.Never})
		news := make(chan phone.Answer)
		call := w.call(to)
		call.News = news
		w.fake.Fail("DELETE channels/*", -1, asterisktest.Fault{Delay: 3 * time.Second})
		var taken time.Time
		go func() {
			time.Sleep(5 * time.Second)
			taken = time.Now()
			news <- over()
		}()
		if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != phone.Withdrawn {
			t.Errorf("%+v, %v", r, err)
		}
		asked := w.fake.Requests("DELETE channels/*")
		if len(asked) == 0 || asked[0].At.Sub(taken) > time.Second {
			t.Errorf("it was taken back at %v and hung up by %+v", taken, asked)
		}
	})
}

// TestWithdrawnAnytime ends the call by its context, by news and by closed
// news at each moment: it is withdrawn, nobody is left, and who is on the line
// is told by news alone.
func TestWithdrawnAnytime(t *testing.T) {
	for at := time.Duration(0); at < 9*time.Second; at += 400 * time.Millisecond {
		for _, how := range []string{"context", "news", "closed"} {
			t.Run(fmt.Sprint(how, " ", at), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { withdraw(t, how, at) })
			})
		}
	}
}

func withdraw(t *testing.T, how string, at time.Duration) {
	w := newWorld(t)
	to := w.person(asterisktest.Script{Answer: 3 * time.Second})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	news := make(chan phone.Answer, 1)
	call := w.call(to)
	call.News = news
	began := time.Now()
	go func() {
		time.Sleep(at)
		switch how {
		case "context":
			cancel()
		case "news":
			news <- over()
		case "closed":
			close(news)
		}
	}()
	r, err := w.a.Call(ctx, call)
	if err != nil || r.Outcome != phone.Withdrawn || r.Answered.IsZero() != (at < 3*time.Second) {
		t.Errorf("%+v, %v", r, err)
	}
	if took := time.Since(began); took > at+1100*time.Millisecond {
		t.Errorf("it ended %v after its end", took-at)
	}
	told := false
	for _, said := range w.said(to) {
		told = told || said == "Sato has it."
	}
	if told != (how == "news" && at > 3*time.Second) {
		t.Errorf("%s: told %v; heard %q", how, told, w.said(to))
	}
	if left := w.fake.Channels(); len(left) > 0 {
		t.Errorf("channels are left: %v", left)
	}
}

// TestWaitingForAPhone: a call that waits for the end of another is taken
// back, too, and rings nothing.
func TestWaitingForAPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Ending: asterisktest.Never})
		first, second := w.call(to), w.call(to)
		news := make(chan phone.Answer)
		second.News = news
		done := make(chan struct{})
		go func() {
			defer close(done)
			if r, err := w.a.Call(t.Context(), first); err != nil || r.Outcome != phone.NotAnswered {
				t.Errorf("the first: %+v, %v", r, err)
			}
		}()
		go func() {
			time.Sleep(5 * time.Second)
			news <- over()
		}()
		time.Sleep(time.Second)
		began := time.Now()
		if r, err := w.a.Call(t.Context(), second); err != nil || r.Outcome != phone.Withdrawn || time.Since(began) > 5*time.Second {
			t.Errorf("the second: %+v, %v after %v", r, err, time.Since(began))
		}
		<-done
		if n := len(w.fake.Calls(to)); n != 1 {
			t.Errorf("it rang %d times", n)
		}
	})
}
