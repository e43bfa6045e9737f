package escalation

import "time"

// A step is one call of Step: the state, what it changes, and the time.
type step struct {
	*State
	*Changes
	now time.Time
}

// Step lets an event happen at a time. It changes the state, adds to c what
// must be stored and done, and gives what became of the event. What is in c
// must be committed before any effect is delivered; if the commit fails, the
// state must be thrown away and loaded again.
func Step(s *State, c *Changes, ev Event, now time.Time) Receipt {
	st := &step{State: s, Changes: c, now: now}
	st.tick()
	return ev.apply(st)
}

// receipt describes the incident after an event.
func receipt(inc *Incident, changed bool) Receipt {
	r := Receipt{Incident: inc.ID, Status: inc.Status, Changed: changed}
	switch inc.Status {
	case Acknowledged:
		r.By = inc.AckBy
	case Resolved:
		r.By = inc.ResolvedBy
	}
	return r
}

// done ends the handling of an event: the incident is to be stored, and its
// timer follows it.
func (s *step) done(inc *Incident) Receipt {
	s.touch(inc)
	s.schedule(inc)
	return receipt(inc, true)
}

func (ev TicketMade) apply(s *step) Receipt {
	inc := s.incidents[ev.Incident]
	if inc == nil {
		return Receipt{}
	}
	if inc.Ticket == ev.Ticket || ev.Ticket == "" {
		return receipt(inc, false)
	}
	inc.Ticket = ev.Ticket
	s.note(inc, Line{News: NewsTicket, Detail: ev.Ticket})
	s.refresh(inc)
	return s.done(inc)
}

func (ev Forgotten) apply(s *step) Receipt {
	if s.past[ev.Fingerprint.short()] == ev.Incident {
		delete(s.past, ev.Fingerprint.short())
	}
	s.Changes.Forgotten = append(s.Changes.Forgotten, ev)
	return Receipt{Changed: true}
}
