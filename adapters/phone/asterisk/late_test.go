package asterisk

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// TestHangUpIsTriedAgain: a call that could not be hung up falls silent soon.
func TestHangUpIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		call := w.call(w.person(asterisktest.Script{Ending: asterisktest.Never}))
		w.fake.Fail("DELETE channels/*", 1, asterisktest.Unavailable())
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if r, err := w.a.Call(ctx, call); err != nil || r.Outcome != phone.Withdrawn {
			t.Errorf("%+v, %v", r, err)
		}
		time.Sleep(sweepEvery)
		if left := w.fake.Channels(); len(left) > 0 {
			t.Errorf("channels are left: %v", left)
		}
	})
}

// TestLateOriginate: a phone that Asterisk rings only when nobody wants it any
// more rings for a moment.
func TestLateOriginate(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, asterisktest.WithSeed(seed))
			to := w.person(asterisktest.Script{Ending: asterisktest.Never})
			call := w.call(to)
			news := make(chan phone.Answer)
			call.News = news
			w.a.http.Transport = hanging{w.a.http.Transport, w.fake}
			time.AfterFunc(4*time.Second, w.fake.Resume)
			go func() {
				time.Sleep(2 * time.Second)
				news <- over()
			}()
			if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != phone.Withdrawn {
				t.Errorf("%+v, %v", r, err)
			}
			time.Sleep(2 * sweepEvery)
			for _, c := range w.fake.Calls(to) {
				if c.Ended.IsZero() || c.Ended.Sub(c.Placed) > time.Second {
					t.Errorf("it rang: %+v", c)
				}
			}
		})
	}
}

// hanging stops Asterisk as an originate is on its way to it.
type hanging struct {
	http.RoundTripper
	fake *asterisktest.Asterisk
}

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.URL.Path == "/ari/channels" {
		h.fake.Hang()
	}
	return h.RoundTripper.RoundTrip(r)
}

// TestFoundAtTheThirdTime: an answer that breaks after the connection came
// back does not end a call.
func TestFoundAtTheThirdTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		time.AfterFunc(3*time.Second, func() {
			w.fake.Fail("GET channels/*", 2, asterisktest.Unavailable())
			w.fake.DropSockets()
		})
		to := w.person(asterisktest.Script{Answer: time.Second, Then: []asterisktest.Step{{After: 9 * time.Second, Key: "1"}}})
		w.wantCall(to, phone.Result{Outcome: phone.Acknowledged})
	})
}

// TestOtherEndsWhileTheCallerIsLookedFor: that a talk is over says nothing of
// the caller.
func TestOtherEndsWhileTheCallerIsLookedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Answer: 3 * time.Second})
		w.visit(steps(), func(ctx context.Context, l phone.Line) {
			time.AfterFunc(8*time.Second, func() {
				w.fake.Fail("GET channels/"+l.ID(), -1, asterisktest.Fault{Delay: 2 * time.Second})
				w.fake.DropSockets()
				w.fake.OnLine(to).HangUp()
			})
			if outcome, err := l.Connect(ctx, to, 20*time.Second); outcome != phone.Heard || err != nil {
				t.Errorf("%q, %v", outcome, err)
			}
			w.fake.Mend()
			if err := l.Say(ctx, "en", phone.Texts("Goodbye.")); err != nil {
				t.Errorf("the caller is gone: %v", err)
			}
		})
	})
}

// TestNoKeyAfterTheEnd: a key that waits when the call is taken back is not
// pressed.
func TestNoKeyAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		call := w.call(w.person(asterisktest.Script{Then: []asterisktest.Step{{After: time.Second, Key: "91"}}}))
		ctx, cancel := context.WithCancel(t.Context())
		call.Press = func(_ context.Context, key string) phone.Answer {
			if key != "9" {
				t.Errorf("%s was pressed after the end", key)
			}
			time.Sleep(2 * time.Second)
			cancel()
			return phone.Answer{}
		}
		if r, err := w.a.Call(ctx, call); err != nil || r.Outcome != phone.Withdrawn {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
