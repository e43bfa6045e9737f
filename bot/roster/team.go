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
	Morning  time.Duration   // time of day of the morning flow, since midnight
	Holidays map[string]bool // days off besides weekends, each as Day
}

// BusinessDay tells whether the team works on the day that it is then, in the
// team's zone.
func (t *Team) BusinessDay(at time.Time) bool {
	at = at.In(t.Zone)
	if wd := at.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	return !t.Holidays[at.Format(Day)]
}
