package escalation

import "fmt"

// Announcements gives an effect for each incident that people were, or are
// now, paged about and whose history has grown. A team that reads along reads
// all of it, so this follows from the history alone and no event has to think
// of it; what one commit adds is announced together.
func (c *Changes) Announcements() []Effect {
	if len(c.History) == 0 {
		return nil
	}
	lines := make(map[ID][2]*Line, len(c.Incidents))
	for i := range c.History {
		l := &c.History[i]
		span, ok := lines[l.Incident]
		if !ok {
			span[0] = l
		}
		span[1] = l
		lines[l.Incident] = span
	}
	var out []Effect
	for _, inc := range c.Incidents {
		span, ok := lines[inc.ID]
		if !ok || inc.Began.IsZero() || span[0].News == NewsClosed {
			continue // nobody was paged, or all was told before
		}
		out = append(out, Effect{Kind: Announce, Key: fmt.Sprintf("%s/team/%d", inc.ID, span[1].N), Incident: inc.ID,
			From: span[0].N, To: span[1].N, At: span[1].At})
	}
	return out
}
