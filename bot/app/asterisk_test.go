package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/adapters/tracker"
	"tebiki/escalation"

	chatconsole "tebiki/adapters/chat/console"
)

// presses is a person who picks up, hears the menu out and presses keys after
// it, each when the menu was said again.
func presses(keys ...string) asterisktest.Script {
	s := asterisktest.Script{Answer: 5 * time.Second}
	for _, key := range keys {
		s.Then = append(s.Then, asterisktest.Step{Hear: "/menu", After: time.Second, Key: key})
	}
	return s
}

// An urgent alert has a ticket and a message at once; nobody presses the
// button, so the phone rings, and the key 1 takes the incident. That it is
// taken is said only once it is so, and it stays so.
func TestUrgentByAsterisk(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, presses("1"))
		id, _ := o.alert(down("db1.example.jp"))
		o.pause(callAfter - time.Second)
		ticket := o.ticket("the incident's", func(tk tracker.Ticket) bool { return tk.Label == "tebiki/"+id+"/ticket" })
		page := o.message("suzuki", "incident/"+id, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "ack") })
		if o.calls(suzukisPhone) > 0 {
			o.t.Error("it rang before its time")
		}
		var when incident
		o.cord.before("/acknowledged", func() { when = o.incident(id) })
		o.pause(time.Minute)
		if when.AcknowledgedBy != "suzuki" {
			o.t.Errorf("as it was said to be acknowledged it was %+v", when)
		}
		calls := o.asterisk.Calls()
		if len(calls) != 1 || calls[0].To != suzukisPhone || calls[0].Answered.IsZero() || calls[0].Ended.IsZero() {
			o.t.Fatalf("the calls are %+v", calls)
		}
		o.saidInOrder(calls[0].Heard, "hello", "incident", "n1", "alert", "menu", "acknowledged")
		o.resulted(id, "suzuki acknowledged")
		o.wantAcknowledged(id, "suzuki")
		if m := o.message("suzuki", page.Key, "", func(chatconsole.Stored) bool { return true }); !strings.Contains(textOf(m), ticket.Key) {
			o.t.Errorf("the message does not name the ticket:\n%s", textOf(m))
		}
		if p := o.page("/incidents/" + id); !strings.Contains(p, "鈴木") {
			o.t.Error("the console's page does not say whose it is")
		}
		o.stop()
		o.start()
		o.pause(30 * time.Minute)
		o.taken(id, "suzuki")
		if n := len(o.asterisk.Calls()); n != 1 {
			o.t.Errorf("in the end there were %d calls", n)
		}
	})
}

// The key 2 passes to the next person at once, who is called in their turn.
func TestPassedOnByAsterisk(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, presses("9", "2"))
		o.asterisk.Person(satosPhone, presses("0", "1"))
		id, _ := o.alert(down("db1.example.jp"))
		o.pause(callAfter + 50*time.Second)
		o.saidInOrder(o.asterisk.Heard(suzukisPhone), "menu", "wrong", "menu", "passed")
		o.resulted(id, "suzuki passed on")
		o.message("sato", "incident/"+id, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "ack") })
		o.pause(callAfter + 30*time.Second)
		o.saidInOrder(o.asterisk.Heard(satosPhone), "menu", "menu", "acknowledged")
		o.resulted(id, "suzuki passed on", "sato acknowledged")
		o.taken(id, "sato")
	})
}

// Whoever cannot be reached is followed by the next person: at once, when
// waiting is of no use, and else when the policy says so.
func TestNextPersonByAsterisk(t *testing.T) {
	set := asteriskSetting{sounds: t.TempDir()}
	for _, c := range []struct {
		name    string
		person  asterisktest.Script
		outcome string
		after   time.Duration // of sato's message
	}{
		{"not answered", asterisktest.Script{Ending: asterisktest.Never}, "not answered", 5 * time.Minute},
		{"busy", asterisktest.Script{Ending: asterisktest.Busy, Answer: time.Second}, "busy", 5 * time.Minute},
		{"a voicemail box", asterisktest.Script{Answer: 10 * time.Second}, "heard", 5 * time.Minute},
		{"hung up", asterisktest.Script{Answer: 5 * time.Second, Then: []asterisktest.Step{{Hear: "/alert", HangUp: true}}}, "heard", 5 * time.Minute},
		{"rejected", asterisktest.Script{Ending: asterisktest.Rejects, Answer: 3 * time.Second}, "unreachable", callAfter + 3*time.Second},
		{"switched off", asterisktest.Script{Unregistered: true}, "unreachable", callAfter},
		{"no free line", asterisktest.Script{Ending: asterisktest.Congested, Answer: time.Second}, "failed", callAfter + time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inAsterisk(t, set, func(o *asteriskOffice) {
				o.asterisk.Person(suzukisPhone, c.person)
				o.asterisk.Person(satosPhone, presses("1"))
				began := time.Now()
				id, _ := o.alert(down("db1.example.jp"))
				o.pause(12 * time.Minute)
				o.resulted(id, "suzuki "+c.outcome, "sato acknowledged")
				o.taken(id, "sato")
				lines := o.history(id)
				next := slices.IndexFunc(lines, func(l escalation.Line) bool { return l.News == escalation.NewsPaged && l.Person == "sato" })
				if next < 0 {
					o.t.Fatal("sato was not paged")
				}
				if d := lines[next].At.Sub(began); d < c.after || d > c.after+time.Second {
					o.t.Errorf("sato was paged after %s, want %s", d, c.after)
				}
				if n := o.calls(suzukisPhone); n > 1 {
					o.t.Errorf("suzuki was called %d times", n)
				}
			})
		})
	}
}

// What comes for one person within a call is offered on it, one after the
// other, and rings no second time.
func TestOneCallForTwoByAsterisk(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, presses("1", "1"))
		one, _ := o.alert(down("db1.example.jp"))
		o.pause(3 * time.Second)
		two, _ := o.alert(down("mail1.example.jp"))
		if one == two {
			o.t.Fatal("both alerts are of one incident")
		}
		o.pause(callAfter + time.Minute)
		if n, most := o.calls(suzukisPhone), o.asterisk.MostAtOnceTo(suzukisPhone); n != 1 || most != 1 {
			o.t.Errorf("it rang %d times, %d at once", n, most)
		}
		o.saidInOrder(o.asterisk.Heard(suzukisPhone), "hello", "n1", "menu", "acknowledged", "incident", "n2", "menu", "acknowledged")
		for _, id := range []string{one, two} {
			o.resulted(id, "suzuki acknowledged")
			o.taken(id, "suzuki")
		}
	})
}
