package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"tebiki/escalation"
)

// sentAlert is an alert with what its sender remembers of it.
type sentAlert struct {
	body            map[string]any
	tries           int // how often it was sent, and may have been taken
	incident, state string
}

func (s *sentAlert) text(field string) string {
	v, _ := s.body[field].(string)
	return v
}

func (s *sentAlert) fingerprint() escalation.Fingerprint {
	a := escalation.Alert{Source: s.text("source"), Host: s.text("host"), Check: s.text("check")}
	return a.Fingerprint()
}

// onCalls is how many alerts of the mix call a person, one for each person:
// their phones ring for some seconds, and nobody answers.
var onCalls = []string{"tanaka", "sato", "suzuki", "smith", "garcia", "lee"}

// stormAt is the number of incidents within a minute beyond which it storms.
const stormAt = 60

// subtickets is how many matching alerts get a sub-ticket each.
const subtickets = 20

// killConfiguration pages at once, calls after a second, and does nothing more
// for hours: so there is a time at which everything has been done.
func killConfiguration() string {
	var b strings.Builder
	policy := func(name, team, who, phone string) {
		fmt.Fprintf(&b, "  %s: {team: %s, steps: [{who: %s, chat: 0s, %s next: 5h}], leader: {phone: 5h, every: 10h}}\n", name, team, who, phone)
	}
	b.WriteString("policies:\n")
	policy("calm", "infra-jp", "infra-jp/primary", "")
	policy("storm", "platform-en", "lee", "")
	policy("held", "platform-en", "smith", "")
	for _, p := range onCalls {
		policy("call-"+p, "infra-jp", p, "phone: 1s,")
	}
	b.WriteString("alerts:\n  routes:\n")
	for _, p := range onCalls {
		fmt.Fprintf(&b, "    - {match: {host: call-%s}, policy: call-%s}\n", p, p)
	}
	fmt.Fprintf(&b, `    - {match: {host: storm-*}, policy: storm}
    - {match: {host: held-*}, policy: held, hold: {times: 3, within: 1h}}
    - {policy: calm}
  match: {fields: [host], within: 1h, subtickets: %d}
  storm: {incidents: %d, within: 1m, list_every: 1s}
phone: {lines: %d, ring: 5s}
`, subtickets, stormAt, len(onCalls))
	return b.String()
}

// A sort is a part of the mix.
type sort struct {
	share int // of a hundred
	alert func(*rand.Rand) map[string]any
}

var sorts = []sort{
	{35, func(r *rand.Rand) map[string]any { // new, repeated, and matching ones
		return about(fmt.Sprintf("calm-%d.example.jp", r.IntN(40)), fmt.Sprint("check ", r.IntN(30)))
	}},
	{10, func(r *rand.Rand) map[string]any { // recoveries of them, wanted or not
		a := about(fmt.Sprintf("calm-%d.example.jp", r.IntN(40)), fmt.Sprint("check ", r.IntN(30)))
		a["status"] = "resolved"
		return a
	}},
	{10, func(r *rand.Rand) map[string]any { // some that come and go
		a := about(fmt.Sprintf("calm-solo-%d.example.jp", r.IntN(12)), "http")
		if r.IntN(3) == 0 {
			a["status"] = "resolved"
		}
		return a
	}},
	{20, func(r *rand.Rand) map[string]any {
		return about(fmt.Sprintf("storm-%d.example.com", r.IntN(100_000)), "power")
	}},
	{5, func(r *rand.Rand) map[string]any {
		return about(fmt.Sprintf("held-%d.example.com", r.IntN(20)), "load")
	}},
	{5, func(r *rand.Rand) map[string]any { return about("call-"+onCalls[r.IntN(len(onCalls))], "ping") }},
	{15, func(r *rand.Rand) map[string]any {
		a := about(fmt.Sprintf("low-%d.example.com", r.IntN(50)), "disk")
		a["severity"] = "info"
		return a
	}},
}

func about(host, check string) map[string]any {
	return map[string]any{"source": "test", "host": host, "check": check, "severity": "critical"}
}

// mix makes n alerts, each of which can be told from the others.
func mix(random *rand.Rand, n int) []*sentAlert {
	var lots []sort
	for _, s := range sorts {
		for range s.share {
			lots = append(lots, s)
		}
	}
	out := make([]*sentAlert, n)
	for i := range out {
		body := lots[random.IntN(len(lots))].alert(random)
		body["summary"] = fmt.Sprint("alert ", i)
		out[i] = &sentAlert{body: body}
	}
	return out
}
