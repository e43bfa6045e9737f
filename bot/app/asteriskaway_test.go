package app

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/escalation"

	chatconsole "tebiki/adapters/chat/console"
)

// A trouble is a way in which nobody can be called.
type trouble struct {
	name    string
	begin   func(o *asteriskOffice)
	end     func(o *asteriskOffice)
	within  time.Duration // the next channel is used
	log     []string
	metrics []string
}

func troubles() []trouble {
	lost := func(why string) []string {
		return []string{`tebiki_phone_events_total{what="connection lost: ` + why + `"}`, "tebiki_phone_connected 0"}
	}
	return []trouble{
		{"away", func(o *asteriskOffice) { o.asterisk.Die() }, func(o *asteriskOffice) { o.asterisk.Return() }, 0,
			[]string{"there is no connection to Asterisk; calls go to the next channel at once", "the next channel is used now"}, lost("away")},
		{"hanging", func(o *asteriskOffice) { o.asterisk.Hang() }, func(o *asteriskOffice) { o.asterisk.Resume() }, 0,
			[]string{"there is no connection to Asterisk", "the next channel is used now"}, lost("half-open")},
		{"not authorised", func(o *asteriskOffice) {
			o.asterisk.Die()
			o.asterisk.Return()
			o.asterisk.Fail("*", -1, asterisktest.Fault{Status: http.StatusUnauthorized, Body: `{"message":"Authentication required"}`})
		}, func(o *asteriskOffice) { o.asterisk.Mend() }, 0,
			[]string{"there is no connection to Asterisk", "compare user and password with ari.conf", "the next channel is used now"}, lost("password")},
		{"behind a broken proxy", func(o *asteriskOffice) { o.asterisk.Fail("*", -1, asterisktest.Unavailable()) },
			func(o *asteriskOffice) { o.asterisk.Mend() }, 15 * time.Second,
			[]string{"the next channel is used now"}, []string{`tebiki_phone_events_total{what="request failed: 5xx"}`}},
		{"asked too often", func(o *asteriskOffice) { o.asterisk.Fail("*", -1, asterisktest.TooMany(time.Second)) },
			func(o *asteriskOffice) { o.asterisk.Mend() }, 15 * time.Second,
			[]string{"Asterisk asks for fewer requests", "the next channel is used now"}, []string{`tebiki_phone_events_total{what="request failed: too many"}`}},
		{"taken by another client", (*asteriskOffice).rival, func(o *asteriskOffice) { o.ends() }, 4 * time.Second,
			[]string{"another client has taken the application: give each its own name (phone.asterisk.app)", "the next channel is used now"}, lost("taken")},
	}
}

// Whatever keeps the phone from ringing, the next person has a message at
// once, the log says what to do and the metrics show it; and when Asterisk is
// back the next call of the policy rings.
func TestAsteriskAway(t *testing.T) {
	set := asteriskSetting{sounds: t.TempDir()}
	for _, c := range troubles() {
		t.Run(c.name, func(t *testing.T) {
			inAsterisk(t, set, c.meet)
		})
	}
}

func (c trouble) meet(o *asteriskOffice) {
	o.asterisk.Person(suzukisPhone, presses("1"))
	began := time.Now()
	id, _ := o.alert(down("db1.example.jp"))
	o.pause(time.Minute)
	c.begin(o)
	o.pause(callAfter)
	lines := o.history(id)
	next := slices.IndexFunc(lines, func(l escalation.Line) bool { return l.News == escalation.NewsPaged && l.Person == "sato" })
	if next < 0 || lines[next].At.Sub(began) > callAfter+c.within {
		o.t.Errorf("sato has no message at once: %+v", lines)
	}
	o.message("sato", "incident/"+id, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "ack") })
	if got := o.results(id); len(got) == 0 || got[0] != "suzuki failed" {
		o.t.Errorf("the calls came to %q", got)
	}
	log, metrics := o.journal.String(), o.page("/metrics")
	for _, want := range c.log {
		if !strings.Contains(log, want) {
			o.t.Errorf("the log lacks %q", want)
		}
	}
	for _, want := range c.metrics {
		if !strings.Contains(metrics, "\n"+want) {
			o.t.Errorf("the metrics lack %q", want)
		}
	}
	if left := o.asterisk.Calls(); len(left) > 0 {
		o.t.Errorf("somebody was called all the same: %+v", left)
	}
	c.end(o)
	o.pause(12 * time.Minute)
	if calls := o.asterisk.Calls(suzukisPhone); len(calls) != 1 {
		o.t.Errorf("when Asterisk is back the calls are %+v", calls)
	}
	o.taken(id, "suzuki")
}

// rival begins another client, which takes the application whenever it has
// lost it.
func (o *asteriskOffice) rival() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	address := o.asterisk.WebsocketURL() + "?" + url.Values{"app": {"tebiki"}, "api_key": {asterisktest.User + ":" + asterisktest.Password}}.Encode()
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			conn, resp, err := o.asterisk.Dialer().DialContext(ctx, address, nil)
			if err != nil {
				return
			}
			_ = resp.Body.Close()
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			for {
				_, event, err := conn.ReadMessage()
				if err != nil || strings.Contains(string(event), "ApplicationReplaced") {
					break
				}
			}
			stop()
			_ = conn.Close() // perhaps by the end already
		}
	}()
	o.ends = func() { cancel(); <-done }
	o.t.Cleanup(o.ends)
}

// A password that Asterisk refuses is known at the first call, and said with
// what to do about it.
func TestAsteriskRefusesThePassword(t *testing.T) {
	inAsterisk(t, asteriskSetting{password: "not-this-one"}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, presses("1"))
		id, _ := o.alert(down("db1.example.jp"))
		o.pause(callAfter + time.Second)
		o.message("sato", "incident/"+id, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "ack") })
		o.resulted(id, "suzuki failed")
		if log := o.journal.String(); !strings.Contains(log, "ari.conf") || strings.Contains(log, "not-this-one") {
			o.t.Errorf("the log does not say where the password stands, or tells it")
		}
	})
}
