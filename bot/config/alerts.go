package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/escalation"
)

func (b *builder) rules() *escalation.Rules {
	w := &b.wire.Alerts
	b.alertLimits(w)
	r := &escalation.Rules{
		Routes:       b.routes(w.Routes),
		Policies:     b.policies(),
		Schedules:    b.schedules(),
		Match:        append(slices.Clone(w.Match.Fields), "labels."+ReportLabel),
		MatchWithin:  time.Duration(w.Match.Within),
		Subtickets:   w.Match.Subtickets,
		Storm:        escalation.Rate{Count: w.Storm.Incidents, Within: time.Duration(w.Storm.Within)},
		ListEvery:    time.Duration(w.Storm.ListEvery),
		Reopen:       time.Duration(w.Reopen.Within),
		Grace:        time.Duration(w.Reopen.Grace),
		Flap:         escalation.Rate{Count: w.Flapping.Times, Within: time.Duration(w.Flapping.Within)},
		FlapQuiet:    time.Duration(w.Flapping.Quiet),
		AckTimeout:   time.Duration(w.Acknowledged.Timeout),
		ConfirmLimit: time.Duration(w.Acknowledged.ConfirmWithin),
	}
	for _, s := range w.Low {
		r.Low = append(r.Low, strings.ToLower(s))
	}
	return r
}

// alertLimits checks what the rules would take, or could not place so well.
func (b *builder) alertLimits(w *alertsWire) {
	for i, f := range w.Match.Fields {
		if !escalation.KnownField(f) {
			b.consequence(at("alerts", "match", "fields").index(i), fmt.Sprintf("an alert has no field %q; %s", f, wantField))
		}
	}
	b.between(w.Match.Subtickets, 1, 1000, "alerts", "match", "subtickets")
	b.between(w.Storm.Incidents, 1, 100000, "alerts", "storm", "incidents")
	b.between(w.Flapping.Times, 1, 1000, "alerts", "flapping", "times")
}

// routes are the configured ones or, without any, one to the first policy.
func (b *builder) routes(ws []routeWire) []escalation.Route {
	policies := b.wire.Policies.names()
	if ws == nil && len(policies) > 0 {
		return []escalation.Route{{Policy: policies[0]}}
	}
	var out []escalation.Route
	for i, w := range ws {
		p := at("alerts", "routes").index(i)
		b.reference(p.key("policy"), "policy", w.Policy, policies)
		out = append(out, escalation.Route{Match: patterns(w.Match), Policy: w.Policy, Hold: b.hold(p.key("hold"), w.Hold)})
	}
	return out
}

func patterns(ws named[string]) map[string]escalation.Pattern {
	if len(ws) == 0 {
		return nil
	}
	out := map[string]escalation.Pattern{}
	for _, it := range ws {
		out[it.name] = escalation.Pattern(it.value)
	}
	return out
}

func (b *builder) hold(p place, w *holdWire) escalation.Hold {
	if w == nil {
		return escalation.Hold{}
	}
	switch {
	case w.Times == 0 && w.Within == 0 && w.For == 0:
		b.consequence(p, "holds nothing; write {times: 3, within: 5m} or {for: 10m}, or leave it out")
	case w.Times == 0 && w.Within != 0:
		b.consequence(p.key("within"), "says no number of times; write {times: 3, within: 5m}", p.key("times"))
	case w.Times != 0 && (w.Times < 2 || w.Times > 10000):
		b.fault(p.key("times"), "is %d; want 2 to 10000, since every alert comes once", w.Times)
	case w.Times != 0 && w.Within == 0:
		b.consequence(p, "lacks the time in which the alert has to come so often; write {times: 3, within: 5m}")
	}
	return escalation.Hold{
		Rate: escalation.Rate{Count: w.Times, Within: time.Duration(w.Within)},
		For:  time.Duration(w.For),
	}
}
