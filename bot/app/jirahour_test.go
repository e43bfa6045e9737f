package app

import (
	"flag"
	"net/http"
	"slices"
	"testing"
	"time"
)

var hourTickets = flag.Int("hour-tickets", 60, "requests that appear in Jira at the rate of 10,000 an hour, in a bubble of time")

// distant is a way to Jira that takes as long as one over the internet.
type distant struct{ http.RoundTripper }

const roundTrip = 50 * time.Millisecond

func (d distant) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(roundTrip) // in the bubble's time
	return d.RoundTripper.RoundTrip(r)
}

// Requests that appear at the rate of 10,000 an hour are with their people
// soon after the poll that shows them: Tebiki keeps up, half a minute between
// polls and four requests at a time included.
func TestRateInJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		o.line.to = distant{o.line.to}
		r, made := newReader(o.App), map[string]time.Time{}
		o.line.watch(false, nil)
		polls := o.line.polls()
		for n := 0; len(r.when) < *hourTickets; n++ {
			if n < *hourTickets {
				for key, at := range appear(o.jira, []string{"tanaka", "sato", "suzuki"}, 1) {
					made[key] = at
				}
			}
			o.pause(time.Hour / 10_000)
			r.read(o.t)
			if n > *hourTickets+1000 {
				o.t.Fatalf("after %s only %d of %d have their message", time.Duration(n)*time.Hour/10_000, len(r.when), len(made))
			}
		}
		var times []time.Duration
		for key, at := range made {
			times = append(times, r.when[key].Sub(at))
		}
		slices.Sort(times)
		all, _ := o.line.counted()
		p50, p99 := times[len(times)/2], times[len(times)*99/100]
		if p99 > 75*time.Second || all > 20*len(made) {
			o.t.Errorf("p50 %s, p99 %s, %d requests for %d tickets", p50, p99, all, len(made))
		}
		o.t.Logf("from appearance to the message: p50 %s, p99 %s; %.1f requests a ticket, %d polls", p50, p99, float64(all)/float64(len(made)), o.line.polls()-polls)
	})
}
