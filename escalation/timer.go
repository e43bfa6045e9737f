package escalation

import (
	"fmt"
	"time"
)

func (Timer) apply(s *step) Receipt {
	r := Receipt{}
	for len(s.timers) > 0 && !s.timers[0].at.After(s.now) {
		inc := s.timers[0].incident
		s.expire(inc)
		s.touch(inc)
		s.schedule(inc)
		r.Changed = true
	}
	return r
}

// expire does what is due for an incident, one thing after the other: each
// may take the others away.
func (s *step) expire(inc *Incident) {
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(s.now) }
	if due(inc.GraceDue) {
		s.believed(inc)
	}
	if due(inc.HoldDue) {
		s.holdEnds(inc)
	}
	if due(inc.QuietDue) {
		s.resolve(inc, "")
	}
	if due(inc.Confirm) {
		s.forgotten(inc)
	}
	if due(inc.AckDue) {
		s.askToConfirm(inc)
	}
	if due(inc.NextPage) {
		s.pageDue(inc)
	}
	if due(inc.ListDue) {
		s.list(inc)
	}
	if due(inc.CloseDue) {
		s.close(inc)
	}
}

// list brings the ticket's list and the messages up to date.
func (s *step) list(inc *Incident) {
	inc.ListDue = time.Time{}
	key := fmt.Sprintf("%s/list/%d", inc.ID, inc.Signals)
	s.effect(Effect{Kind: ListAlerts, Key: key, Incident: inc.ID})
	if len(inc.Paged) > 0 {
		s.effect(Effect{Kind: Refresh, Key: key + "/refresh", Incident: inc.ID})
	}
	// Nobody is called, but whoever has it must not miss that it grows; of a
	// storm they hear again only when it is half as large again.
	known := inc.Told
	if inc.Storm {
		known += inc.Told / 2
	}
	if inc.Status == Acknowledged && inc.Members > known {
		s.tellJoined(inc, key)
	}
}
