package holiday

import (
	"bufio"
	"fmt"
	"io"
	"maps"
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
// be nil. An event that makes no sense costs no other: wrong says what is
// wrong with those that were passed over.
//
// Repetitions are worked out here: the set that go-ical makes of an event
// puts the days of EXDATE back in.
func Days(r io.Reader, match *regexp.Regexp, now time.Time) (found map[string]bool, wrong []error, err error) {
	cal, err := decode(io.LimitReader(r, maxSize))
	if err != nil {
		return nil, nil, fmt.Errorf("read the calendar: %w; give one in iCalendar format (.ics)", err)
	}
	d := days{from: now.AddDate(yearBack, 0, 0), to: now.AddDate(yearsOn, 0, 0), found: map[string]bool{}, moved: moved(cal)}
	for _, e := range cal.Events() {
		if match != nil && !match.MatchString(words(&e)) {
			continue
		}
		if err := d.event(&e); err != nil {
			wrong = append(wrong, fmt.Errorf("the event %.80q: %w", words(&e), err))
		}
		if len(d.found) > maxDays {
			return nil, nil, fmt.Errorf("read the calendar: there are more than %d days; want a calendar of holidays", maxDays)
		}
	}
	return d.found, wrong, nil
}

// moved gives, by an event's UID, the days of its repetitions that another
// event stands for.
func moved(cal *ical.Calendar) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, e := range cal.Events() {
		uid, _ := e.Props.Text(ical.PropUID)
		instead, err := dates(&e, ical.PropRecurrenceID)
		if err != nil || len(instead) == 0 {
			continue
		}
		if out[uid] == nil {
			out[uid] = map[string]bool{}
		}
		maps.Copy(out[uid], instead)
	}
	return out
}

// decode reads a calendar. The library's reader panics on some lines that are
// cut off, which must not end the program.
func decode(r io.Reader) (cal *ical.Calendar, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a line of it makes no sense (%v)", p)
		}
	}()
	text := bufio.NewReader(r)
	if mark, _ := text.Peek(3); string(mark) == "\uFEFF" {
		_, _ = text.Discard(len(mark)) // it was peeked at
	}
	return ical.NewDecoder(text).Decode()
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
	moved    map[string]map[string]bool
}

// event adds an event's days; an event of hours is no holiday.
func (d *days) event(e *ical.Event) error {
	status, _ := e.Props.Text(ical.PropStatus)
	first, length, err := span(e)
	if err != nil || length == 0 || length > longest || strings.EqualFold(status, string(ical.EventCancelled)) {
		return err
	}
	starts, err := d.starts(e, first)
	if err != nil {
		return err
	}
	except, err := dates(e, ical.PropExceptionDates)
	if err != nil {
		return err
	}
	if uid, _ := e.Props.Text(ical.PropUID); e.Props.Get(ical.PropRecurrenceID) == nil {
		maps.Copy(except, d.moved[uid])
	}
	for _, at := range starts {
		if except[at.Format(time.DateOnly)] {
			continue
		}
		for n := range length {
			d.add(at.AddDate(0, 0, n))
		}
	}
	return nil
}

// span gives an event's first day and how many whole days it has, 0 for one of
// hours. Some calendars write days without saying that they are, and Outlook
// writes them as from midnight to midnight.
func span(e *ical.Event) (first time.Time, days int, err error) {
	start, end := e.Props.Get(ical.PropDateTimeStart), e.Props.Get(ical.PropDateTimeEnd)
	if start == nil {
		return first, 0, nil
	}
	if first, err = wall(start); err != nil {
		return first, 0, err
	}
	last := first.Add(day)
	if len(start.Value) > 8 { // a moment: of days only if it has an end, at midnight too
		last = first
	}
	if end != nil {
		if last, err = wall(end); err != nil {
			return first, 0, err
		}
	} else if p := e.Props.Get(ical.PropDuration); p != nil {
		length, err := p.Duration()
		if err != nil {
			return first, 0, err
		}
		last = first.Add(length)
	}
	midnight := func(t time.Time) bool { return t.Equal(t.Truncate(day)) }
	switch length := last.Sub(first); {
	case !midnight(first) || !midnight(last):
		return first, 0, nil
	case length <= 0 && len(start.Value) <= 8:
		return first, 1, nil // an end on the same day, which some write
	default:
		return first, int(max(0, length) / day), nil
	}
}

// wall reads a day or a moment as the clock on the wall shows it: of whole
// days the zone does not matter.
func wall(p *ical.Prop) (time.Time, error) {
	for _, layout := range []string{"20060102", "20060102T150405", "20060102T150405Z"} {
		if t, err := time.Parse(layout, p.Value); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %.40q is neither a day nor a moment", p.Name, p.Value)
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
