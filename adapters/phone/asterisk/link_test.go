package asterisk

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// run starts a process with options of its own, which ends with the test, and
// gives what it logs.
func (w *world) run(o Options) (a *Asterisk, logged *bytes.Buffer) {
	w.t.Helper()
	w.stop()
	logged = &bytes.Buffer{}
	o.Log = slog.New(slog.NewTextHandler(logged, nil))
	a, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = a.Run(ctx) }() // it has no error but ctx's
	w.stop = func() { cancel(); <-done }
	return a, logged
}

// TestAway: while there is no way to Asterisk a call fails at once, so that the
// next channel is used; the log says once what to do; and soon after Asterisk
// is well calls are made again.
func TestAway(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*world, *Options)
		says  string
		code  adapters.Code
		fault string // of the metric
	}{
		{"refused", func(w *world, _ *Options) { w.fake.Disconnect() }, "is it running", adapters.Unavailable, "away"},
		{"hanging", func(w *world, _ *Options) { w.fake.Hang() }, "is it running", adapters.Unavailable, "away"},
		{"wrong password", func(w *world, _ *Options) {
			w.fake.Fail("*", -1, asterisktest.Fault{Status: http.StatusUnauthorized, Body: `{"message":"Authentication required"}`})
		}, "ari.conf", adapters.Denied, "password"},
		{"forbidden", func(w *world, _ *Options) { w.fake.Fail("*", -1, asterisktest.Fault{Status: http.StatusForbidden}) }, "read_only", adapters.Denied, "password"},
		{"no ARI", func(w *world, _ *Options) {
			w.fake.Fail("*", -1, asterisktest.Fault{Status: http.StatusNotFound, Body: "<html>"})
		}, "res_ari", adapters.Unavailable, "away"},
		{"a proxy without it", func(w *world, _ *Options) { w.fake.Fail("*", -1, asterisktest.Unavailable()) }, "503", adapters.Unavailable, "away"},
		{"too many", func(w *world, _ *Options) { w.fake.Fail("*", -1, asterisktest.TooMany(time.Second)) }, "fewer requests", adapters.Unavailable, "away"},
		{"never registered", func(w *world, _ *Options) {
			w.fake.Fail("GET applications/*", -1, asterisktest.Fault{Status: http.StatusNotFound, Body: `{"message":"Application not found"}`})
		}, "does not know the application", adapters.Unavailable, "not registered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorldAway(t)
				w.stop()
				o := w.options(newNetwork(w.fake))
				c.spoil(w, &o)
				a, logged := w.run(o)
				time.Sleep(2 * time.Minute)
				began := time.Now()
				to := w.person(asterisktest.Script{Then: []asterisktest.Step{{After: time.Second, Key: "1"}}})
				_, err := a.Call(t.Context(), w.call(to))
				if err == nil || adapters.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v, want %v and %q", err, c.code, c.says)
				}
				if took := time.Since(began); took > 0 {
					t.Errorf("the call failed after %v", took)
				}
				synctest.Wait()
				if n := strings.Count(logged.String(), "calls go to the next channel"); n == 0 || n > 4 || !strings.Contains(logged.String(), c.says) {
					t.Errorf("it was logged %d times:\n%s", n, logged)
				}
				if w.counted("connection lost: "+c.fault) == 0 || a.Connected() {
					t.Errorf("no metric counts it as %s: %v", c.fault, w.counts)
				}
				w.fake.Return()
				w.fake.Resume()
				w.fake.Mend()
				time.Sleep(lastPause*3/2 + 2*requestTime)
				if r, err := a.Call(t.Context(), w.call(to)); err != nil || r.Outcome != phone.Acknowledged {
					t.Errorf("after it: %+v, %v", r, err)
				}
			})
		})
	}
}

// TestReconnects: pauses grow and have a bound, and no two are alike.
func TestReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Fail("GET events", -1, asterisktest.Unavailable())
		w.fake.Forget()
		w.fake.DropSockets()
		time.Sleep(5 * time.Minute)
		tries := w.fake.Requests("GET events")
		if len(tries) < 15 || len(tries) > 60 {
			t.Fatalf("%d tries in five minutes", len(tries))
		}
		seen := map[time.Duration]bool{}
		for i := range tries[1:] {
			pause := tries[i+1].At.Sub(tries[i].At)
			if pause > lastPause*3/2+time.Second || seen[pause] || i > 6 && pause < lastPause/2 {
				t.Errorf("pause %d is %v", i, pause)
			}
			seen[pause] = true
		}
	})
}

// TestHalfOpen: a connection whose other end has vanished is noticed.
func TestHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.counted("connected")
		w.fake.FreezeSockets()
		time.Sleep(deadAfter + pingEvery + 2*time.Second)
		if w.counted("connected") != before+1 || w.counted("connection lost: half-open") != 1 {
			t.Errorf("nobody connected again: %v", w.counts)
		}
	})
}

