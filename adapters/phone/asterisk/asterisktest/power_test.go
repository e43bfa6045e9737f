package asterisktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

// both runs a test on the bubble's time, and over sockets.
func both(t *testing.T, test func(*testing.T, *Asterisk), options ...Option) {
	t.Run("in memory", func(t *testing.T) { bubble(t, test, options...) })
	t.Run("over TCP", func(t *testing.T) { test(t, New(t, append(options, WithSpeed(50))...)) })
}

// ended waits for the end of a websocket.
func (c *client) ended() error {
	for {
		c.mu.Lock()
		more, err := c.more, c.err
		c.mu.Unlock()
		if err != nil {
			return err
		}
		<-more
	}
}

func TestDie(t *testing.T) {
	both(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		a.Store(Recording{Name: "kept", Format: "wav", WAV: WAV(time.Second)})
		want(t, a, 201, "POST", "/channels/x/play/p", obj{"media": "tone:ring"})
		c.await("PlaybackStarted", 1)
		before := a.URL()
		a.Die()
		_ = c.ended()
		if _, _, err := send(a, master, "GET", "/asterisk/ping", nil); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a dead Asterisk gave %v", err)
		}
		if call := a.Calls("PJSIP/tanaka")[0]; call.Ended.IsZero() || call.Heard[0].How != CutOff {
			t.Errorf("%+v", call)
		}
		a.Return()
		if a.URL() != before {
			t.Errorf("it came back at %s, before it was %s", a.URL(), before)
		}
		want(t, a, 404, "GET", "/channels/x", nil)
		want(t, a, 404, "GET", "/applications/tebiki", nil)
		want(t, a, 200, "GET", "/recordings/stored/kept", nil)
		again := connect(t, a)
		want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", "x"))
		again.await("StasisStart", 1)
	})
}

// A request that waited when Asterisk died does nothing in its next life.
func TestNoGhosts(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		a.Person("PJSIP/tanaka", Script{})
		a.Hang()
		sent := make(chan error, 1)
		go func() {
			_, _, err := send(a, master, "POST", "/channels", originate("PJSIP/tanaka", "x"))
			sent <- err
		}()
		synctest.Wait() // it lies in the connection's buffer
		a.Die()
		a.Return()
		a.Resume()
		if err := <-sent; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a request that met its death gave %v", err)
		}
		if n := len(a.Calls()); n != 0 {
			t.Errorf("%d calls came of it", n)
		}
	})
}

func TestDisconnect(t *testing.T) {
	both(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		a.Disconnect()
		_ = c.ended()
		if _, _, err := send(a, master, "GET", "/asterisk/ping", nil); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("without a network: %v", err)
		}
		a.OnLine("PJSIP/tanaka").Press("1") // nobody hears of it
		a.Return()
		if got := want(t, a, 200, "GET", "/applications/tebiki", nil); fmt.Sprint(got["channel_ids"]) != "[x]" {
			t.Errorf("the application that nobody has now: %v", got)
		}
		again := connect(t, a)
		want(t, a, 201, "POST", "/channels/x/play/p", obj{"media": "sound:beep"})
		again.await("PlaybackFinished", 1)
		if again.count("ChannelDtmfReceived") != 0 {
			t.Error("an event of the time without a websocket was told later")
		}
	})
}

func TestHang(t *testing.T) {
	both(t, func(t *testing.T, a *Asterisk) {
		c := connect(t, a)
		a.Person("PJSIP/tanaka", Script{Answer: 20 * time.Millisecond})
		want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", "x"))
		a.Hang()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "GET", a.URL()+"/asterisk/ping", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.HTTPClient().Do(r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a hung Asterisk gave %v", err)
		}
		if c.count("StasisStart") != 0 {
			t.Error("a hung Asterisk told an event")
		}
		a.Resume()
		c.await("StasisStart", 1)
		want(t, a, 200, "GET", "/asterisk/ping", nil)
	})
}

