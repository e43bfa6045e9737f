package asterisktest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bubble runs a test without sockets on the bubble's time.
func bubble(t *testing.T, test func(*testing.T, *Asterisk), options ...Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, New(t, append([]Option{WithoutNetwork()}, options...)...)) })
}

// outline is the events of one channel in short.
func outline(events []Entry, id string) (short []string) {
	for _, e := range events {
		var ev obj
		_ = unmarshal(e.Body, &ev)
		ch, _ := ev["channel"].(map[string]any)
		if ch == nil {
			ch, _ = ev["peer"].(map[string]any)
		}
		if ch["id"] != id {
			continue
		}
		s := e.Event
		for _, key := range []string{"dialstatus", "cause", "digit"} {
			if v, ok := ev[key]; ok {
				s += fmt.Sprint(" ", v)
			}
		}
		if e.Event == "ChannelStateChange" {
			s += fmt.Sprint(" ", ch["state"])
		}
		short = append(short, s)
	}
	return short
}

// A telephone has one leg, with the cause on it.
func TestTelephone(t *testing.T) {
	rings := []string{"Dial ", "ChannelStateChange Ringing", "Dial RINGING"}
	answers := []string{"ChannelStateChange Up", "Dial ANSWER", "ChannelVarset", "StasisStart"}
	for name, c := range map[string]struct {
		script Script
		want   [][]string
		cause  int
	}{
		"busy":        {Script{Ending: Busy}, [][]string{{"Dial ", "ChannelHangupRequest 17", "Dial BUSY", "ChannelDestroyed 17"}}, 17},
		"congestion":  {Script{Ending: Congested}, [][]string{{"Dial ", "ChannelHangupRequest 34", "Dial CONGESTION", "ChannelDestroyed 34"}}, 34},
		"unallocated": {Script{Ending: Unallocated}, [][]string{{"Dial ", "ChannelHangupRequest 1", "Dial NOANSWER", "ChannelDestroyed 1"}}, 1},
		"rejects": {Script{Answer: 3 * time.Second, Ending: Rejects}, [][]string{rings,
			{"ChannelHangupRequest 21", "Dial NOANSWER", "ChannelDestroyed 21"}}, 21},
		"never":    {Script{Ending: Never}, [][]string{rings, {"ChannelDestroyed 19"}}, 19},
		"too late": {Script{Answer: 31 * time.Second}, [][]string{rings, {"ChannelDestroyed 19"}}, 19},
		"hangs up": {Script{Answer: time.Second, Then: []Step{{After: time.Second, HangUp: true}}}, [][]string{rings, answers,
			{"ChannelHangupRequest 16", "StasisEnd", "ChannelVarset", "ChannelDestroyed 16"}}, 16},
		"presses": {Script{Then: []Step{{After: time.Second, Key: "12#"}, {HangUp: true}}}, [][]string{{"Dial "}, answers,
			{"ChannelDtmfReceived 1", "ChannelDtmfReceived 2", "ChannelDtmfReceived #", "ChannelHangupRequest 16", "StasisEnd", "ChannelVarset", "ChannelDestroyed 16"}}, 16},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, a *Asterisk) {
				connect(t, a)
				a.Person("PJSIP/tanaka", c.script)
				want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", "x"))
				time.Sleep(time.Minute)
				if diff := cmp.Diff(slices.Concat(c.want...), outline(a.Events(), "x")); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if calls := a.Calls("PJSIP/tanaka"); len(calls) != 1 || calls[0].Cause != c.cause || calls[0].Ended.IsZero() {
					t.Errorf("the call is %+v, want it ended by %d", calls, c.cause)
				}
				if ids := a.Channels(); len(ids) != 0 {
					t.Errorf("the channels %q are left", ids)
				}
			})
		})
	}
}

