// Package schedule says who is on call at a time. It is pure: a Schedule is a
// value and time is an argument.
//
// A schedule has layers ("primary", "secondary"). In a layer people take
// turns of a whole number of days, handed over at a time of day in the
// schedule's zone. Turns are counted in calendar days, so a change to summer
// time moves no handover. An override puts somebody else on a layer for a
// while; of several at once the last in the list counts.
package schedule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Schedule is who takes turns in which layers.
type Schedule struct {
	Name      string
	Zone      *time.Location
	Layers    []Layer
	Overrides []Override
}

// A Layer is one line of people taking turns.
type Layer struct {
	Name   string
	People []string      // in order; one at a time
	Start  time.Time     // the day of the first person's first turn; only its date in Zone counts
	Days   int           // the length of a turn
	At     time.Duration // time of day of the handover, since midnight
}

// An Override replaces whoever has the turn.
type Override struct {
	Layer, Person string
	From, Until   time.Time // Until is the first moment after it
}

// A Shift is a stretch of time in which one person is on call.
type Shift struct {
	Layer, Person string
	From, Until   time.Time
	Override      bool
}

// Check tells everything that is wrong with the schedule.
func (s *Schedule) Check() error {
	var errs []error
	if s.Zone == nil {
		errs = append(errs, fmt.Errorf("schedule %q: no time zone", s.Name))
	}
	if len(s.Layers) == 0 {
		errs = append(errs, fmt.Errorf("schedule %q: no layers, so nobody is ever on call", s.Name))
	}
	for i, l := range s.Layers {
		if slices.ContainsFunc(s.Layers[:i], func(o Layer) bool { return o.Name == l.Name }) {
			errs = append(errs, fmt.Errorf("schedule %q: layer %q stands there twice", s.Name, l.Name))
		}
		errs = append(errs, l.check(s.Name))
	}
	for _, o := range s.Overrides {
		if s.layer(o.Layer) == nil {
			errs = append(errs, fmt.Errorf("schedule %q: an override is for layer %q, which there is not", s.Name, o.Layer))
		}
		if !o.From.Before(o.Until) {
			errs = append(errs, fmt.Errorf("schedule %q: the override for %s ends at %s, before it begins", s.Name, o.Person, o.Until))
		}
	}
	return errors.Join(errs...)
}

func (l *Layer) check(schedule string) error {
	switch {
	case len(l.People) == 0:
		return fmt.Errorf("schedule %q: layer %q has no people", schedule, l.Name)
	case l.Days < 1 || l.Days > 366:
		return fmt.Errorf("schedule %q: layer %q hands over every %d days; want 1 to 366", schedule, l.Name, l.Days)
	case l.At < 0 || l.At >= 24*time.Hour:
		return fmt.Errorf("schedule %q: layer %q hands over at %s; want a time of day", schedule, l.Name, l.At)
	}
	return nil
}

// At gives the shift of a layer at t; ok is false when there is no such
// layer. Before the first turn the first person is on call.
func (s *Schedule) At(layer string, t time.Time) (Shift, bool) {
	l := s.layer(layer)
	if l == nil {
		return Shift{}, false
	}
	sh := s.turn(l, t)
	for _, o := range s.Overrides {
		if o.Layer == layer {
			sh = sh.apply(o, t)
		}
	}
	return sh, true
}

// apply lays an override over the shift that is on at t.
func (sh Shift) apply(o Override, t time.Time) Shift {
	switch {
	case !t.Before(o.From) && t.Before(o.Until):
		return Shift{Layer: o.Layer, Person: o.Person, From: o.From, Until: o.Until, Override: true}
	case t.Before(o.From) && o.From.Before(sh.Until):
		sh.Until = o.From
	case !o.Until.After(t) && o.Until.After(sh.From):
		sh.From = o.Until
	}
	return sh
}

// Shifts lists a layer's shifts that touch the time from `from` to `until`.
func (s *Schedule) Shifts(layer string, from, until time.Time) []Shift {
	var out []Shift
	for t := from; t.Before(until); {
		sh, ok := s.At(layer, t)
		if !ok {
			break
		}
		if n := len(out); n > 0 && out[n-1].Person == sh.Person && out[n-1].Override == sh.Override {
			out[n-1].Until = sh.Until
		} else {
			out = append(out, sh)
		}
		t = sh.Until
	}
	return out
}

// Next gives the first shift after the one at t that is another person's;
// ok is false when nobody else comes within a year.
func (s *Schedule) Next(layer string, t time.Time) (Shift, bool) {
	shifts := s.Shifts(layer, t, t.AddDate(1, 0, 0))
	if len(shifts) == 0 {
		return Shift{}, false
	}
	i := slices.IndexFunc(shifts, func(sh Shift) bool { return sh.Person != shifts[0].Person })
	if i < 0 {
		return Shift{}, false
	}
	return shifts[i], true
}

// turn gives the shift by rotation alone.
func (s *Schedule) turn(l *Layer, t time.Time) Shift {
	day := daysBetween(l.Start.In(s.Zone), t.In(s.Zone))
	if t.Before(s.handover(l, day)) {
		day--
	}
	n := floorDiv(day, l.Days)
	person := l.People[0]
	if n > 0 {
		person = l.People[n%len(l.People)]
	}
	return Shift{
		Layer:  l.Name,
		Person: person,
		From:   s.handover(l, n*l.Days),
		Until:  s.handover(l, (n+1)*l.Days),
	}
}

// handover is the moment of the handover on the day that is n days after the
// layer's start. A time of day that summer time skips is taken as Go does.
func (s *Schedule) handover(l *Layer, n int) time.Time {
	y, m, d := l.Start.In(s.Zone).Date()
	return time.Date(y, m, d+n, 0, 0, int(l.At/time.Second), 0, s.Zone)
}

func (s *Schedule) layer(name string) *Layer {
	i := slices.IndexFunc(s.Layers, func(l Layer) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Layers[i]
}

// daysBetween counts calendar days, whatever their length in hours.
func daysBetween(a, b time.Time) int {
	return int(dayNumber(b) - dayNumber(a))
}

func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && cmp.Compare(a, 0) != cmp.Compare(b, 0) {
		q--
	}
	return q
}

// Has tells whether there is such a layer.
func (s *Schedule) Has(layer string) bool { return s.layer(layer) != nil }