func TestSockets(t *testing.T) {
	both(t, func(t *testing.T, a *Asterisk) {
		c := connect(t, a)
		pongs := make(chan string, 4)
		c.conn.SetPongHandler(func(s string) error { pongs <- s; return nil })
		ping := func(s string) {
			t.Helper()
			if err := c.conn.WriteControl(websocket.PingMessage, []byte(s), time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		ping("one")
		if got := <-pongs; got != "one" {
			t.Errorf("the pong says %q", got)
		}
		a.FreezeSockets()
		ping("two")
		a.SendRaw("{}")
		want(t, a, 200, "GET", "/asterisk/ping", nil)
		other := connect(t, a) // takes the application; the first never hears of it
		a.SendEvent("Known", nil)
		other.await("Known", 1)
		if len(c.heard()) != 0 || len(pongs) != 0 {
			t.Errorf("something came through a frozen websocket: %v", c.heard())
		}
		a.DropSockets()
		_ = other.ended()
	})
}

func TestReplaced(t *testing.T) {
	both(t, func(t *testing.T, a *Asterisk) {
		c := connect(t, a)
		leave := a.TakeOver("tebiki")
		c.await("ApplicationReplaced", 1)
		a.Person("PJSIP/tanaka", Script{Then: []Step{{HangUp: true}}})
		want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", "x"))
		if call := a.OnLine("PJSIP/tanaka"); call != nil {
			<-call.Over() // it goes on without us
		}
		if got := c.heard(); len(got) != 1 {
			t.Errorf("who was replaced heard %v", got)
		}
		leave()
		want(t, a, 404, "GET", "/applications/tebiki", nil)
		second, third := connect(t, a), connect(t, a, "subscribeAll", "true")
		second.await("ApplicationReplaced", 1)
		a.Dial("0312345678", Script{})
		third.await("ChannelCreated", 1)
		third.await("StasisStart", 1)
	})
}

func TestFaults(t *testing.T) {
	both(t, func(t *testing.T, a *Asterisk) {
		c := connect(t, a)
		a.Person("Local/tanaka@phones", Script{})
		body := originate("Local/tanaka@phones", "x")
		a.Fail("POST channels", 1, Unavailable())
		a.Fail("POST channels", 1, TooMany(3*time.Second))
		a.Fail("POST channels", 1, AllocationFailed())
		a.Fail("POST channels", 1, Fault{Cut: true})
		want(t, a, 503, "POST", "/channels", body)
		want(t, a, 429, "POST", "/channels", body)
		want(t, a, 500, "POST", "/channels", body)
		if _, _, err := send(a, master, "POST", "/channels", body); err == nil {
			t.Error("a request that was cut had an answer")
		}
		if n := len(a.Calls()); n != 0 {
			t.Errorf("%d calls came of requests that failed", n)
		}
		a.Fail("POST channels", 1, Fault{LoseAnswer: true})
		if _, _, err := send(a, master, "POST", "/channels", body); err == nil {
			t.Error("a lost answer came")
		}
		want(t, a, 409, "POST", "/channels", body)
		want(t, a, 409, "POST", "/channels/x", body)
		want(t, a, 409, "POST", "/channels", originate("Local/tanaka@phones", "x;2"))
		c.await("StasisStart", 1)
		a.Fail("POST channels/*/play/*", -1, Fault{EventsFirst: true})
		want(t, a, 201, "POST", "/channels/x/play/p", obj{"media": "tone:ring"})
		if len(a.Events("PlaybackStarted")) != 1 {
			t.Error("the answer came before the event")
		}
		a.Mend()
		a.Fail("GET events", 1, Fault{Status: 500})
		if _, resp, err := a.Dialer().Dial(a.WebsocketURL()+"?app=tebiki", nil); err == nil || resp.StatusCode != 500 {
			t.Errorf("the handshake: %v", err)
		}
		if n := a.Count("POST channels"); n != 7 {
			t.Errorf("%d originates were recorded, want 7", n)
		}
	})
}

func TestHandshake(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		for query, status := range map[string]int{
			"": 401, "?api_key=tebiki:wrong&app=tebiki": 401, "?api_key=" + master: 400, "?app=tebiki": 401,
		} {
			_, resp, err := a.Dialer().Dial(a.WebsocketURL()+query, nil)
			if err == nil || resp == nil || resp.StatusCode != status {
				t.Errorf("%q: %v, want %d", query, err, status)
			}
		}
		header := http.Header{}
		(&http.Request{Header: header}).SetBasicAuth(User, Password)
		conn, _, err := a.Dialer().Dial(a.WebsocketURL()+"?app=one,two", header)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := a.Applications(); fmt.Sprint(got) != "[one two]" {
			t.Errorf("applications %q", got)
		}
		for path, status := range map[string]int{"/nothing": 404, "/channels/x/play": 405, "/": 404} {
			want(t, a, status, "PUT", path, nil)
		}
		want(t, a, 400, "POST", "/channels", json.RawMessage("{"))
		if got := want(t, a, 200, "GET", "/asterisk/info?only=system", nil); len(got) != 1 || got["system"].(map[string]any)["version"] != "18.26.4" {
			t.Errorf("%v", got)
		}
	}, WithVersion("18.26.4"))
}

func TestTrouble(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		a.Disturb("PlaybackStarted", 1, Trouble{Times: 3})
		a.Disturb("PlaybackFinished", 1, Trouble{Lose: true})
		a.Disturb("ChannelHangupRequest", -1, Trouble{Delay: time.Hour})
		want(t, a, 201, "POST", "/channels/x/play", obj{"media": "sound:beep"})
		c.await("PlaybackStarted", 3)
		time.Sleep(time.Minute)
		begun := time.Now()
		want(t, a, 204, "DELETE", "/channels/x", nil)
		time.Sleep(50 * time.Minute)
		if c.count("ChannelDestroyed") != 0 {
			t.Error("what followed the delayed event came before it")
		}
		for c.count("ChannelDestroyed") == 0 {
			time.Sleep(time.Second)
		}
		if late := time.Since(begun); late < time.Hour || c.count("PlaybackFinished") != 0 {
			t.Errorf("it came after %v; %d that were lost", late, c.count("PlaybackFinished"))
		}
		before := len(c.heard())
		a.SendUnknown()
		synctest.Wait()
		if n := len(c.heard()) - before; n < 15 {
			t.Errorf("%d unknown things came", n)
		}
	})
}

