package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/escalation"
)

func (b *builder) policies() map[string]*escalation.Policy {
	ids(b, b.wire.Policies)
	out := map[string]*escalation.Policy{}
	for _, it := range b.wire.Policies {
		out[it.name] = b.policy(it)
	}
	return out
}

func (b *builder) policy(it item[policyWire]) *escalation.Policy {
	w := &it.value
	b.reference(it.at.key("team"), "team", w.Team, b.wire.Teams.names())
	if w.Repeat < 0 || w.Repeat > 100 {
		b.consequence(it.at.key("repeat"), fmt.Sprintf("is %d; want 0 to 100", w.Repeat))
	}
	p := &escalation.Policy{
		Name: it.name, Team: w.Team, Repeat: w.Repeat,
		LeaderPhone: time.Duration(w.Leader.Phone), LeaderEvery: time.Duration(w.Leader.Every),
	}
	if t := b.wire.Teams.get(w.Team); t != nil {
		p.Leader = t.Leader
	}
	for i := range w.Steps {
		p.Steps = append(p.Steps, b.step(it.at.key("steps").index(i), &w.Steps[i]))
	}
	return p
}

func (b *builder) step(p place, w *stepWire) escalation.PolicyStep {
	s := escalation.PolicyStep{Who: b.target(p.key("who"), w.Who), Next: time.Duration(w.Next)}
	if w.Chat != nil {
		s.Via = append(s.Via, escalation.Delayed{Channel: escalation.Chat, After: time.Duration(*w.Chat)})
	}
	if w.Phone != nil {
		s.Via = append(s.Via, escalation.Delayed{Channel: escalation.Phone, After: time.Duration(*w.Phone)})
	}
	slices.SortStableFunc(s.Via, func(a, b escalation.Delayed) int { return cmp.Compare(a.After, b.After) })
	return s
}

// target reads SCHEDULE/LAYER or a person's id; no id has a slash.
func (b *builder) target(p place, who string) escalation.Target {
	name, layer, slash := strings.Cut(who, "/")
	switch {
	case who == "":
		b.consequence(p, "is missing; write SCHEDULE/LAYER, or a person's id")
	case !slash:
		b.reference(p, "person", who, b.wire.People.names())
		return escalation.Target{Person: who}
	case b.wire.Schedules.get(name) == nil:
		b.reference(p, "schedule", name, b.wire.Schedules.names())
	default:
		b.reference(p, "layer", layer, b.wire.Schedules.get(name).Layers.names())
	}
	return escalation.Target{Schedule: name, Layer: layer}
}
