package escalation

import (
	"fmt"
	"slices"
	"time"
)

// restart begins the policy from its first page, now.
func (s *step) restart(inc *Incident) { s.turn(inc, 0) }

// turn makes page n of the policy the next, now.
func (s *step) turn(inc *Incident, n int) {
	inc.Move, inc.NextPage = n, s.now
	s.pageDue(inc)
}

// pageDue sends the pages that are due. A page that is late does not make
// the one after it early: each waits its own time after the one before.
func (s *step) pageDue(inc *Incident) {
	p := s.rules.policy(inc.Policy)
	for !inc.NextPage.After(s.now) {
		m := p.move(inc.Move)
		person := s.onCall(p, m.who)
		s.page(inc, person, m.channel)
		inc.Move++
		inc.NextPage = s.now.Add(m.then)
	}
}

// onCall gives the person for a target. When the schedule has nobody it is
// the leader, because somebody must be told.
func (s *step) onCall(p *Policy, who Target) string {
	if person := who.resolve(s.rules.Schedules, s.now); person != "" {
		return person
	}
	return p.Leader
}

// page records a page and asks for its delivery.
func (s *step) page(inc *Incident, person string, ch Channel) {
	inc.PageSeq++
	inc.Now = person
	// A page without a result after so many others will not get one.
	const pending = 32
	if len(inc.Pages) == pending {
		inc.Pages = slices.Delete(inc.Pages, 0, 1)
	}
	inc.Pages = append(inc.Pages, Page{Seq: inc.PageSeq, Person: person, Channel: ch, Move: inc.Move, At: s.now})
	if !slices.Contains(inc.Paged, person) {
		inc.Paged = append(inc.Paged, person)
	}
	s.note(inc, Line{News: NewsPaged, Person: person, Channel: ch})
	s.effect(Effect{Kind: Reach, Key: fmt.Sprintf("%s/page/%d", inc.ID, inc.PageSeq), Incident: inc.ID,
		Page: inc.PageSeq, Person: person, Channel: ch, Gravity: inc.Gravity()})
}

func (ev CallNow) apply(s *step) Receipt {
	inc := s.incidents[ev.Incident]
	if inc == nil {
		return Receipt{}
	}
	rings := func(p Page) bool { return p.Person == inc.Now && p.Channel == Phone }
	if inc.Status != Open || inc.Now == "" || slices.ContainsFunc(inc.Pages, rings) {
		return receipt(inc, false)
	}
	s.note(inc, Line{News: NewsCalled, Person: ev.Person})
	s.page(inc, inc.Now, Phone)
	return s.done(inc)
}

// apply records what became of a page. One that can have reached nobody
// brings the next forward, but only within its round: with every channel
// broken the rounds still keep their distance, and the leader's calls too.
func (ev PageResult) apply(s *step) Receipt {
	inc := s.incidents[ev.Incident]
	if inc == nil {
		return Receipt{}
	}
	p, ok := inc.page(ev.Page)
	if !ok {
		return receipt(inc, false)
	}
	inc.Pages = slices.DeleteFunc(inc.Pages, func(q Page) bool { return q.Seq == ev.Page })
	s.note(inc, Line{News: NewsOutcome, Person: p.Person, Channel: p.Channel, Outcome: ev.Outcome, Detail: ev.Cause})
	last := inc.Status == Open && p.Seq == inc.PageSeq
	if last && ev.Outcome.missed() && !s.rules.policy(inc.Policy).endsRound(p.Move) {
		inc.NextPage = s.now
		s.pageDue(inc)
	}
	return s.done(inc)
}

// stopPaging leaves the incident to a person, or to nobody when it is over.
// The calls under way are taken back by whoever delivers them, who sees the
// status change.
func (inc *Incident) stopPaging() {
	inc.NextPage, inc.Now = time.Time{}, ""
}
