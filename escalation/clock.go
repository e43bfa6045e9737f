package escalation

import "time"

// tick looks at the clock. When it has gone back, or the state was loaded and
// nobody knows what the clock did meanwhile, no time may be further away than
// the rules could put it now: a clock that was ten hours ahead and was put
// right would otherwise keep everybody's phone silent for ten hours. The same
// makes a quicker configuration count for what is open already.
func (s *step) tick() {
	if s.clock.IsZero() || s.now.Before(s.clock) {
		for _, inc := range s.incidents {
			s.reinIn(inc)
		}
		s.Traces = append(s.Traces, s.traces.dropAfter(s.now.UnixNano())...)
	}
	s.clock = s.now
}

// reinIn brings times that are too far away nearer.
func (s *step) reinIn(inc *Incident) {
	for _, m := range inc.members {
		m.bad = min(m.bad, s.now.UnixNano()) // or no recovery would end it until then
	}
	r := s.rules
	h := r.route(&inc.Root).Hold
	hold := max(h.For, h.Within)
	changed := false
	for _, t := range []struct {
		at     *time.Time
		within time.Duration
	}{
		{&inc.NextPage, r.policy(inc.Policy).longest()},
		{&inc.AckDue, r.AckTimeout}, {&inc.Confirm, r.ConfirmLimit}, {&inc.HoldDue, hold},
		{&inc.QuietDue, r.FlapQuiet}, {&inc.ListDue, r.ListEvery}, {&inc.GraceDue, r.Grace + hold},
		{&inc.CloseDue, r.Reopen + r.Grace + hold}, {&inc.Last, 0}, {&inc.ResolvedAt, 0},
	} {
		if limit := s.now.Add(t.within); t.at.After(limit) {
			*t.at, changed = limit, true
		}
	}
	if changed {
		s.done(inc)
	}
}
