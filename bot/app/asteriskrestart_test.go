package app

import (
	"testing"
	"time"

	"tebiki/adapters/phone/asterisk/asterisktest"
)

// A process that dies while a phone rings, or while somebody is on the line,
// is followed by one that finds the call again: nobody is rung a second time,
// and it has one result.
func TestRestartFindsTheCall(t *testing.T) {
	set := asteriskSetting{sounds: t.TempDir()}
	for _, c := range []struct {
		name   string
		person asterisktest.Script
		dies   time.Duration // after it rings
		heard  []string
	}{
		{"while it rings", asterisktest.Script{Answer: 20 * time.Second, Then: []asterisktest.Step{{Hear: "/menu", After: time.Second, Key: "1"}}}, 5 * time.Second,
			[]string{"hello", "menu", "acknowledged"}},
		{"picked up meanwhile", asterisktest.Script{Answer: 8 * time.Second, Then: []asterisktest.Step{{Hear: "/menu", After: time.Second, Key: "1"}}}, 5 * time.Second,
			[]string{"hello", "menu", "acknowledged"}},
		{"while they talk", asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{{Hear: "/menu"}, {Hear: "/menu", After: time.Second, Key: "1"}}}, 10 * time.Second,
			[]string{"hello", "menu", "acknowledged"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inAsterisk(t, set, func(o *asteriskOffice) {
				o.asterisk.Person(suzukisPhone, c.person)
				id, _ := o.alert(down("db1.example.jp"))
				o.untilRinging(suzukisPhone)
				o.pause(c.dies)
				o.die()
				o.pause(3 * time.Second)
				o.start()
				o.pause(2 * time.Minute)
				calls := o.asterisk.Calls()
				if len(calls) != 1 {
					o.t.Fatalf("the calls are %+v", calls)
				}
				o.saidInOrder(calls[0].Heard, c.heard...)
				o.resulted(id, "suzuki acknowledged")
				o.taken(id, "suzuki")
				o.pause(30 * time.Minute)
				if n := len(o.asterisk.Calls()); n != 1 {
					o.t.Errorf("in the end there were %d calls", n)
				}
			})
		})
	}
}

// A call whose end nobody saw is made again, once, and has one result; so it
// is when the process ended in good order, which hangs up.
func TestRestartCallsAgain(t *testing.T) {
	set := asteriskSetting{sounds: t.TempDir()}
	for name, end := range map[string]func(o *asteriskOffice){
		"hung up meanwhile": func(o *asteriskOffice) {
			o.die()
			o.asterisk.OnLine(suzukisPhone).HangUp()
		},
		"Asterisk restarts, too": func(o *asteriskOffice) {
			o.die()
			o.asterisk.Die()
			o.asterisk.Return()
		},
		"in good order": func(o *asteriskOffice) { o.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			inAsterisk(t, set, func(o *asteriskOffice) {
				o.asterisk.Person(suzukisPhone, asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{{Hear: "/menu", After: 12 * time.Second, Key: "1"}}})
				id, _ := o.alert(down("db1.example.jp"))
				o.untilRinging(suzukisPhone)
				o.pause(10 * time.Second)
				end(o)
				o.pause(2 * time.Second)
				o.start()
				o.pause(2 * time.Minute)
				if n, most := o.calls(suzukisPhone), o.asterisk.MostAtOnceTo(suzukisPhone); n != 2 || most != 1 {
					o.t.Errorf("it rang %d times, %d at once", n, most)
				}
				o.resulted(id, "suzuki acknowledged")
				o.taken(id, "suzuki")
			})
		})
	}
}

// What was taken while the process was away is not called about any more: the
// call under way is ended.
func TestRestartAfterItWasTaken(t *testing.T) {
	inAsterisk(t, asteriskSetting{}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, asterisktest.Script{Ending: asterisktest.Never})
		id, _ := o.alert(down("db1.example.jp"))
		o.untilRinging(suzukisPhone)
		o.pause(5 * time.Second)
		o.cord.cut() // the phone hears nothing of it
		o.says("sato", "/ack "+id)
		o.leave(o.opt.Data)
		o.stop()
		o.resume(o.opt.Data)
		o.start()
		o.pause(time.Minute)
		if calls := o.asterisk.Calls(); len(calls) != 1 || calls[0].Ended.IsZero() {
			o.t.Errorf("the calls are %+v", calls)
		}
		o.resulted(id, "suzuki withdrawn")
		o.taken(id, "sato")
	})
}
