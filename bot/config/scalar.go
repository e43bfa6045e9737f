package config

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// shape names what a node is, for somebody who does not know YAML's words.
func shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if isNull(n) {
		return "empty"
	}
	return "a single value"
}

// scalar reads a single value by its text, whatever type YAML guesses: 09:00
// and 2026-12-31 mean the same with quotes and without.
func (r *reader) scalar(n *yaml.Node, p place, parse func(string) error) {
	switch {
	case isNull(n):
		r.fault(p, "is empty; write a value, or leave the key out")
	case n.Kind != yaml.ScalarNode:
		r.broken(p, "is %s; want a single value", shape(n))
	default:
		if err := parse(n.Value); err != nil {
			r.fault(p, "is %q; %v", n.Value, err)
		}
	}
}

// text reads a word or sentence. Numbers are taken as they are written, since
// a telephone number looks like one; yes and no are not.
func (r *reader) text(n *yaml.Node, p place, v reflect.Value) {
	r.scalar(n, p, func(s string) error {
		if tag := n.ShortTag(); !slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, tag) {
			return errors.New("want text: put it in quotes if that is what it is")
		}
		if strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return errors.New("want text without line breaks and control characters")
		}
		v.SetString(s)
		return nil
	})
}

func parseInt(s string, v reflect.Value) error {
	n, err := strconv.Atoi(s)
	if err != nil {
		return errors.New("want a whole number")
	}
	v.SetInt(int64(n))
	return nil
}

// A duration is a length of time, never negative: 90s, 5m, 1h30m, 400d.
type duration time.Duration

const maxDays = 36500 // a hundred years; what is longer is a slip of the finger

func (d *duration) parse(s string) error {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "0", s
	} else if rest == "" {
		rest = "0s"
	}
	n, err := strconv.ParseUint(days, 10, 32)
	more, err2 := time.ParseDuration(rest)
	if err != nil || err2 != nil || more < 0 || n > maxDays || more > maxDays*24*time.Hour {
		return errors.New("want a length of time such as 90s, 5m, 1h30m or 400d")
	}
	*d = duration(time.Duration(n)*24*time.Hour + more)
	return nil
}

// A clock is a time of day, since midnight.
type clock time.Duration

func (c *clock) parse(s string) error {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return errors.New(`want a time of day such as "09:00"`)
	}
	*c = clock(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	return nil
}

// parseBool reads yes or no, in the one spelling that is no word of a text.
func parseBool(s string, v reflect.Value) error {
	switch s {
	case "true", "false":
		v.SetBool(s == "true")
		return nil
	}
	return errors.New("want true or false")
}

// A date is a day on the calendar, wherever.
type date struct{ time.Time }

func (d *date) parse(s string) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, s); err != nil {
		return errors.New("want a day such as 2026-12-31")
	}
	return nil
}

// A moment is a day and a time of day, in the zone of what it belongs to.
type moment struct{ time.Time }

func (m *moment) parse(s string) (err error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04"} {
		if m.Time, err = time.Parse(layout, s); err == nil {
			return nil
		}
	}
	return errors.New("want a day and a time without a zone, such as 2026-12-24T09:00")
}

// in gives the moment at which clocks in the zone show it.
func (m moment) in(zone *time.Location) time.Time {
	return time.Date(m.Year(), m.Month(), m.Day(), m.Hour(), m.Minute(), 0, 0, zone)
}

// A zone is a time zone by its name.
type zone struct{ *time.Location }

func (z *zone) parse(s string) error {
	l, err := time.LoadLocation(s)
	if err != nil || s == "" || s == "Local" {
		return errors.New("want a time zone by its name, such as Asia/Tokyo or Europe/London")
	}
	z.Location = l
	return nil
}

// A size is a number of bytes.
type size int

func (z *size) parse(s string) error {
	unit := 1
	for suffix, u := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = strings.TrimSpace(rest), u
		}
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return errors.New("want a size such as 64KiB or 1MiB")
	}
	*z = size(int(n) * unit)
	return nil
}