// A request takes a ringing phone back, and ends a call that goes on.
func TestHangUp(t *testing.T) {
	for _, endpoint := range []string{"PJSIP/tanaka", "Local/tanaka@phones"} {
		bubble(t, func(t *testing.T, a *Asterisk) {
			connect(t, a)
			a.Person(endpoint, Script{Ending: Never})
			want(t, a, 200, "POST", "/channels", originate(endpoint, "x"))
			time.Sleep(5 * time.Second)
			want(t, a, 400, "DELETE", "/channels/x?reason=bored", nil)
			want(t, a, 204, "DELETE", "/channels/x?reason=answered_elsewhere", nil)
			want(t, a, 204, "DELETE", "/channels/x", nil)
			time.Sleep(time.Second)
			want(t, a, 404, "DELETE", "/channels/x", nil)
			end := []string{"ChannelHangupRequest 32", "Dial NOANSWER", "ChannelDestroyed 26"}
			got := outline(a.Events(), "x")
			if diff := cmp.Diff(end, got[len(got)-3:]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", endpoint, diff)
			}
			if call := a.Calls(endpoint)[0]; !call.Answered.IsZero() || call.Ended.Sub(call.Placed) > 6*time.Second {
				t.Errorf("%+v", call)
			}
		})
	}
}

// Without a word in the application everything goes on as usual; with one,
// what a person hears can be read.
func TestHeard(t *testing.T) {
	sounds := fstest.MapFS{"en/tebiki/prompt.wav": {Data: WAV(4 * time.Second)}, "tebiki/broken.wav": {Data: []byte("RIFF....WAVE")}}
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := connect(t, a)
		a.Person("PJSIP/tanaka", Script{})
		want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", "x"))
		c.await("StasisStart", 1)
		for i, media := range []string{"sound:tebiki/prompt", "sound:tebiki/broken", "sound:nothing", "digits:123", "number:42", "sound:beep"} {
			want(t, a, 201, "POST", fmt.Sprintf("/channels/x/play/p%d", i), obj{"media": media})
		}
		want(t, a, 204, "POST", "/channels/x/dtmf?dtmf=5", nil)
		c.await("PlaybackFinished", 6)
		want(t, a, 201, "POST", "/channels/x/play/last?media=tone:ring,sound:beep", nil)
		c.await("PlaybackStarted", 7)
		time.Sleep(10 * time.Second)
		want(t, a, 204, "DELETE", "/playbacks/last", nil)
		time.Sleep(time.Second / 2)
		want(t, a, 204, "DELETE", "/channels/x", nil)
		c.await("ChannelDestroyed", 1)
		var got []string
		for _, h := range a.Heard("PJSIP/tanaka") {
			got = append(got, fmt.Sprint(h.Media, " ", h.For.Round(100*time.Millisecond), " ", h.How))
		}
		want := []string{
			"dtmf:5 0s finished", "sound:tebiki/prompt 4s finished", "sound:tebiki/broken 0s missing", "sound:nothing 0s missing", "digits:123 1.5s finished", "number:42 1s finished",
			"sound:beep 1s finished", "tone:ring 10s stopped", "sound:beep 500ms cut off",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}, WithSounds(sounds))
}

// Many calls: how many were under way at once can be read.
func TestMostAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		connect(t, a)
		for i := range 7 {
			to := fmt.Sprintf("PJSIP/0901@trunk%d", i%5)
			a.Person(to, Script{Answer: time.Second, Then: []Step{{After: time.Second, HangUp: true}}})
			want(t, a, 200, "POST", "/channels", originate(to, fmt.Sprint("x", i)))
			if i == 5 {
				time.Sleep(time.Minute)
			}
		}
		time.Sleep(time.Minute)
		if n, one := a.MostAtOnce(), a.MostAtOnceTo("PJSIP/0901@trunk0"); n != 6 || one != 2 {
			t.Errorf("%d at once and %d to one, want 6 and 2", n, one)
		}
		if n := len(a.Calls()); n != 7 {
			t.Errorf("%d calls, want 7", n)
		}
	})
}

