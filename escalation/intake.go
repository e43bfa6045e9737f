package escalation

import (
	"fmt"
	"time"
)

// apply finds the incident an alert belongs to, or opens one.
func (ev Signal) apply(s *step) Receipt {
	a := ev.Alert
	fp := a.Fingerprint()
	m := s.live[fp]
	switch {
	case a.Resolved:
		return s.ended(fp, m, a)
	case (m == nil || !m.firing) && s.overtaken(fp, m, &a):
		return s.over(fp, m, a)
	case m != nil && (m.firing || m.incident.Status != Resolved || s.rules.urgent(&a)):
		return s.repeated(m, a)
	case !s.rules.urgent(&a):
		return s.waits(fp, a)
	}
	return s.fresh(a)
}

// tooLate is a recovery of what is over, or was never heard of.
func (s *step) tooLate(fp Fingerprint) Receipt {
	id := s.past[fp.short()]
	if id == 0 {
		return Receipt{}
	}
	return Receipt{Incident: id, Status: Closed}
}

// fresh handles an urgent alert that no incident has.
func (s *step) fresh(a Alert) Receipt {
	route := s.rules.route(&a)
	if route.Hold.active() && s.matching(&a) == nil {
		return s.hold(a, route)
	}
	taker, stormy := s.taker(&a, route.Policy)
	if taker != nil {
		return s.join(taker, a)
	}
	inc := s.add(a, route.Policy)
	s.open(inc, stormy)
	r := s.done(inc)
	r.Alert = 1
	return r
}

// matching gives the newest incident that takes the alert in.
func (s *step) matching(a *Alert) *Incident {
	var found *Incident
	for _, f := range s.rules.Match {
		v := a.Field(f)
		if v == "" {
			continue
		}
		inc := s.newest(matchKey{f, v})
		if inc != nil && (found == nil || found.ID < inc.ID) {
			found = inc
		}
	}
	return found
}

// newest gives the newest incident with a key that is within its window.
func (s *step) newest(k matchKey) *Incident {
	ids := s.match[k]
	for i := len(ids) - 1; i >= 0; i-- {
		if inc := s.incidents[ids[i]]; s.now.Sub(inc.Last) <= s.rules.MatchWithin {
			return inc
		}
	}
	return nil
}

// add makes an incident of its first alert. The caller decides its status.
func (s *step) add(a Alert, policy string) *Incident {
	s.last++
	inc := &Incident{ID: s.last, Policy: policy, Root: a, Opened: s.now, heap: -1, Previous: s.past[a.Fingerprint().short()]}
	s.incidents[inc.ID] = inc
	s.member(inc, a)
	return inc
}

// member makes the alert one of the incident's.
func (s *step) member(inc *Incident, a Alert) *member {
	inc.Members++
	inc.Firing++
	m := &member{incident: inc, fp: a.Fingerprint(), seq: inc.Members, first: s.now.UnixNano(), firing: true}
	inc.members = append(inc.members, m)
	s.live[m.fp] = m
	delete(s.past, m.fp.short())
	s.count(m, a)
	return m
}

// count records one more signal of a member.
func (s *step) count(m *member, a Alert) {
	m.count++
	m.last = s.now.UnixNano()
	m.incident.Signals++
	m.bad = max(m.bad, s.seen(&a))
	m.incident.Last = s.now
	s.store(m, a)
}

func (s *step) store(m *member, a Alert) {
	s.touch(m.incident)
	s.Members = append(s.Members, Member{Incident: m.incident.ID, Seq: m.seq, Fingerprint: m.fp, Count: m.count,
		Signal: m.incident.Signals, Firing: m.firing, First: time.Unix(0, m.first), Last: time.Unix(0, m.last), Bad: time.Unix(0, m.bad), Alert: a})
}

// join adds another alert to an incident that people know of already: they
// get a sub-ticket or a list to read, and nobody is called anew.
func (s *step) join(inc *Incident, a Alert) Receipt {
	m := s.member(inc, a)
	s.back(inc)
	if s.listed(inc) {
		s.listSoon(inc)
	} else {
		s.note(inc, Line{News: NewsJoined, Detail: a.Summary})
		s.effect(Effect{Kind: AddSubticket, Key: fmt.Sprintf("%s/alert/%d", inc.ID, m.seq), Incident: inc.ID, Alert: m.seq})
		if inc.Status == Acknowledged {
			s.tellJoined(inc, fmt.Sprintf("%s/alert/%d", inc.ID, m.seq))
		}
		s.refresh(inc)
	}
	r := s.done(inc)
	r.Alert = m.seq
	return r
}

// repeated handles an alert that an incident has already.
func (s *step) repeated(m *member, a Alert) Receipt {
	inc := m.incident
	if !m.firing {
		m.firing = true
		inc.Firing++
	}
	s.count(m, a)
	switch inc.Status {
	case Resolved:
		s.again(inc, &a)
	case Held:
		// Of less urgent signals the hold's configuration says nothing.
		if s.rules.urgent(&a) {
			s.heldAgain(inc, &a)
		}
	default:
		s.back(inc)
		s.listSoon(inc)
	}
	s.done(inc)
	now := s.live[m.fp] // a storm may have taken it in
	r := receipt(now.incident, true)
	r.Alert = now.seq
	return r
}

// tellJoined tells the acknowledging person of the newest alert.
func (s *step) tellJoined(inc *Incident, key string) {
	inc.Told = inc.Members
	s.effect(Effect{Kind: Tell, Key: key + "/" + inc.AckBy, Incident: inc.ID, Alert: inc.Members, Person: inc.AckBy, News: NewsJoined})
}

// listed tells whether the incident's alerts are listed on its ticket
// instead of having a sub-ticket each.
func (s *step) listed(inc *Incident) bool {
	return inc.Storm || int(inc.Members) > s.rules.Subtickets+1
}

// back says that an incident which was about to end is bad again.
func (s *step) back(inc *Incident) { inc.QuietDue = time.Time{} }

// listSoon brings ticket and messages up to date after a while, once for all
// that comes until then.
func (s *step) listSoon(inc *Incident) {
	if inc.ListDue.IsZero() {
		inc.ListDue = s.now.Add(s.rules.ListEvery)
	}
}
