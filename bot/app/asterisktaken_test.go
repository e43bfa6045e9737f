package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// The phone falls silent within a second when somebody else takes the
// incident in chat.
func TestTakenWhileItRings(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, asterisktest.Script{Ending: asterisktest.Never})
		id, _ := o.alert(down("db1.example.jp"))
		o.untilRinging(suzukisPhone)
		o.pause(7 * time.Second)
		taken := time.Now()
		o.says("sato", "/ack "+id)
		o.pause(time.Minute)
		calls := o.asterisk.Calls()
		if len(calls) != 1 || !calls[0].Answered.IsZero() || calls[0].Ended.IsZero() || calls[0].Ended.Sub(taken) > time.Second {
			o.t.Errorf("taken at %s, the calls are %+v", taken, calls)
		}
		o.resulted(id, "suzuki withdrawn")
		o.taken(id, "sato")
		o.pause(30 * time.Minute)
		if n := len(o.asterisk.Calls()); n != 1 {
			o.t.Errorf("after it was taken there were %d calls", n)
		}
	})
}

// One that was resolved by the monitoring system is of no more interest,
// either.
func TestResolvedWhileItRings(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, asterisktest.Script{Ending: asterisktest.Never})
		alert := down("db1.example.jp")
		id, _ := o.alert(alert)
		o.untilRinging(suzukisPhone)
		over := time.Now()
		o.alert(resolved(alert))
		o.pause(time.Minute)
		if calls := o.asterisk.Calls(); len(calls) != 1 || calls[0].Ended.IsZero() || calls[0].Ended.Sub(over) > time.Second {
			o.t.Errorf("resolved at %s, the calls are %+v", over, calls)
		}
		o.resulted(id, "suzuki withdrawn")
	})
}

// speaker is a program that speaks: each text has a sound of its own, of a
// second.
func speaker(t *testing.T) (args string) {
	t.Helper()
	const head = 44
	sound := asterisktest.WAV(time.Second)
	for i := head; i+3 < len(sound); i += 4 {
		sound[i+1], sound[i+3] = 0x20, 0xe0 // silence is taken for a fault
	}
	wav := filepath.Join(t.TempDir(), "second.wav")
	if err := os.WriteFile(wav, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	return "[sh, -c, 'cat > /dev/null; cat " + wav + "']"
}

// heard tells whether somebody has heard a sentence to its end.
func (o *asteriskOffice) heard(heard []asterisktest.Heard, sentence string) bool {
	o.t.Helper()
	media, err := o.telephone.Speech.Speak(o.t.Context(), "ja", phone.Texts(sentence))
	if err != nil || len(media) != 1 {
		o.t.Fatalf("%q is %q, %v", sentence, media, err)
	}
	return slices.ContainsFunc(heard, func(h asterisktest.Heard) bool { return h.Media == media[0] && h.How == asterisktest.Finished })
}

// Who is on the line hears who has taken it, and the call ends. It is the
// same with the voice of a program and with the recorded words, which know no
// names.
func TestTakenWhileTheyTalk(t *testing.T) {
	inAsterisk(t, asteriskSetting{asterisk: ", speech: {ja: " + speaker(t) + "}"}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, asterisktest.Script{Answer: 5 * time.Second})
		id, _ := o.alert(down("db1.example.jp"))
		o.untilRinging(suzukisPhone)
		o.pause(8 * time.Second)
		taken := time.Now()
		o.says("sato", "/ack "+id)
		o.pause(15 * time.Second)
		calls := o.asterisk.Calls(suzukisPhone)
		if len(calls) != 1 || calls[0].Ended.IsZero() || calls[0].Ended.Sub(taken) > 3*time.Second {
			o.t.Fatalf("taken at %s, the calls are %+v", taken, calls)
		}
		if !o.heard(calls[0].Heard, "佐藤 健さんが対応を始めました。ありがとうございました。") {
			o.t.Errorf("it was not said who has taken it: %+v", calls[0].Heard)
		}
		o.resulted(id, "suzuki withdrawn")
		o.taken(id, "sato")
	})
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, asterisktest.Script{Answer: 5 * time.Second})
		id, _ := o.alert(down("db1.example.jp"))
		o.untilRinging(suzukisPhone)
		o.pause(8 * time.Second)
		o.says("sato", "/ack "+id)
		o.pause(15 * time.Second)
		calls := o.asterisk.Calls(suzukisPhone)
		if len(calls) != 1 || calls[0].Ended.IsZero() || !strings.HasSuffix(strings.Join(said(calls[0].Heard), " "), "over-acknowledged") {
			o.t.Errorf("the calls are %+v", calls)
		}
		o.resulted(id, "suzuki withdrawn")
	})
}

// For a language that has no program the recorded words speak; the log says so
// once, and not at every sentence.
func TestNoVoiceForTheLanguage(t *testing.T) {
	inAsterisk(t, asteriskSetting{asterisk: ", speech: {en: " + speaker(t) + "}"}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, presses("9", "0", "1"))
		id, _ := o.alert(down("db1.example.jp"))
		o.pause(callAfter + 2*time.Minute)
		o.saidInOrder(o.asterisk.Heard(suzukisPhone), "hello", "menu", "wrong", "acknowledged")
		o.taken(id, "suzuki")
		if n := strings.Count(o.journal.String(), "cannot be spoken"); n != 1 {
			o.t.Errorf("it was logged %d times", n)
		}
		page := o.page("/metrics")
		if !strings.Contains(page, `what="speech failed"`) || strings.Contains(page, "what=\"speech failed\"} 1\n") {
			o.t.Error("not each is counted")
		}
	})
}
