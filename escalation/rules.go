package escalation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/escalation/schedule"
)

// Rules are what the configuration decides. They are read and never changed;
// a new configuration makes new Rules.
type Rules struct {
	Low       []string           // severities that wait for the morning, in lower case; all others are urgent
	Routes    []Route            // the first that matches counts
	Policies  map[string]*Policy // by name
	Schedules map[string]*schedule.Schedule

	Match       []string      // alert fields by which another alert joins an open incident: "host", "service", "labels.cluster"
	MatchWithin time.Duration // how long after its last alert an incident takes others in
	Subtickets  int           // so many joined alerts get a sub-ticket each; more are listed

	Storm        Rate          // beyond it, one incident of each policy takes all
	ListEvery    time.Duration // how often a growing incident's ticket and messages are brought up to date
	Reopen       time.Duration // how long after its end the same alert reopens an incident
	Grace        time.Duration // how long after a person's fix a repeated alert is not yet believed
	Flap         Rate          // so many reopenings, and the incident no longer ends with the first recovery
	FlapQuiet    time.Duration // how long a flapping incident must be quiet to be over
	AckTimeout   time.Duration // how long an acknowledgement holds without a fix
	ConfirmLimit time.Duration // how long the person asked to confirm has, before paging begins again
}

// A Rate is a number of times within a length of time.
type Rate struct {
	Count  int
	Within time.Duration
}

// A Route says which alerts follow which policy.
type Route struct {
	Match  map[string]Pattern // alert field → pattern; all must match; none matches everything
	Policy string
	Hold   Hold
}

// A Hold keeps an alert from paging until it came Count times within Within,
// or stayed bad for For. The zero value holds nothing.
type Hold struct {
	Rate
	For time.Duration
}

func (h Hold) active() bool { return h.Count > 1 || h.For > 0 }

// A Pattern is text in which * stands for any characters. Case does not count.
type Pattern string

// Match tells whether s as a whole has the pattern.
func (p Pattern) Match(s string) bool {
	parts := strings.Split(strings.ToLower(string(p)), "*")
	s = strings.ToLower(s)
	if len(parts) == 1 {
		return s == parts[0]
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return true
}

func (r *Route) matches(a *Alert) bool {
	for field, p := range r.Match {
		if !p.Match(a.Field(field)) {
			return false
		}
	}
	return true
}

// route gives the first route that takes the alert. Check has made sure that
// the last one takes everything.
func (r *Rules) route(a *Alert) *Route {
	for i := range r.Routes {
		if r.Routes[i].matches(a) {
			return &r.Routes[i]
		}
	}
	return &r.Routes[len(r.Routes)-1]
}

// urgent tells whether somebody is to be woken. A severity that nobody has
// listed as low is urgent: a new word must not let people sleep.
func (r *Rules) urgent(a *Alert) bool {
	return !slices.Contains(r.Low, strings.ToLower(a.Severity))
}

// policy gives a policy by name, or the last route's when the configuration
// no longer has it: an incident that is open while its policy goes away must
// still be paged.
func (r *Rules) policy(name string) *Policy {
	if p, ok := r.Policies[name]; ok {
		return p
	}
	return r.Policies[r.Routes[len(r.Routes)-1].Policy]
}

// Check tells everything that would keep Step from its duty.
func (r *Rules) Check() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if n := len(r.Routes); n == 0 || len(r.Routes[n-1].Match) != 0 {
		fault("routes: the last one must take every alert: give it a policy and no match")
	}
	for i, route := range r.Routes {
		if _, ok := r.Policies[route.Policy]; !ok {
			fault("routes[%d]: there is no policy %q", i, route.Policy)
		}
		for field := range route.Match {
			if !KnownField(field) {
				fault("routes[%d]: an alert has no field %q", i, field)
			}
		}
		if h := route.Hold; h.Count > 1 && h.Within <= 0 {
			fault("routes[%d]: hold: %d times within what?", i, h.Count)
		}
	}
	for _, f := range r.Match {
		if !KnownField(f) {
			fault("match: an alert has no field %q", f)
		}
	}
	for _, p := range r.Policies {
		errs = append(errs, p.check(r.Schedules))
	}
	for _, s := range r.Schedules {
		errs = append(errs, s.Check())
	}
	errs = append(errs, r.checkTimes())
	return errors.Join(errs...)
}

func (r *Rules) checkTimes() error {
	var errs []error
	for _, d := range []struct {
		name string
		d    time.Duration
	}{
		{"match.within", r.MatchWithin}, {"storm.within", r.Storm.Within}, {"storm.list_every", r.ListEvery},
		{"reopen.within", r.Reopen}, {"flapping.within", r.Flap.Within}, {"flapping.quiet", r.FlapQuiet},
		{"acknowledged.timeout", r.AckTimeout}, {"acknowledged.confirm_within", r.ConfirmLimit},
	} {
		if d.d <= 0 {
			errs = append(errs, fmt.Errorf("%s: is %s; want more than 0", d.name, d.d))
		}
	}
	if r.Storm.Count < 1 || r.Flap.Count < 1 || r.Subtickets < 1 {
		errs = append(errs, fmt.Errorf("storm.incidents, flapping.times and match.subtickets: want at least 1"))
	}
	return errors.Join(errs...)
}

// PolicyOf gives the policy that an incident follows.
func (r *Rules) PolicyOf(inc *Incident) *Policy { return r.policy(inc.Policy) }

// Team gives the team whose policy an alert follows, urgent or not.
func (r *Rules) Team(a *Alert) string { return r.policy(r.route(a).Policy).Team }

// A NextPage is the page that comes unless somebody acts.
type NextPage struct {
	At      time.Time
	Person  string
	Channel Channel
}

// NextPage tells whom an open incident pages next; ok is false for any other.
func (r *Rules) NextPage(inc *Incident) (next NextPage, ok bool) {
	if inc.NextPage.IsZero() {
		return next, false
	}
	p := r.PolicyOf(inc)
	m := p.move(inc.Move)
	person := m.who.resolve(r.Schedules, inc.NextPage)
	if person == "" {
		person = p.Leader
	}
	return NextPage{At: inc.NextPage, Person: person, Channel: m.channel}, true
}
