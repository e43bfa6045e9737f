package jiratest

import (
	"regexp"
	"strconv"
	"time"
)

// dateLayouts are those that JQL takes: to the minute, in the zone of the
// asking user.
var dateLayouts = []string{"2006-01-02 15:04", "2006/01/02 15:04", "2006-01-02", "2006/01/02"}

var period = regexp.MustCompile(`^[+-]?\d{1,6}[wdhm]?$`)

// dated compares a time with a moment.
func (b *builder) dated(c clause) condition {
	moment, ok := b.moment(c.values[0].text)
	if !ok {
		b.complain("Date value '%s' for field '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.", c.values[0].text, c.name)
		b.fatal = true
	}
	return func(d *document) bool {
		t := d.updated
		if c.field == "created" {
			t = d.created
		}
		return holds(c.operator, t.Truncate(time.Second).Compare(moment))
	}
}

// moment reads a date, or a period from now.
func (b *builder) moment(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, text, b.zone); err == nil {
			return t, true
		}
	}
	if !period.MatchString(text) {
		return time.Time{}, false
	}
	units := map[byte]time.Duration{'w': 7 * 24 * time.Hour, 'd': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}
	unit, ok := units[text[len(text)-1]]
	if ok {
		text = text[:len(text)-1]
	} else {
		unit = time.Minute
	}
	n, err := strconv.Atoi(text)
	return b.now.Add(time.Duration(n) * unit), err == nil
}
