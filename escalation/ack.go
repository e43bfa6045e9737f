package escalation

import "time"

func (ev Ack) apply(s *step) Receipt {
	inc := s.incidents[ev.Incident]
	switch {
	case inc == nil:
		return Receipt{}
	case !inc.live() || ev.Person == "":
		return receipt(inc, false)
	case inc.Status == Acknowledged && inc.AckBy == ev.Person:
		return s.confirm(inc, ev.Person)
	}
	inc.stopPaging()
	inc.Status, inc.AckBy, inc.AckAt, inc.Told = Acknowledged, ev.Person, s.now, inc.Members
	s.allowTime(inc)
	key := s.note(inc, Line{News: NewsAcknowledged, Person: ev.Person, Channel: ev.Via})
	s.comment(inc, key, NewsAcknowledged, ev.Person)
	s.refresh(inc)
	return s.done(inc)
}

// allowTime gives the acknowledging person time for a fix.
func (s *step) allowTime(inc *Incident) {
	inc.AckDue, inc.Confirm = s.now.Add(s.rules.AckTimeout), time.Time{}
}

// confirm is the acknowledging person saying that work goes on. Before they
// were asked it is a repetition, and changes nothing.
func (s *step) confirm(inc *Incident, person string) Receipt {
	if inc.Confirm.IsZero() {
		return receipt(inc, false)
	}
	s.allowTime(inc)
	s.note(inc, Line{News: NewsConfirmed, Person: person})
	s.refresh(inc)
	return s.done(inc)
}

// askToConfirm asks the acknowledging person whether somebody is still at it.
func (s *step) askToConfirm(inc *Incident) {
	inc.AckDue, inc.Confirm = time.Time{}, s.now.Add(s.rules.ConfirmLimit)
	key := s.note(inc, Line{News: NewsAsked, Person: inc.AckBy})
	s.tell(inc, key, NewsAsked, "", inc.AckBy)
}

// forgotten lets paging begin again: nobody answered for the incident.
func (s *step) forgotten(inc *Incident) {
	key := s.note(inc, Line{News: NewsForgotten, Person: inc.AckBy})
	s.comment(inc, key, NewsForgotten, inc.AckBy)
	s.unacknowledge(inc)
	s.restart(inc)
	s.refresh(inc)
}

func (s *step) unacknowledge(inc *Incident) {
	inc.Status, inc.AckBy, inc.AckAt, inc.Told = Open, "", time.Time{}, 0
	inc.AckDue, inc.Confirm = time.Time{}, time.Time{}
}

func (ev PassOn) apply(s *step) Receipt {
	inc := s.incidents[ev.Incident]
	if inc == nil {
		return Receipt{}
	}
	turn := inc.Status == Open && inc.Now == ev.Person
	has := inc.Status == Acknowledged && inc.AckBy == ev.Person
	if !turn && !has {
		return receipt(inc, false)
	}
	key := s.note(inc, Line{News: NewsPassedOn, Person: ev.Person, Channel: ev.Via})
	s.comment(inc, key, NewsPassedOn, ev.Person)
	if has {
		s.unacknowledge(inc)
	}
	s.turn(inc, s.nextPerson(inc, ev.Person))
	s.refresh(inc)
	return s.done(inc)
}

// nextPerson gives the page that goes to somebody else: of the steps that
// follow, or else the leader's. Where a policy has nobody else, it is the
// next step's all the same.
func (s *step) nextPerson(inc *Incident, person string) int {
	p := s.rules.policy(inc.Policy)
	first := p.nextStep(max(inc.Move-1, 0))
	n := first
	for range len(p.Steps) + 1 {
		if s.onCall(p, p.move(n).who) != person {
			return n
		}
		n = p.nextStep(n)
	}
	if p.Leader != person {
		return p.leaderMove()
	}
	return first
}
