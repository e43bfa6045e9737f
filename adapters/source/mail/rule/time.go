package rule

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/source/mail"
)

// Monitoring systems write times as their makers like them. What they have in
// common is a date and a clock in any order; these find both.
var (
	dateDigits = regexp.MustCompile(`([0-9]{4})\s*[-./年]\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,2})`)
	dateName   = regexp.MustCompile(`(?i)\b(?:([0-9]{1,2})[ -](Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[ -]|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +([0-9]{1,2})\b(?:.*?))[ ,]*\b([0-9]{4})\b`)
	clock      = regexp.MustCompile(`([0-9]{1,2})\s*[:時]\s*([0-9]{1,2})(?:\s*[:分]\s*([0-9]{1,2}))?`)
	zoneOffset = regexp.MustCompile(`(?:[0-9:秒 ]|GMT|UTC)([+-])([0-9]{2}):?([0-9]{2})\b`)
	zoneName   = regexp.MustCompile(`\b(JST|UTC|GMT)\b|[0-9]Z\b`)
)

// farAway bounds how far a time may be from the mail's own date to be
// believed.
const farAway = 400 * 24 * time.Hour

// WithHome gives the set with a zone for times that nothing else places: no
// rule, no mail.zone, and no date of the mail's.
func (s *Set) WithHome(zone *time.Location) *Set {
	out := *s
	out.home = zone
	return &out
}

// zoneFor is that of the times in a mail, where its rule says none; nil for
// the zone of the mail's date, which is that of the clock that wrote the text.
// -0000 is no zone: it is what programs write that know none.
func (s *Set) zoneFor(m *mail.Message) *time.Location {
	if s.zone == nil && (m.Date.IsZero() || strings.Contains(m.Header.Get("Date"), "-0000")) {
		return s.home
	}
	return s.zone
}

// timeOf reads when the sender saw it. A zone that the text does not name is
// the rule's or, without one, that of the mail's date. What cannot be read is
// when the mail was sent.
func timeOf(text string, zone *time.Location, sent time.Time) time.Time {
	year, month, day, ok := dateIn(text)
	if !ok {
		return sent
	}
	if zone == nil {
		zone = sent.Location()
	}
	if z := zoneIn(text); z != nil {
		zone = z
	}
	var hour, minute, second int
	if m := clock.FindStringSubmatch(text); m != nil {
		hour, minute, second = number(m[1]), number(m[2]), number(m[3])
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
	if t.Day() != day || int(t.Month()) != month || hour > 24 || !sent.IsZero() && t.Sub(sent).Abs() > farAway {
		return sent
	}
	return t
}

func dateIn(text string) (year, month, day int, ok bool) {
	if m := dateDigits.FindStringSubmatch(text); m != nil {
		return number(m[1]), number(m[2]), number(m[3]), true
	}
	m := dateName.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, 0, false
	}
	name := strings.ToLower(m[2] + m[3])
	month = strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", name[:3])/3 + 1
	return number(m[5]), month, number(m[1] + m[4]), true
}

func zoneIn(text string) *time.Location {
	if m := zoneOffset.FindStringSubmatch(text); m != nil {
		offset := (number(m[2])*60 + number(m[3])) * 60
		if m[1] == "-" {
			offset = -offset
		}
		return time.FixedZone("", offset)
	}
	switch m := zoneName.FindStringSubmatch(text); {
	case m == nil:
		return nil
	case m[1] == "JST":
		return time.FixedZone("JST", 9*60*60)
	}
	return time.UTC
}

// number reads digits that a pattern has found.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
