package app

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/escalation"

	chatconsole "tebiki/adapters/chat/console"
)

// step is a key that a caller presses once they have heard a sound.
func step(heard, key string) asterisktest.Step {
	return asterisktest.Step{Hear: "/" + heard, After: 500 * time.Millisecond, Key: key}
}

// Somebody whose number is in the roster hears what is open and takes it.
func TestKnownCaller(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		id, _ := o.alert(down("db1.example.jp"))
		o.pause(30 * time.Second)
		c := o.asterisk.Dial(satosNumber, asterisktest.Script{Then: []asterisktest.Step{
			step("menu-in", "1"), step("take", "1"), {Hear: "/last", After: time.Second, HangUp: true},
		}})
		o.pause(2 * time.Minute)
		o.saidInOrder(c.Heard(), "welcome", "menu-in", "n1", "incidents", "incident", "n1", "alert", "take", "acknowledged", "last")
		o.taken(id, "sato")
		o.message("suzuki", "incident/"+id, "without the button", func(m chatconsole.Stored) bool { return !hasButton(m, "ack") })
		o.pause(30 * time.Minute)
		if calls := o.asterisk.Calls(suzukisPhone, satosPhone); len(calls) > 0 {
			o.t.Errorf("it was taken, and phones rang: %+v", calls)
		}
		if left := o.asterisk.Channels(); len(left) > 0 {
			o.t.Errorf("channels are left: %v", left)
		}
	})
}

// From elsewhere a PIN tells who it is, after a wrong one too; three wrong
// ones end the call, and whoever it was takes nothing.
func TestCallerWithPIN(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		id, _ := o.alert(down("db1.example.jp"))
		guess := func(digits string) asterisktest.Step { return step("pin", digits+"#") }
		wrong := o.asterisk.Dial("0312345678", asterisktest.Script{Then: []asterisktest.Step{step("menu-report", "1"), guess("111111"), guess("2222"), guess("0000")}})
		o.pause(time.Minute)
		select {
		case <-wrong.Over():
		default:
			o.t.Error("after three wrong PINs the call goes on")
		}
		o.saidInOrder(wrong.Heard(), "pin", "wrongpin", "pin", "wrongpin", "pin", "wrongpin")
		c := o.asterisk.Dial("0398765432", asterisktest.Script{Then: []asterisktest.Step{
			step("menu-report", "1"), guess("73915"), guess(tanakasPIN), step("menu-in", "1"), step("take", "1"), {Hear: "/last", HangUp: true},
		}})
		o.pause(2 * time.Minute)
		o.saidInOrder(c.Heard(), "menu-report", "pin", "wrongpin", "pin", "welcome", "menu-in", "take", "acknowledged")
		o.taken(id, "tanaka")
		if log := o.journal.String(); !strings.Contains(log, "a caller has pressed wrong PINs") || strings.Contains(log, tanakasPIN) {
			o.t.Error("the log does not tell of wrong PINs, or tells a right one")
		}
	})
}

// A stranger can only report: their words become an urgent alert, whoever is
// on call has a message with a link to them, and is called about it.
func TestStrangersReport(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, presses("1"))
		other, _ := o.alert(down("db1.example.jp"))
		o.says("tanaka", "/ack "+other)
		c := o.asterisk.Dial("0312345678", asterisktest.Script{Then: []asterisktest.Step{
			step("menu-report", "3"), {Hear: "beep", Say: 20 * time.Second}, {After: 200 * time.Millisecond, Key: "#"}, {Hear: "/thanks", After: 5 * time.Second, HangUp: true},
		}})
		o.pause(time.Minute)
		o.saidInOrder(c.Heard(), "menu-report", "speak", "beep", "thanks", "incident", "n2")
		const id = "I-2"
		page := o.message("suzuki", "incident/"+id, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "ack") })
		text := textOf(page)
		if !page.Urgent || !strings.Contains(text, "0312345678") {
			o.t.Errorf("the message says (urgent: %v)\n%s", page.Urgent, text)
		}
		o.plays(text, 20*time.Second)
		again := o.asterisk.Dial("0312345678", asterisktest.Script{Then: []asterisktest.Step{
			step("menu-report", "3"), {Hear: "beep", Say: 5 * time.Second}, {Key: "#"},
		}})
		o.pause(callAfter + time.Minute)
		o.saidInOrder(again.Heard(), "thanks", "incident", "n2")
		o.resulted(id, "suzuki acknowledged")
		o.taken(id, "suzuki")
	})
}

