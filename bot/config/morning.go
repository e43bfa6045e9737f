package config

import (
	"context"
	"net/url"
	"regexp"
	"time"

	"tebiki/bot/digest/kind"
	"tebiki/bot/holiday"
)

// A Morning says what becomes of alerts that wait for the morning.
type Morning struct {
	Kind kind.Template // of which kind an alert is; zero: by host and check
	GoOn bool          // alerts of a kind whose ticket is still open go on in that
}

func (b *builder) morning() Morning {
	w := b.wire.Alerts.Morning
	m := Morning{GoOn: w.GoOn}
	if w.Kind == "" || w.Kind == kind.Default {
		return m
	}
	var err error
	if m.Kind, err = kind.Parse(w.Kind); err != nil {
		b.fault(at("alerts", "morning", "kind"), "%v", err)
	}
	return m
}

// calendar makes a team's calendar of days off. One in a file is read at
// once, so that what is wrong with it is known; one at an address later.
func (b *builder) calendar(p place, w *calendarWire) *holiday.Calendar {
	if w == nil {
		return nil
	}
	match, err := regexp.Compile(w.Match)
	if err != nil {
		b.fault(p.key("match"), "is no RE2 expression (%v); correct it", err)
		return nil
	}
	switch {
	case (w.File == "") == (w.URL == ""):
		b.consequence(p, "want either a file or a url, such as calendar: {file: holidays.ics}")
	case w.File != "":
		c := holiday.File(b.secrets.open, w.File, match)
		if _, err := c.Load(context.Background(), time.Now()); err != nil {
			b.fault(p.key("file"), "%v", err)
		}
		return c
	default:
		u, err := url.Parse(w.URL)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" {
			return holiday.URL(u, match)
		}
		b.fault(p.key("url"), "this is not the address of a calendar; want one such as https://calendar.example.jp/holidays.ics")
	}
	return nil
}
