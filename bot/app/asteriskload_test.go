package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone/asterisk/asterisktest"
)

// crowd gives the office so many people besides, each with a phone and with
// incidents of their own, host0's, host1's and so on: they are called at once.
func crowd(n int) (replace []string) {
	var people, policies, routes strings.Builder
	for i := range n {
		fmt.Fprintf(&people, "  p%d: {name: P%d, team: infra-jp, phone: PJSIP/p%d}\n", i, i, i)
		fmt.Fprintf(&policies, "  only-p%d:\n    team: infra-jp\n    steps: [{who: p%d, phone: 0s, next: 1h}]\n", i, i)
		fmt.Fprintf(&routes, "    - {match: {host: host%d}, policy: only-p%d}\n", i, i)
	}
	return []string{"\npeople:\n", "\npeople:\n" + people.String(), "\npolicies:\n", "\npolicies:\n" + policies.String(), "\n  routes:\n", "\n  routes:\n" + routes.String(),
		"storm: {incidents: 10,", fmt.Sprintf("storm: {incidents: %d,", 2*n)}
}

// fates are people of all kinds, and what becomes of calls to them.
func fates() []struct {
	script  asterisktest.Script
	outcome string
} {
	return []struct {
		script  asterisktest.Script
		outcome string
	}{
		{presses("1"), "acknowledged"},
		{presses("2"), "passed on"},
		{presses("9", "0", "1"), "acknowledged"},
		{asterisktest.Script{Answer: 2 * time.Second}, "heard"},
		{asterisktest.Script{Then: []asterisktest.Step{{After: 3 * time.Second, HangUp: true}}}, "heard"},
		{asterisktest.Script{Ending: asterisktest.Never}, "not answered"},
		{asterisktest.Script{Ending: asterisktest.Busy}, "busy"},
		{asterisktest.Script{Ending: asterisktest.Rejects, Answer: 2 * time.Second}, "unreachable"},
		{asterisktest.Script{Ending: asterisktest.Congested}, "failed"},
		{asterisktest.Script{Unregistered: true}, "unreachable"},
	}
}

// Five hundred incidents call five hundred people on thirty lines: each call
// comes to what its person does, and every incident has its result.
func TestFiveHundredIncidents(t *testing.T) {
	const n, lines = 500, 30
	inAsterisk(t, asteriskSetting{phone: fmt.Sprintf(", lines: %d", lines), replace: crowd(n)}, func(o *asteriskOffice) {
		kinds := fates()
		for i := range n {
			o.asterisk.Person(fmt.Sprint("PJSIP/p", i), kinds[i%len(kinds)].script)
		}
		var storm []map[string]any
		for i := range n {
			storm = append(storm, down(fmt.Sprint("host", i)))
		}
		var raised alertReceipts
		o.ask(http.MethodPost, "/v1/alerts", storm, &raised)
		o.pause(30 * time.Minute)
		for i, r := range raised.Alerts {
			id, want := r.Incident, fmt.Sprintf("p%d %s", i, kinds[i%len(kinds)].outcome)
			if got := o.results(id); len(got) == 0 || got[0] != want {
				o.t.Errorf("the calls about %s came to %q, want %q", id, got, want)
			}
			if c := o.calls(fmt.Sprint("PJSIP/p", i)); c > 1 {
				o.t.Errorf("p%d was called %d times", i, c)
			}
		}
		if len(raised.Alerts) != n {
			o.t.Errorf("%d alerts were taken", len(raised.Alerts))
		}
		if most := o.asterisk.MostAtOnce(); most != lines {
			o.t.Errorf("%d calls were on at once, want %d", most, lines)
		}
	})
}

// BenchmarkAsteriskCall is the time to the request that rings a phone, from
// the POST of an alert and from its answer, which comes after the commit. It
// goes over sockets, with the recorded words, while two thirds of the lines
// are in use and the others are free.
func BenchmarkAsteriskCall(b *testing.B) {
	var posted, committed []time.Duration
	for b.Loop() {
		p, c := originates(b)
		posted, committed = append(posted, p...), append(committed, c...)
	}
	report(b, "from-post", posted)
	report(b, "from-commit", committed)
	b.ReportMetric(0, "ns/op")
}

func originates(b *testing.B) (posted, committed []time.Duration) {
	const people, lines, held = 400, 30, 20
	fake := asterisktest.New(b, asterisktest.WithSpeed(20))
	for i := range people {
		s := asterisktest.Script{Ending: asterisktest.Busy, Answer: 50 * time.Millisecond}
		if i < held {
			s = asterisktest.Script{Ending: asterisktest.Never}
		}
		fake.Person(fmt.Sprint("PJSIP/p", i), s)
	}
	url, stop := callsBy(b, fake, asteriskSetting{phone: fmt.Sprintf(", lines: %d", lines), replace: crowd(people)})
	defer stop()
	c := client(1)
	defer c.CloseIdleConnections()
	for i := range people {
		body, err := json.Marshal(down(fmt.Sprint("host", i)))
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := post(c, url+"/v1/alerts", body); err != nil {
			b.Fatal(err)
		}
		answered := time.Now()
		if at := rung(b, fake, i); i >= held {
			posted, committed = append(posted, at.Sub(began)), append(committed, max(0, at.Sub(answered)))
		}
	}
	return posted, committed
}

// callsBy runs an app that is connected to an Asterisk.
func callsBy(b *testing.B, fake *asterisktest.Asterisk, set asteriskSetting) (url string, stop func()) {
	a, err := New(b.Context(), asteriskOptions(b, fake.URL(), b.TempDir(), set))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	for until := time.Now().Add(10 * time.Second); !a.telephone.Connected(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			b.Fatal("there is no connection to Asterisk")
		}
	}
	return "http://" + a.Addr().String(), func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}

// rung is when the request came that rings somebody's phone.
func rung(b *testing.B, fake *asterisktest.Asterisk, i int) time.Time {
	endpoint := fmt.Appendf(nil, `"PJSIP/p%d"`, i)
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Microsecond) {
		all := fake.Requests(http.MethodPost + " channels")
		if at := slices.IndexFunc(all, func(e asterisktest.Entry) bool { return bytes.Contains(e.Body, endpoint) }); at >= 0 {
			return all[at].At
		}
	}
	b.Fatalf("nobody calls p%d", i)
	return time.Time{}
}