// A seed decides, always in the same way, and changes nothing but the order.
func TestSeed(t *testing.T) {
	run := func(seed uint64) (order string) {
		bubble(t, func(t *testing.T, a *Asterisk) {
			connect(t, a)
			a.Person("Local/tanaka@phones", Script{Then: []Step{{After: time.Second, HangUp: true}}})
			want(t, a, 200, "POST", "/channels", originate("Local/tanaka@phones", "x"))
			time.Sleep(time.Minute)
			order = fmt.Sprint(outline(a.Events(), "x"), len(a.Events()))
			for _, e := range a.Events() {
				order += e.Event
			}
		}, WithSeed(seed))
		return order
	}
	orders := map[string]bool{}
	for seed := range uint64(20) {
		first := run(seed)
		if again := run(seed); again != first {
			t.Errorf("seed %d gave two orders", seed)
		}
		orders[first] = true
	}
	if len(orders) < 3 {
		t.Errorf("20 seeds gave %d orders", len(orders))
	}
}

// Eight hours of a night, with a call every five minutes, are a moment.
func TestNight(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := connect(t, a)
		a.Person("PJSIP/tanaka", Script{Answer: 5 * time.Second, Then: []Step{{After: 10 * time.Second, Key: "1"}}})
		begun := time.Now()
		for i := range 8 * 12 {
			id := fmt.Sprint("call-", i)
			want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", id))
			c.await("ChannelDtmfReceived", i+1)
			want(t, a, 204, "DELETE", "/channels/"+id, nil)
			time.Sleep(5*time.Minute - time.Since(begun)%(5*time.Minute))
		}
		if night := time.Since(begun); night != 8*time.Hour {
			t.Errorf("the night had %v", night)
		}
	})
}

// Many calls at once over sockets, under the eye of the race detector.
func TestManyCalls(t *testing.T) {
	a := New(t, WithSpeed(100), WithoutRecord())
	c := connect(t, a)
	const calls = 60
	for i := range calls {
		to := fmt.Sprint("Local/p", i, "@phones")
		a.Person(to, Script{Then: []Step{{Key: "1"}, {HangUp: true}}})
		want(t, a, 200, "POST", "/channels", originate(to, fmt.Sprint("c", i)))
	}
	c.await("ChannelDtmfReceived", calls)
	c.await("ChannelDestroyed", 2*calls)
	if n := len(a.Channels()); n != 0 || len(a.Log()) != 0 {
		t.Errorf("%d channels are left", n)
	}
}

// An Asterisk leaves nothing running, whatever goes on when its test ends:
// its users look for their own leaks.
func TestNothingIsLeft(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for name, meanwhile := range map[string]func(*testing.T, *Asterisk){
		"nothing":      func(*testing.T, *Asterisk) {},
		"died":         func(_ *testing.T, a *Asterisk) { a.Die() },
		"died twice":   func(_ *testing.T, a *Asterisk) { a.Die(); a.Return(); a.Die() },
		"disconnected": func(_ *testing.T, a *Asterisk) { a.Disconnect() },
		"hung":         func(_ *testing.T, a *Asterisk) { a.Hang() },
		"frozen":       func(_ *testing.T, a *Asterisk) { a.FreezeSockets(); a.SendRaw("x") },
		"delayed":      func(_ *testing.T, a *Asterisk) { a.Disturb("*", -1, Trouble{Delay: time.Hour}); a.SendUnknown() },
		"replaced":     func(_ *testing.T, a *Asterisk) { a.TakeOver("tebiki") },
		"called":       func(_ *testing.T, a *Asterisk) { a.Dial("03", Script{}) },
		"recording": func(t *testing.T, a *Asterisk) {
			want(t, a, 201, "POST", "/channels/x/record", obj{"name": "r", "format": "wav", "beep": true, "maxSilenceSeconds": 9})
		},
		"playing": func(t *testing.T, a *Asterisk) {
			want(t, a, 201, "POST", "/channels/x/play", obj{"media": "tone:ring"})
			want(t, a, 201, "POST", "/channels/x/play", obj{"media": "sound:beep"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := New(t)
			reach(t, a, Script{Then: []Step{{After: time.Hour, HangUp: true}}})
			meanwhile(t, a)
		})
	}
	goleak.VerifyNone(t, before)
}

// A call from its originate to its end, over a socket.
func BenchmarkCall(b *testing.B) {
	a := New(b, WithSpeed(10000), WithoutRecord())
	defer a.TakeOver("tebiki")()
	a.Person("Local/p@phones", Script{Then: []Step{{HangUp: true}}})
	for b.Loop() {
		status, answer, err := send(a, master, "POST", "/channels", originate("Local/p@phones", ""))
		if status != 200 || err != nil {
			b.Fatalf("%d %s %v", status, answer, err)
		}
	}
}
