package asterisk

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// TestOutcomes: what becomes of a call, over SIP and behind the dialplan,
// whichever leg's events come first.
func TestOutcomes(t *testing.T) {
	after := 2 * time.Second
	for _, c := range []struct {
		name   string
		script asterisktest.Script
		want   phone.Result
	}{
		{"busy", asterisktest.Script{Ending: asterisktest.Busy}, phone.Result{Outcome: phone.Busy}},
		{"busy later", asterisktest.Script{Ending: asterisktest.Busy, Answer: after}, phone.Result{Outcome: phone.Busy}},
		{"congestion", asterisktest.Script{Ending: asterisktest.Congested}, phone.Result{Outcome: phone.Failed, Again: true, Cause: noLine}},
		{"congestion later", asterisktest.Script{Ending: asterisktest.Congested, Answer: after}, phone.Result{Outcome: phone.Failed, Again: true, Cause: noLine}},
		{"rejected", asterisktest.Script{Ending: asterisktest.Rejects, Answer: after}, phone.Result{Outcome: phone.Unreachable, Cause: "the call was rejected"}},
		{"unallocated", asterisktest.Script{Ending: asterisktest.Unallocated}, phone.Result{Outcome: phone.Unreachable, Cause: "there is no such number"}},
		{"never", asterisktest.Script{Ending: asterisktest.Never}, phone.Result{Outcome: phone.NotAnswered}},
		{"too late", asterisktest.Script{Answer: 30 * time.Second}, phone.Result{Outcome: phone.NotAnswered}},
		{"a voicemail box", asterisktest.Script{Answer: after, Then: []asterisktest.Step{{Say: 20 * time.Second}}}, phone.Result{Outcome: phone.Heard, Cause: "no key was pressed"}},
		{"a voicemail box that hangs up", asterisktest.Script{Answer: after, Then: []asterisktest.Step{{After: 15 * time.Second, HangUp: true}}}, phone.Result{Outcome: phone.Heard, Cause: "hung up"}},
		{"hung up at once", asterisktest.Script{Then: []asterisktest.Step{{HangUp: true}}}, phone.Result{Outcome: phone.Heard, Cause: "hung up"}},
		{"acknowledged", asterisktest.Script{Answer: after, Then: []asterisktest.Step{{After: after, Key: "1"}}}, phone.Result{Outcome: phone.Acknowledged}},
		{"acknowledged and hung up", asterisktest.Script{Answer: after, Then: []asterisktest.Step{{After: after, Key: "1"}, {HangUp: true}}}, phone.Result{Outcome: phone.Acknowledged}},
		{"passed on", asterisktest.Script{Answer: after, Then: []asterisktest.Step{{After: after, Key: "2"}}}, phone.Result{Outcome: phone.PassedOn}},
	} {
		for _, endpoint := range []string{"PJSIP/tanaka", "PJSIP/0901234567@trunk", "Local/tanaka@phones"} {
			for seed := range 1 + *seeds {
				t.Run(fmt.Sprint(c.name, " ", endpoint[:12], seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, asterisktest.WithSeed(seed))
						w.fake.Person(endpoint, c.script)
						w.wantCall(endpoint, c.want)
					})
				})
			}
		}
	}
}

// wantCall makes a usual call and holds its result against what is wanted, but
// for the time.
func (w *world) wantCall(to string, want phone.Result) {
	w.t.Helper()
	r, err := w.a.Call(w.t.Context(), w.call(to))
	if err != nil {
		w.t.Errorf("calling %s: %v", to, err)
	}
	if diff := cmp.Diff(want, r, cmpopts.IgnoreFields(phone.Result{}, "Answered")); diff != "" {
		w.t.Errorf("calling %s (-want +got):\n%s", to, diff)
	}
	answered := want.Outcome == phone.Heard || want.Outcome == phone.Acknowledged || want.Outcome == phone.PassedOn
	if r.Answered.IsZero() == answered {
		w.t.Errorf("calling %s: answered at %v", to, r.Answered)
	}
	if left := w.fake.Channels(); len(left) > 0 {
		w.t.Errorf("channels are left: %v", left)
	}
}

func TestNobodyThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Person("PJSIP/away", asterisktest.Script{Unregistered: true})
		w.wantCall("Local/nobody@phones", phone.Result{Outcome: phone.Unreachable, Cause: "there is no such number"})
		for _, to := range []string{"PJSIP/nobody", "PJSIP/away"} {
			r, err := w.a.Call(t.Context(), w.call(to))
			if err != nil || r.Outcome != phone.Unreachable || !strings.Contains(r.Cause, "not registered") || strings.Contains(r.Cause, to) {
				t.Errorf("calling %s: %+v, %v", to, r, err)
			}
		}
	})
}