// A stranger who says nothing after the tone, be it for long or until they
// hang up, wakes nobody.
func TestSilentStranger(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		patient := o.asterisk.Dial("0312345678", asterisktest.Script{Then: []asterisktest.Step{step("menu-report", "3")}})
		hasty := o.asterisk.Dial("0387654321", asterisktest.Script{Then: []asterisktest.Step{
			step("menu-report", "3"), {Hear: "beep", After: 4500 * time.Millisecond, HangUp: true},
		}})
		o.pause(3 * time.Minute)
		for _, c := range []*asterisktest.Caller{patient, hasty} {
			if c.Call().Ended.IsZero() {
				o.t.Errorf("a call goes on: %+v", c.Call())
			}
		}
		o.saidInOrder(patient.Heard(), "speak", "beep", "speak", "beep", "goodbye")
		if n := o.asterisk.Count("POST channels/*/record"); n != 3 {
			o.t.Errorf("there were %d recordings", n)
		}
		if open := o.open(); len(open) > 0 {
			o.t.Errorf("silence has raised %+v", open)
		}
		o.pause(callAfter + time.Minute)
		if calls := o.asterisk.Calls(suzukisPhone, satosPhone); len(calls) > 0 {
			o.t.Errorf("silence has rung phones: %+v", calls)
		}
	})
}

// open are the incidents that are not closed.
func (o *asteriskOffice) open() []escalation.Incident {
	o.t.Helper()
	list, err := o.runner.Open(o.t.Context(), 1000, func(*escalation.Incident) bool { return true })
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// plays follows the link to a recording in a message, which lasts about so
// long.
func (o *asteriskOffice) plays(text string, about time.Duration) {
	o.t.Helper()
	site := o.url() + "/recordings/"
	_, rest, found := strings.Cut(text, site)
	end := strings.IndexFunc(rest, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'f') })
	if !found || end < 1 {
		o.t.Fatalf("the message has no link to a recording:\n%s", text)
	}
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, site+rest[:end], nil)
	if err != nil {
		o.t.Fatal(err)
	}
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	wav, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(string(wav), "RIFF") {
		o.t.Fatalf("the recording is %d, %d bytes, %v", resp.StatusCode, len(wav), err)
	}
	const second = 8000 * 2
	if length := time.Duration(len(wav)) * time.Second / second; length < about-time.Second || length > about+3*time.Second {
		o.t.Errorf("the recording lasts %s, want about %s", length, about)
	}
}

// A caller is connected to whoever is on call.
func TestCallerIsConnected(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{{Say: 20 * time.Second}, {HangUp: true}}})
		c := o.asterisk.Dial(satosNumber, asterisktest.Script{Then: []asterisktest.Step{step("menu-in", "2"), step("oncall", "1")}})
		o.pause(2 * time.Minute)
		calls := o.asterisk.Calls(suzukisPhone)
		if len(calls) != 1 || calls[0].Answered.IsZero() || calls[0].Ended.Sub(calls[0].Answered) < 20*time.Second {
			o.t.Fatalf("suzuki's calls are %+v; the caller heard %q", calls, said(c.Heard()))
		}
		o.saidInOrder(c.Heard(), "oncall", "connecting")
	})
}

// The console's figures tell of calls in and out.
func TestAsteriskIsWatched(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, presses("1"))
		o.alert(down("db1.example.jp"))
		o.asterisk.Dial("0312345678", asterisktest.Script{Then: []asterisktest.Step{{After: 3 * time.Second, HangUp: true}}})
		o.pause(callAfter + time.Minute)
		page := o.page("/metrics")
		want := []string{`tebiki_phone_events_total{what="connected"} 1`, `tebiki_phone_events_total{what="call acknowledged"} 1`, "tebiki_phone_callers 0", "tebiki_phone_connected 1", "tebiki_hotline_total{"}
		if i := slices.IndexFunc(want, func(line string) bool { return !strings.Contains(page, "\n"+line) }); i >= 0 {
			o.t.Errorf("the metrics lack %s:\n%s", want[i], page)
		}
	})
}
