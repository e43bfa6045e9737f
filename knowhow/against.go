package knowhow

import (
	"fmt"
	"time"
)

// The know-how is held against itself by Load. Here it is held against what
// others know: the roster, the tracker, the calendar, how checks went.

// CheckRoster finds owners that are neither a person nor a team, and teams
// that are none. It is apart from Load because the roster is configuration.
func (b *Base) CheckRoster(person, team func(id string) bool) Faults {
	var faults Faults
	for _, e := range b.entries {
		if e.Team != "" && !team(e.Team) {
			faults = append(faults, e.teamAt.fault(fmt.Sprintf("the roster has no team %q; name one of its teams", e.Team)))
		}
	}
	for _, d := range b.docs {
		if !person(d.Owner) && !team(d.Owner) {
			faults = append(faults, d.ownerAt.fault(fmt.Sprintf("the roster has no person or team %q; name the owner by an id of the roster", d.Owner)))
		}
	}
	return faults.sorted()
}

// CheckComponents finds entries for components that the tracker has not.
func (b *Base) CheckComponents(has func(component string) bool) Faults {
	var faults Faults
	for _, e := range b.entries {
		if !has(e.Name) {
			faults = append(faults, e.nameAt.fault(fmt.Sprintf("the tracker has no component %q, so no ticket comes here; add it there, or correct the name", e.Name)))
		}
	}
	return faults.sorted()
}

// CheckReviews finds documents whose review is over: those that do not say
// how long one is good for are given the usual time.
func (b *Base) CheckReviews(now time.Time, usual time.Duration) Faults {
	var faults Faults
	for _, d := range b.docs {
		if due := d.Due(usual); now.After(due) {
			faults = append(faults, d.reviewedAt.fault(fmt.Sprintf("reviewed on %s, and to be looked at again by %s; read it, correct it, and write the day here", d.Reviewed.Format(time.DateOnly), due.Format(time.DateOnly))))
		}
	}
	return faults.sorted()
}

// CheckRules finds checks that the bot will never run, as why says.
func (b *Base) CheckRules(why func(*Check) string) Faults {
	var faults Faults
	for _, c := range b.checks {
		if w := why(c); w != "" {
			faults = append(faults, c.at.fault(fmt.Sprintf("the check %q never runs: %s; change the check, or ask whoever runs the bot", c.Name, w)))
		}
	}
	return faults.sorted()
}

// CheckRuns finds checks that were tried and never came to their end. What
// was never tried may be new, and is no fault.
func (b *Base) CheckRuns(of func(check string) (tried, ranWell bool)) Faults {
	var faults Faults
	for _, c := range b.checks {
		if tried, well := of(c.Name); tried && !well {
			faults = append(faults, c.at.fault(fmt.Sprintf("the check %q has never run to its end; run it by hand, and correct or remove it", c.Name)))
		}
	}
	return faults.sorted()
}

// Due is when the document is to be reviewed again.
func (d *Doc) Due(usual time.Duration) time.Time {
	if d.ReviewAfter > 0 {
		usual = d.ReviewAfter
	}
	return d.Reviewed.Add(usual)
}
