package config

import (
	"strings"
	"testing"
	"time"

	"tebiki/escalation"
	"tebiki/escalation/schedule"
)

// brokenRules break every rule there is; a builder would have found most.
func brokenRules() *escalation.Rules {
	return &escalation.Rules{
		Routes: []escalation.Route{{
			Match: map[string]escalation.Pattern{`a"b`: "x"}, Policy: "none",
			Hold: escalation.Hold{Rate: escalation.Rate{Count: 2}},
		}},
		Match: []string{"cluster"},
		Policies: map[string]*escalation.Policy{
			"p": {Name: "p"},
			`q"; x`: {Name: `q"; x`, Leader: "l", Steps: []escalation.PolicyStep{
				{Who: escalation.Target{Schedule: "none"}},
				{Who: escalation.Target{Schedule: "s", Layer: "none"}, Via: []escalation.Delayed{
					{Channel: escalation.Phone, After: time.Hour}, {Channel: escalation.Chat, After: -1}}},
			}},
		},
		Schedules: map[string]*schedule.Schedule{
			"e": {Name: "e"},
			"s": {Name: "s", Zone: time.UTC,
				Layers:    []schedule.Layer{{Name: "a"}, {Name: "b", People: []string{"x"}}, {Name: "c", People: []string{"x"}, Days: 1, At: -1}},
				Overrides: []schedule.Override{{Layer: "z", Person: "x"}}},
		},
	}
}

// A sentence of a check that nobody can place would stand at the alerts: when
// the rules learn a new one, locate has to as well.
func TestEveryCheckIsPlaced(t *testing.T) {
	b := builder{reader: newReader("f"), wire: &wire{}}
	places := map[string]bool{}
	for _, err := range flatten(brokenRules().Check()) {
		for _, f := range b.locate(err.Error()) {
			places[f.at.String()] = true
			if f.at == at("alerts") && !strings.HasPrefix(f.what, "storm.incidents, flapping.times and") {
				t.Errorf("nobody knows the place of: %s", err)
			}
		}
	}
	for _, want := range []string{
		"alerts.routes", "alerts.routes[0].policy", `alerts.routes[0].match."a\"b"`, "alerts.routes[0].hold", "alerts.match.fields",
		"alerts.match.within", "alerts.acknowledged.confirm_within",
		"policies.p", "policies.p.steps", "policies.p.leader",
		`policies."q\"; x".steps[0]`, `policies."q\"; x".steps[0].who`, `policies."q\"; x".steps[1].who`, `policies."q\"; x".steps[1].phone`,
		"schedules.e.zone", "schedules.e.layers", "schedules.s.layers.a.people", "schedules.s.layers.b.days", "schedules.s.layers.c.at",
		"schedules.s.overrides",
	} {
		if !places[want] {
			t.Errorf("nothing was found at %s, only at %v", want, places)
		}
	}
}

func TestWhatFollowsIsLeftOut(t *testing.T) {
	r := newReader("f")
	r.fault(at("a", "b"), "cause")
	r.broken(at("c"), "has no shape")
	r.consequence(at("a"), "follows from what is inside")
	r.consequence(at("c", "d"), "follows from what is around")
	r.consequence(at("e"), "follows from another", at("a", "b"))
	r.consequence(at("a", "bb"), "stands alone")
	got := r.sorted().Error()
	want := "f:1: a.b: cause\nf:1: a.bb: stands alone\nf:1: c: has no shape"
	if got != want {
		t.Errorf("faults:\n%s\nwant:\n%s", got, want)
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"chat", "leader", "zone"}
	for word, want := range map[string]string{
		"zoen": "did you mean zone?", "Zone": "did you mean zone?", "leadr": "did you mean leader?",
		"telephone": "want one of chat, leader, zone", "": "want one of chat, leader, zone",
		strings.Repeat("zone", 1000): "want one of chat, leader, zone",
	} {
		if got := suggest(word, known); got != want {
			t.Errorf("suggest(%.20q) = %q, want %q", word, got, want)
		}
	}
}
