package roster

import "time"

// Day is the layout in which Holidays names a day.
const Day = "2006-01-02"

// A Team is a group of people with one leader, one channel and one clock.
type Team struct {
	ID, Name string
	Leader   string // id of a person
	Channel  string // in chat; "" when the team has none
	Lang     string // English or Japanese; default is English
	Zone     *time.Location
	Morning  time.Duration   // time of day of the morning flow and of the first work, since midnight
	Evening  time.Duration   // time of day when work ends, since midnight; default is 18:00
	Holidays map[string]bool // days off besides weekends, each as Day
	Calendar Calendar        // that knows further days off; nil for none
}

// A Calendar tells whether a day, named as Day, is off. What it says may
// change.
type Calendar interface{ Off(day string) bool }

// BusinessDay tells whether the team works on the day that it is then, in the
// team's zone.
func (t *Team) BusinessDay(at time.Time) bool {
	at = at.In(t.Zone)
	if wd := at.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	day := at.Format(Day)
	return !t.Holidays[day] && (t.Calendar == nil || !t.Calendar.Off(day))
}

// longestWork bounds how many days Worked looks at.
const longestWork = 1000

// Worked gives how much working time lies between two moments: on business
// days, from the morning to the evening.
func (t *Team) Worked(from, to time.Time) (worked time.Duration) {
	y, m, d := from.In(t.Zone).Date()
	for n := range longestWork {
		begin := time.Date(y, m, d+n, 0, 0, int(t.Morning/time.Second), 0, t.Zone)
		end := time.Date(y, m, d+n, 0, 0, int(t.Evening/time.Second), 0, t.Zone)
		if begin.After(to) {
			break
		}
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		if t.BusinessDay(begin) && end.After(begin) {
			worked += end.Sub(begin)
		}
	}
	return worked
}
