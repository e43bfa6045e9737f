package holiday

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// What is read of a calendar: far more than a country has holidays.
const (
	maxSize  = 8 << 20
	maxDays  = 20_000
	longest  = 60 // days of one event; a longer one is no holiday
	yearBack = -1
	yearsOn  = 3
)

const day = 24 * time.Hour

// Days gives the days, each as 2006-01-02, on which a calendar has an event
// of whole days whose summary or description matches, around now. match may
// be nil.
//
// Repetitions are worked out here: the set that go-ical makes of an event
// puts the days of EXDATE back in.
func Days(r io.Reader, match *regexp.Regexp, now time.Time) (map[string]bool, error) {
	cal, err := decode(io.LimitReader(r, maxSize))
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w; give one in iCalendar format (.ics)", err)
	}
	d := days{from: now.AddDate(yearBack, 0, 0), to: now.AddDate(yearsOn, 0, 0), found: map[string]bool{}}
	for _, e := range cal.Events() {
		if match != nil && !match.MatchString(words(&e)) {
			continue
		}
		if err := d.event(&e); err != nil {
			return nil, fmt.Errorf("read the calendar: the event %.80q: %w", words(&e), err)
		}
	}
	return d.found, nil
}

// decode reads a calendar. The library's reader panics on some lines that are
// cut off, which must not end the program.
func decode(r io.Reader) (cal *ical.Calendar, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a line of it makes no sense (%v)", p)
		}
	}()
	return ical.NewDecoder(r).Decode()
}

func words(e *ical.Event) string {
	summary, _ := e.Props.Text(ical.PropSummary) // one that is no text matches nothing
	description, _ := e.Props.Text(ical.PropDescription)
	return strings.TrimSpace(summary + "\n" + description)
}

// days gathers what lies between two moments.
type days struct {
	from, to time.Time
	found    map[string]bool
}

// event adds an event's days; an event of hours is no holiday.
func (d *days) event(e *ical.Event) error {
	start := e.Props.Get(ical.PropDateTimeStart)
	status, _ := e.Props.Text(ical.PropStatus)
	if start == nil || start.ValueType() != ical.ValueDate || strings.EqualFold(status, string(ical.EventCancelled)) {
		return nil
	}
	first, err := start.DateTime(time.UTC)
	if err != nil {
		return err
	}
	end, err := e.DateTimeEnd(time.UTC)
	if err != nil {
		return err
	}
	length := max(1, int(end.Sub(first)/day))
	if length > longest {
		return nil
	}
	starts, err := d.starts(e, first)
	if err != nil {
		return err
	}
	except, err := dates(e, ical.PropExceptionDates)
	if err != nil {
		return err
	}
	for _, at := range starts {
		if except[at.Format(time.DateOnly)] {
			continue
		}
		for n := range length {
			d.add(at.AddDate(0, 0, n))
		}
	}
	if len(d.found) > maxDays {
		return fmt.Errorf("there are more than %d days", maxDays)
	}
	return nil
}

func (d *days) add(at time.Time) {
	if at.After(d.from) && at.Before(d.to) {
		d.found[at.Format(time.DateOnly)] = true
	}
}

// starts gives the days on which an event begins.
func (d *days) starts(e *ical.Event, first time.Time) ([]time.Time, error) {
	out := []time.Time{first}
	rule, err := e.Props.RecurrenceRule()
	if err != nil {
		return nil, err
	}
	if rule != nil {
		rule.Dtstart = first
		if rule.Freq > rrule.DAILY {
			return nil, fmt.Errorf("it repeats within a day, which no holiday does")
		}
		r, err := rrule.NewRRule(*rule)
		if err != nil {
			return nil, err
		}
		out = r.Between(d.from, d.to, true)
	}
	more, err := dates(e, ical.PropRecurrenceDates)
	for at := range more {
		t, _ := time.Parse(time.DateOnly, at) // it was written so
		out = append(out, t)
	}
	return out, err
}

// dates reads a property that lists days.
func dates(e *ical.Event, name string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, p := range e.Props.Values(name) {
		for value := range strings.SplitSeq(p.Value, ",") {
			at, err := time.Parse("20060102", value[:min(len(value), 8)])
			if err != nil {
				return nil, fmt.Errorf("%s %.40q is no day", name, value)
			}
			out[at.Format(time.DateOnly)] = true
		}
	}
	return out, nil
}
