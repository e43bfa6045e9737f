package escalation

import "time"

// recovered handles the end of one alert.
func (s *step) recovered(m *member, a Alert) Receipt {
	inc := m.incident
	if !m.firing {
		return receipt(inc, false)
	}
	m.firing, m.last = false, s.now
	inc.Firing--
	s.store(m, a)
	switch {
	case !inc.GraceDue.IsZero():
		if inc.Firing == 0 {
			inc.GraceDue = time.Time{}
		}
	case inc.Status == Resolved:
	case inc.Firing > 0:
		s.oneRecovered(m, a)
	case inc.Status == Held:
		s.resolve(inc, "")
	case inc.Flapping:
		inc.QuietDue = s.now.Add(s.rules.FlapQuiet)
	default:
		s.resolve(inc, "")
	}
	r := s.done(inc)
	r.Alert = m.seq
	return r
}

// oneRecovered says that part of an incident is over. A listed incident says
// so in its list.
func (s *step) oneRecovered(m *member, a Alert) {
	inc := m.incident
	if s.listed(inc) {
		s.listSoon(inc)
		return
	}
	key := s.note(inc, Line{News: NewsRecovered, Detail: a.Summary})
	s.effect(Effect{Kind: Comment, Key: key, Incident: inc.ID, Alert: m.seq, News: NewsRecovered})
	s.refresh(inc)
}

func (ev Fix) apply(s *step) Receipt {
	inc := s.incidents[ev.Incident]
	if inc == nil {
		return Receipt{}
	}
	if inc.Status == Resolved {
		return receipt(inc, false)
	}
	s.resolve(inc, ev.Person)
	return s.done(inc)
}

// resolve ends an incident: a person says so, its alerts recovered, or its
// hold ran out. Those who were paged are told.
func (s *step) resolve(inc *Incident, person string) {
	if inc.live() {
		s.unindex(inc)
	}
	for _, m := range inc.members {
		m.firing = false
	}
	inc.Firing, inc.Cleared = 0, inc.Signals
	began := !inc.Began.IsZero()
	inc.stopPaging()
	s.unacknowledge(inc)
	inc.Status, inc.ResolvedAt, inc.ResolvedBy = Resolved, s.now, person
	inc.HoldDue, inc.QuietDue, inc.ListDue, inc.Flapping = time.Time{}, time.Time{}, time.Time{}, false
	inc.CloseDue = s.now.Add(s.rules.Reopen)
	news := NewsResolved
	if person != "" {
		news = NewsFixed
	}
	key := s.note(inc, Line{News: news, Person: person})
	if !began {
		return
	}
	s.comment(inc, key, news, person)
	s.tell(inc, key, news, person, inc.Paged...)
	s.refresh(inc)
}

// again handles an alert of an incident that is over. After a person's fix a
// repetition may have been on its way, so it is believed only when it was
// not taken back within the grace time.
func (s *step) again(inc *Incident) {
	if inc.ResolvedBy != "" && s.now.Before(inc.ResolvedAt.Add(s.rules.Grace)) {
		inc.GraceDue = inc.ResolvedAt.Add(s.rules.Grace)
		if inc.CloseDue.Before(inc.GraceDue) {
			inc.CloseDue = inc.GraceDue
		}
		return
	}
	s.reopen(inc)
}

// reopen makes an incident that was over open again.
func (s *step) reopen(inc *Incident) {
	inc.CloseDue, inc.GraceDue, inc.ResolvedAt, inc.ResolvedBy = time.Time{}, time.Time{}, time.Time{}, ""
	if inc.Began.IsZero() {
		inc.Status = Held
		s.heldAgain(inc)
		return
	}
	inc.Reopened++
	inc.Status = Open
	inc.Times = keep(inc.Times, s.now, s.rules.Flap.Count)
	inc.Flapping = s.rules.Flap.reached(inc.Times)
	s.index(inc)
	news := NewsReopened
	if inc.Flapping {
		news = NewsFlapping
	}
	key := s.note(inc, Line{News: news})
	s.comment(inc, key, NewsReopened, "")
	s.restart(inc)
	s.refresh(inc)
}

// close forgets an incident but for which alerts it had.
func (s *step) close(inc *Incident) {
	inc.Status, inc.CloseDue = Closed, time.Time{}
	s.note(inc, Line{News: NewsClosed})
	for _, m := range inc.members {
		delete(s.live, m.fp)
		s.past[m.fp] = inc.ID
	}
	delete(s.incidents, inc.ID)
	s.Closed = append(s.Closed, inc.ID)
}
