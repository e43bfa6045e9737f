package escalation

import (
	"slices"
	"time"
)

// recovered handles the end of one alert.
func (s *step) recovered(m *member, a Alert) Receipt {
	inc := m.incident
	newest := s.remember(m.fp, &a, m.bad)
	older := s.seen(&a) < m.bad
	switch {
	case m.firing && older && newest:
		return s.noteLate(m, NewsLateRecovery, &a)
	case !m.firing || older:
		return receipt(inc, false)
	}
	m.firing, m.last = false, s.now.UnixNano()
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
	began, people := !inc.Began.IsZero(), inc.concerned()
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
	s.tell(inc, key, news, person, people...)
	s.refresh(inc)
}

// concerned are all who were paged, and whoever took it without that.
func (inc *Incident) concerned() []string {
	if inc.AckBy == "" || slices.Contains(inc.Paged, inc.AckBy) {
		return inc.Paged
	}
	return append(slices.Clone(inc.Paged), inc.AckBy)
}

// again handles an alert of an incident that is over. It is believed at once,
// or when it was not taken back for a while.
func (s *step) again(inc *Incident, a *Alert) {
	at, ok := s.beliefIn(inc, a)
	switch {
	case !ok:
		return
	case !at.After(s.now):
		s.reopen(inc, a)
		return
	case inc.GraceDue.IsZero() || at.Before(inc.GraceDue):
		inc.GraceDue = at
	}
	inc.CloseDue = later(inc.CloseDue, inc.GraceDue)
}

// beliefIn tells when an alert of an incident that is over is to be believed;
// ok is false while it came too seldom. After a person's fix a repetition may
// have been on its way. And what is held before it pages for the first time
// is held before it pages again.
func (s *step) beliefIn(inc *Incident, a *Alert) (at time.Time, ok bool) {
	at = s.now
	if inc.ResolvedBy != "" {
		at = later(at, inc.ResolvedAt.Add(s.rules.Grace))
	}
	h := s.rules.route(a).Hold
	if !h.active() || inc.Began.IsZero() {
		return at, true
	}
	inc.Again = keep(inc.Again, s.now, max(h.Count, 1))
	switch {
	case h.Count > 1 && h.reached(inc.Again):
		return at, true
	case h.For > 0:
		return later(at, s.now.Add(h.For)), true
	}
	inc.CloseDue = later(inc.CloseDue, s.now.Add(h.Within))
	return at, false
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// believed handles an alert that came again and was not taken back.
func (s *step) believed(inc *Incident) {
	if inc.Members == 1 {
		s.reopen(inc, &inc.Root)
		return
	}
	s.reopen(inc, nil)
}

// reopen makes an incident that was over open again, because of an alert if
// it is known which. In a storm that alert goes there: when a hundred
// incidents of the same hour come back at once, one call is enough.
func (s *step) reopen(inc *Incident, a *Alert) {
	inc.CloseDue, inc.GraceDue, inc.ResolvedAt, inc.ResolvedBy, inc.Again = time.Time{}, time.Time{}, time.Time{}, "", nil
	if inc.Began.IsZero() {
		inc.Status = Held
		s.heldAgain(inc, a)
		return
	}
	storm, stormy := s.stormOf(inc.Policy)
	if storm != nil && a != nil && inc.Firing == 1 {
		s.giveAway(inc, storm, *a)
		return
	}
	inc.Storm = inc.Storm || stormy && storm == nil
	s.openAgain(inc)
}

func (s *step) openAgain(inc *Incident) {
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
		s.past[m.fp.short()] = inc.ID
		s.unended(m)
	}
	delete(s.incidents, inc.ID)
	s.Closed = append(s.Closed, inc.ID)
}
