package escalation

// open begins paging about an incident. A stormy one was opened beyond the
// rate at which alerts get incidents of their own, and takes in all that
// comes while the rate stays so.
func (s *step) open(inc *Incident, stormy bool) {
	inc.Status, inc.Began = Open, s.now
	news := NewsOpened
	if stormy {
		inc.Storm, news = true, NewsStorm
	}
	s.index(inc)
	s.note(inc, Line{News: news, Detail: inc.Root.Summary})
	s.effect(Effect{Kind: OpenTicket, Key: inc.ID.String() + "/ticket", Incident: inc.ID})
	s.restart(inc)
}

// taker gives the incident that takes in an alert which is to page, and
// whether the alert makes a storm of its own incident when there is none.
func (s *step) taker(a *Alert, policy string) (inc *Incident, stormy bool) {
	if inc = s.matching(a); inc == nil {
		return s.stormOf(policy)
	}
	if inc.Storm {
		s.wanted(inc.Policy) // a match is part of the storm, too
	}
	return inc, false
}

// stormOf records that an alert wants somebody called for it alone, and
// tells whether that is too often, and the storm that takes it in then. A
// storm that was silent for long is over, though somebody may still be at
// work on it: they do not expect the next one.
func (s *step) stormOf(policy string) (inc *Incident, stormy bool) {
	if stormy = s.wanted(policy); stormy {
		inc = s.newest(stormKey(policy))
	}
	return inc, stormy
}

// wanted records that an alert wants an incident of its own, and tells
// whether that is beyond the rate at which each gets one.
func (s *step) wanted(policy string) bool {
	rate := Rate{Count: s.rules.Storm.Count + 1, Within: s.rules.Storm.Within}
	s.opened[policy] = keep(s.opened[policy], s.now, rate.Count)
	return rate.reached(s.opened[policy])
}

// giveAway ends an incident whose one bad alert goes on in another.
func (s *step) giveAway(inc, taker *Incident, a Alert) {
	s.close(inc)
	s.note(inc, Line{News: NewsJoined, Detail: taker.ID.String()})
	s.join(taker, a)
}
