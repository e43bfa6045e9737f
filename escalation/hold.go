package escalation

import "time"

// hold records an alert that is not to page yet.
func (s *step) hold(a Alert, route *Route) Receipt {
	inc := s.add(a, route.Policy)
	inc.Status = Held
	s.note(inc, Line{News: NewsHeld, Detail: a.Summary})
	s.holdOn(inc, route.Hold)
	r := s.done(inc)
	r.Alert = 1
	return r
}

// holdOn counts a signal towards a hold's end.
func (s *step) holdOn(inc *Incident, h Hold) {
	inc.Times = keep(inc.Times, s.now, max(h.Count, 1))
	switch {
	case h.Count > 1 && h.reached(inc.Times):
		s.promote(inc)
	case h.For > 0 && inc.HoldDue.IsZero():
		inc.HoldDue = s.now.Add(h.For)
	case h.For == 0:
		inc.HoldDue = s.now.Add(h.Within)
	}
}

// heldAgain handles a further signal of a held alert. One that has become
// worse, or a changed configuration that no longer holds it, pages now.
func (s *step) heldAgain(inc *Incident, a *Alert) {
	route := s.rules.route(a)
	inc.Root, inc.Policy = *a, route.Policy // nobody has seen the old one
	if !route.Hold.active() {
		s.promote(inc)
		return
	}
	s.holdOn(inc, route.Hold)
}

// holdEnds handles the time at which a hold is over: an alert that had to
// stay bad has stayed bad, and one that had to come often has not.
func (s *step) holdEnds(inc *Incident) {
	inc.HoldDue = time.Time{}
	h := s.rules.route(&inc.Root).Hold
	if h.For > 0 || !h.active() {
		s.promote(inc)
		return
	}
	s.resolve(inc, "")
}

// promote lets a held incident page, unless another takes its alert in: a
// hundred alerts held since the same outage would make a hundred calls.
func (s *step) promote(inc *Incident) {
	inc.HoldDue, inc.Times = time.Time{}, nil
	taker, stormy := s.taker(&inc.Root, inc.Policy)
	if taker != nil {
		s.giveAway(inc, taker, inc.Root)
		return
	}
	s.open(inc, stormy)
}
