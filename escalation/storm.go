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

// wanted records that an alert wants an incident of its own, and tells
// whether that is beyond the rate at which each gets one.
func (s *step) wanted(policy string) bool {
	rate := Rate{Count: s.rules.Storm.Count + 1, Within: s.rules.Storm.Within}
	s.opened[policy] = keep(s.opened[policy], s.now, rate.Count)
	return rate.reached(s.opened[policy])
}