// TestCauses: the far leg's reason counts where the near one has none.
func TestCauses(t *testing.T) {
	for _, c := range []struct {
		near, far int
		dial      string
		want      phone.Outcome
		again     bool
		cause     string
	}{
		{0, 17, "", phone.Busy, false, ""},
		{17, 0, "", phone.Busy, false, ""},
		{0, 0, "BUSY", phone.Busy, false, ""},
		{0, 34, "CONGESTION", phone.Failed, true, "no line is free"},
		{0, 0, "CONGESTION", phone.Failed, true, "trunk"},
		{0, 0, "CHANUNAVAIL", phone.Failed, true, "trunk"},
		{34, 0, "", phone.Failed, true, "no line is free"},
		{38, 0, "", phone.Failed, true, "out of order"},
		{42, 0, "", phone.Failed, true, "overloaded"},
		{19, 0, "", phone.NotAnswered, false, ""},
		{19, 19, "NOANSWER", phone.NotAnswered, false, ""},
		{18, 0, "", phone.NotAnswered, false, ""},
		{0, 0, "NOANSWER", phone.NotAnswered, false, ""},
		{16, 0, "", phone.NotAnswered, false, "declined"},
		{16, 17, "", phone.Busy, false, ""},
		{21, 21, "NOANSWER", phone.Unreachable, false, "rejected"},
		{1, 1, "NOANSWER", phone.Unreachable, false, "no such number"},
		{0, 0, "", phone.Unreachable, false, "no such number"},
		{20, 0, "CHANUNAVAIL", phone.Unreachable, false, "not registered"},
		{27, 0, "", phone.Unreachable, false, "switched off"},
		{3, 0, "CHANUNAVAIL", phone.Unreachable, false, "no route"},
		{99, 0, "", phone.Unreachable, false, "99"},
		{16, 16, "ANSWER", phone.Failed, true, "answered"},
	} {
		got := outcome(c.near, c.far, c.dial)
		if got.Outcome != c.want || got.Again != c.again || !strings.Contains(got.Cause, c.cause) {
			t.Errorf("causes %d and %d, %q: %+v, want %s, again %v, %q", c.near, c.far, c.dial, got, c.want, c.again, c.cause)
		}
		if got.Outcome == phone.Acknowledged || got.Outcome == phone.PassedOn || got.Outcome == phone.Heard {
			t.Errorf("nobody answered, and the outcome is %s", got.Outcome)
		}
	}
}

// TestNoCauseIsMoreThanItIs: no combination makes an unanswered call heard.
func TestNoCauseIsMoreThanItIs(t *testing.T) {
	for near := -1; near < 140; near++ {
		for _, far := range []int{0, 16, 17, 34, near} {
			for _, dial := range []string{"", "BUSY", "ANSWER", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL", "SOMETHING"} {
				switch r := outcome(near, far, dial); r.Outcome {
				case phone.Busy, phone.NotAnswered:
				case phone.Unreachable, phone.Failed:
					if r.Cause == "" {
						t.Errorf("%d, %d, %q: no cause", near, far, dial)
					}
				default:
					t.Errorf("%d, %d, %q: %+v", near, far, dial, r)
				}
			}
		}
	}
}

func TestEndpoints(t *testing.T) {
	w := Asterisk{opt: Options{Number: "PJSIP/{number}@trunk"}}
	for to, want := range map[string]string{
		"PJSIP/tanaka": "PJSIP/tanaka", "Local/tanaka@phones": "Local/tanaka@phones", "090-1234-5678": "PJSIP/09012345678@trunk", "+81 90 1234 5678": "PJSIP/+819012345678@trunk",
		"(03)1234 5678": "PJSIP/0312345678@trunk", "tanaka": "", "": "", "PJSIP/a&PJSIP/b": "", "PJSIP/a b": "", "../x": "", "1": "", "PJSIP/a,b": "", strings.Repeat("1", 40): "",
	} {
		got, err := w.endpoint(to)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", to, got, err, want)
		}
	}
	if got, err := (&Asterisk{}).endpoint("0312345678"); err == nil || !strings.Contains(err.Error(), "phone.asterisk.number") {
		t.Errorf("a number without a way: %q, %v", got, err)
	}
}

func TestChannelIDs(t *testing.T) {
	ids := []string{"a", "b", "a/b", "a-b", "a b", "日本", "日曜", strings.Repeat("x", 200), strings.Repeat("x", 201), "page-1;2", "../.."}
	seen := map[string]string{}
	for _, id := range ids {
		got := channelID(id)
		if got != channelID(id) || len(got) > 149 || !appName.MatchString(got) || !strings.HasPrefix(got, prefix) {
			t.Errorf("%q: %q", id, got)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", id, other, got)
		}
		seen[got] = id
	}
}