// An application that nobody has: the phone rings, somebody answers, and
// Asterisk hangs up on them.
func TestUnregistered(t *testing.T) {
	for _, endpoint := range []string{"PJSIP/tanaka", "Local/tanaka@phones"} {
		bubble(t, func(t *testing.T, a *Asterisk) {
			a.Person(endpoint, Script{Answer: 3 * time.Second})
			want(t, a, 200, "POST", "/channels", originate(endpoint, "x"))
			time.Sleep(time.Minute)
			call := a.Calls(endpoint)[0]
			if rang := call.Answered.Sub(call.Placed); rang < 3*time.Second || call.Ended.Sub(call.Answered) > time.Second {
				t.Errorf("%+v", call)
			}
			if n := len(a.Events()); n != 0 {
				t.Errorf("%d events were told to nobody", n)
			}
			want(t, a, 404, "GET", "/applications/tebiki", nil)
			if names := a.Applications(); len(names) != 0 {
				t.Errorf("applications %q", names)
			}
		})
	}
}

func TestEndpoints(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		a.Person("PJSIP/tanaka", Script{})
		a.Person("PJSIP/0901234567@trunk", Script{})
		a.Person("PJSIP/sato", Script{Unregistered: true})
		a.Person("Local/sato@phones", Script{})
		_, list, _ := send(a, master, "GET", "/endpoints", nil)
		var phones []struct{ Resource, State string }
		if err := unmarshal(list, &phones); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(phones)
		if !strings.Contains(got, "{tanaka online}") || !strings.Contains(got, "{trunk online}") || !strings.Contains(got, "{sato offline}") || len(phones) != 3 {
			t.Errorf("the endpoints are %s", got)
		}
		want(t, a, 200, "GET", "/endpoints/PJSIP/trunk", nil)
		want(t, a, 404, "GET", "/endpoints/PJSIP/nobody", nil)
		connect(t, a)
		want(t, a, 500, "POST", "/channels", originate("PJSIP/sato", "x"))
	})
}

// A person can be led by the test.
func TestOnLine(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := connect(t, a)
		a.Person("PJSIP/tanaka", Script{})
		if a.OnLine("PJSIP/tanaka") != nil {
			t.Error("somebody is on the line whom nobody called")
		}
		want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", "x"))
		c.await("StasisStart", 1)
		tanaka := a.OnLine("PJSIP/tanaka")
		if !tanaka.Press("7") || c.await("ChannelDtmfReceived", 1)["digit"] != "7" {
			t.Error("a key did not come")
		}
		tanaka.HangUp()
		<-tanaka.Over()
		if tanaka.Press("8") || tanaka.Speak(time.Second) {
			t.Error("the call went on after it was hung up")
		}
		c.await("ChannelDestroyed", 1)
	})
}

func TestInbound(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		if early := a.Dial("0311112222", Script{}); true {
			<-early.Over() // nobody has the application
		}
		c := connect(t, a)
		caller := a.Dial("0312345678", Script{Then: []Step{{After: time.Second, Key: "3"}, {After: time.Second, HangUp: true}}})
		ev := c.await("StasisStart", 1)
		ch := ev["channel"].(map[string]any)
		if fmt.Sprint(ev["args"]) != "[inbound]" || ch["state"] != "Ring" || ch["caller"].(map[string]any)["number"] != "0312345678" {
			t.Errorf("%v", ev)
		}
		id := fmt.Sprint(ch["id"])
		time.Sleep(10 * time.Second)
		if n := c.count("ChannelDtmfReceived"); n != 0 {
			t.Errorf("%d keys came before the answer", n)
		}
		want(t, a, 204, "POST", "/channels/"+id+"/answer", nil)
		want(t, a, 201, "POST", "/channels/"+id+"/play/p", obj{"media": "tone:dial"})
		<-caller.Over()
		time.Sleep(time.Second)
		wanted := []string{"StasisStart", "ChannelStateChange Up", "ChannelDtmfReceived 3", "ChannelHangupRequest 16", "StasisEnd"}
		if diff := cmp.Diff(wanted, outline(a.Events(), id)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if heard := caller.Heard(); len(heard) != 1 || heard[0].How != CutOff || c.await("PlaybackFinished", 1) == nil {
			t.Errorf("the caller heard %+v", heard)
		}
		impatient := a.Dial("0312345678", Script{Patience: 20 * time.Second})
		<-impatient.Over()
		if call := impatient.Call(); call.Ended.Sub(call.Placed) < 20*time.Second || !call.Answered.IsZero() || call.From != "0312345678" {
			t.Errorf("%+v", call)
		}
	})
}
