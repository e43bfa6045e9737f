package config

import (
	"cmp"
	"time"

	"tebiki/escalation/schedule"
)

func (b *builder) schedules() map[string]*schedule.Schedule {
	ids(b, b.wire.Schedules)
	out := map[string]*schedule.Schedule{}
	for _, it := range b.wire.Schedules {
		out[it.name] = b.schedule(it)
	}
	return out
}

func (b *builder) schedule(it item[scheduleWire]) *schedule.Schedule {
	w := &it.value
	ids(b, w.Layers)
	s := &schedule.Schedule{Name: it.name, Zone: w.Zone.Location}
	if s.Zone == nil {
		b.consequence(it.at.key("zone"), "is missing; write a time zone, such as zone: Asia/Tokyo")
	}
	zone := cmp.Or(s.Zone, time.UTC)
	for _, l := range w.Layers {
		s.Layers = append(s.Layers, b.layer(l, zone))
	}
	for i := range w.Overrides {
		s.Overrides = append(s.Overrides, b.override(it.at.key("overrides").index(i), &w.Overrides[i], w.Layers.names(), zone))
	}
	return s
}

func (b *builder) layer(it item[layerWire], zone *time.Location) schedule.Layer {
	w := &it.value
	for i, id := range w.People {
		b.reference(it.at.key("people").index(i), "person", id, b.wire.People.names())
	}
	if w.Start.IsZero() {
		b.consequence(it.at.key("start"), "is missing; write the day of the first person's first turn, such as start: 2026-11-23")
	}
	// At noon the date is the same whatever the zone's clocks do that night.
	y, m, d := w.Start.Date()
	return schedule.Layer{
		Name:   it.name,
		People: w.People,
		Start:  time.Date(y, m, d, 12, 0, 0, 0, zone),
		Days:   w.Days,
		At:     time.Duration(w.At),
	}
}

func (b *builder) override(p place, w *overrideWire, layers []string, zone *time.Location) schedule.Override {
	b.reference(p.key("layer"), "layer", w.Layer, layers)
	b.reference(p.key("person"), "person", w.Person, b.wire.People.names())
	for _, m := range []struct {
		key string
		moment
	}{{"from", w.From}, {"until", w.Until}} {
		if m.IsZero() {
			b.consequence(p.key(m.key), "is missing; write a day and a time, such as 2026-12-24T09:00")
		}
	}
	o := schedule.Override{Layer: w.Layer, Person: w.Person, From: w.From.in(zone), Until: w.Until.in(zone)}
	if !o.From.Before(o.Until) {
		b.consequence(p.key("until"), "is not after the beginning; write a later moment", p.key("from"))
	}
	return o
}