// TestTakenAway: an application that another client took for a moment is taken
// back soon; two who both want it do not fight all the time.
func TestTakenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldAway(t)
		a, logged := w.run(w.options(newNetwork(w.fake)))
		time.Sleep(time.Second)
		w.fake.TakeOver("tebiki")
		time.Sleep(2 * time.Second)
		if why, _ := a.link.down(); why != nil {
			t.Errorf("two seconds after another client took the application: %v", why)
		}
		synctest.Wait()
		if !strings.Contains(logged.String(), "give each its own name") {
			t.Errorf("the log does not say what to do:\n%s", logged)
		}
		w.fake.Forget()
		taken := 0
		for until := time.Now().Add(10 * time.Minute); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
			if why, _ := a.link.down(); why == nil {
				w.fake.TakeOver("tebiki")
				taken++
				time.Sleep(100 * time.Millisecond)
			}
		}
		if n := w.counted("connection lost: taken"); n < taken {
			t.Errorf("it was taken %d times, and counted %d", taken, n)
		}
		if taken < 10 || taken > 60 {
			t.Errorf("the application changed hands %d times in ten minutes", taken)
		}
	})
}

// TestForgotten: a connection whose application Asterisk has forgotten is made
// anew.
func TestForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Fail("GET applications/*", 1, asterisktest.Fault{Status: http.StatusNotFound, Body: `{"message":"Application not found"}`})
		time.Sleep(2*sweepEvery + 2*time.Second)
		if n := w.counted("connected"); n != 2 || w.counted("connection lost: not registered") != 1 || !w.a.Connected() {
			t.Errorf("it connected %d times: %v", n, w.counts)
		}
	})
}

// TestToldAgain: what is wrong is logged once for as long as it lasts, and
// anew when there was a connection meanwhile.
func TestToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldAway(t)
		_, logged := w.run(w.options(newNetwork(w.fake)))
		time.Sleep(time.Second)
		for range 2 {
			w.fake.Disconnect()
			time.Sleep(2 * lastPause * 3 / 2)
			w.fake.Return()
			time.Sleep(2 * lastPause * 3 / 2)
		}
		w.stop()
		if n := strings.Count(logged.String(), "is it running"); n != 2 {
			t.Errorf("it was logged %d times:\n%s", n, logged)
		}
	})
}

// TestUnknownTypes: a type of events that nobody here knows is counted, and
// logged once; one that is known and not needed is neither.
func TestUnknownTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldAway(t)
		_, logged := w.run(w.options(newNetwork(w.fake)))
		time.Sleep(time.Second)
		for range 3 {
			w.fake.SendEvent("ChannelToneDetected", map[string]any{"channel": map[string]any{"id": "x"}})
			w.fake.SendEvent("CallBroadcast", nil)
			w.fake.SendEvent("DeviceStateChanged", nil)
		}
		for i := range 2 * maxKinds {
			w.fake.SendEvent(fmt.Sprint("New", i), nil)
		}
		synctest.Wait()
		w.stop()
		for kind, times := range map[string]int{"ChannelToneDetected": 1, "CallBroadcast": 1, "DeviceStateChanged": 0} {
			if n := strings.Count(logged.String(), "type="+kind); n != times {
				t.Errorf("%s was logged %d times", kind, n)
			}
		}
		if n := w.counted("unknown event"); n != 6+2*maxKinds {
			t.Errorf("%d were counted", n)
		}
		if n := strings.Count(logged.String(), "not known here"); n >= maxKinds {
			t.Errorf("%d types were logged", n)
		}
	})
}

// TestUnknownEvents: what nobody knows, and what is broken, changes nothing.
func TestUnknownEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		to := w.person(asterisktest.Script{Answer: 2 * time.Second, Then: []asterisktest.Step{{After: 3 * time.Second, Key: "1"}}})
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := 0; ; i++ {
				w.fake.SendUnknown()
				for kind := range concerns {
					if kind != "ApplicationReplaced" {
						w.fake.SendEvent(kind, map[string]any{"channel": fmt.Sprint(i), "playback": nil, "args": []string{inbound}, "recording": []int{i}, "peer": true})
					}
				}
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
				}
			}
		}()
		w.wantCall(to, phone.Result{Outcome: phone.Acknowledged})
		close(stop)
		<-done
		if w.counted("unreadable event") == 0 {
			t.Error("no metric counts them")
		}
		if w.counted("connected") != 1 {
			t.Error("they broke the connection")
		}
	})
}

// FuzzEvents: no event ends the process, or is anybody's.
func FuzzEvents(f *testing.F) {
	for kind := range concerns {
		f.Add([]byte(`{"type":"` + kind + `","application":"tebiki","channel":{"id":"x"},"args":["inbound"],"peer":{"id":"x;2"},"playback":{"target_uri":"channel:x"},"recording":{"target_uri":"bridge:x"}}`))
	}
	f.Add([]byte(`{"type":"StasisStart","channel":{"id":"","caller":null},"args":["inbound"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := New(Options{URL: "http://asterisk.test/ari", User: "u", Password: "p", Voice: says("x"), Transport: nowhere{}})
		if err != nil {
			t.Fatal(err)
		}
		b := a.open("x")
		_ = a.take(t.Context(), data) // errTaken, or nothing
		for b.take() != nil {
		}
		a.callers.Wait()
	})
}

// nowhere answers that nothing is there.
type nowhere struct{}

func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	return answer(r, http.StatusNotFound, []byte(`{"message":"no"}`))
}
