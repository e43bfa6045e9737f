package escalation

// waits leaves a problem that wakes nobody for the morning.
func (s *step) waits(fp Fingerprint, a Alert) Receipt {
	s.Low = append(s.Low, a)
	if t, at := s.traces.of[fp], s.seen(&a); at > t.low {
		t.low = at
		s.trace(fp, t)
	}
	return Receipt{Low: true, Changed: true}
}

// ended handles a recovery. It may end what waits for the morning, an
// incident's alert, or both: what began as a warning and became worse.
func (s *step) ended(fp Fingerprint, m *member, a Alert) Receipt {
	low := s.endedLow(fp, m, &a)
	if m != nil {
		r := s.recovered(m, a)
		r.Changed = r.Changed || low
		return r
	}
	s.remember(fp, &a, 0)
	if low {
		return Receipt{Low: true, Changed: true}
	}
	return s.tooLate(fp)
}

// endedLow sends a recovery to the morning, too, when something low of its
// alert waits there, whatever the recovery's own severity: its ticket says
// how it ended. The morning may have come already, and the ticket be made;
// it still does. One of which nothing is known, by its severity low, may be
// of what an older version never knew, or a full memory has forgotten.
func (s *step) endedLow(fp Fingerprint, m *member, a *Alert) bool {
	t, known := s.traces.of[fp]
	switch {
	case t.low != 0 && s.seen(a) >= t.low:
		t.bad, t.low = max(t.bad, t.low), 0
		s.trace(fp, t)
	case known || m != nil || s.rules.urgent(a):
		return false
	}
	s.Low = append(s.Low, *a)
	return true
}
