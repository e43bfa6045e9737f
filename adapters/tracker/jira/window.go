package jira

import (
	"time"
)

// minuteText is how JQL takes a moment: to the minute, in the zone of the
// asking user.
const minuteText = "2006-01-02 15:04"

// atOrBefore gives the last minute at or before t whose text means one moment
// only: where clocks are set back an hour is there twice.
func atOrBefore(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone).Truncate(time.Minute)
	for ambiguous(t) {
		t = t.Add(-time.Minute)
	}
	return t
}

// after gives the first minute after t whose text means one moment only.
func after(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone).Truncate(time.Minute).Add(time.Minute)
	for ambiguous(t) {
		t = t.Add(time.Minute)
	}
	return t
}

// ambiguous tells that another moment, some hours away at most, is called the
// same.
func ambiguous(t time.Time) bool {
	text := t.Format(minuteText)
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 24 * time.Hour} {
		if t.Add(d).Format(minuteText) == text || t.Add(-d).Format(minuteText) == text {
			return true
		}
	}
	return false
}

// since is the condition that something changed at t or later; nothing that
// did is outside it.
func since(t time.Time, zone *time.Location) string {
	return `updated >= "` + atOrBefore(t, zone).Format(minuteText) + `"`
}
