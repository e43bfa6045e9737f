package request

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tebiki/adapters/inventory"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/store"
)

// A Candidate is somebody who may be given a ticket.
type Candidate struct {
	roster.Person
	Open   int  // tickets that they have
	OnCall bool // for the team that is asked
}

// A Bench is who there is at one moment: how much each has to do, and who is
// on call.
type Bench struct {
	roster *roster.Roster
	rules  *escalation.Rules
	now    time.Time
	load   map[string]int // by the tracker's id
}

// Look makes the bench of now.
func Look(ctx context.Context, st store.Store, r *roster.Roster, rules *escalation.Rules, now time.Time) (*Bench, error) {
	b := &Bench{roster: r, rules: rules, now: now}
	err := st.View(ctx, func(tx store.Reader) (err error) {
		b.load, err = watch.Load(tx)
		return err
	})
	return b, err
}

// Candidates lists who may be given a ticket of a team: first those whose
// server it is about, as the inventory has them, then the team's members, who
// is on call before the others and who has less to do before who has more.
func (b *Bench) Candidates(team string, owners []string) (out []Candidate) {
	onCall := b.onCall(team)
	add := func(p roster.Person) {
		if !slices.ContainsFunc(out, func(c Candidate) bool { return c.ID == p.ID }) {
			out = append(out, Candidate{p, b.load[p.Tracker], onCall[p.ID]})
		}
	}
	for _, id := range owners {
		if p, ok := b.roster.Named(id); ok {
			add(p)
		}
	}
	first := len(out)
	for _, p := range b.roster.Members(team) {
		add(p)
	}
	slices.SortStableFunc(out[first:], func(x, y Candidate) int {
		return cmp.Or(cmp.Compare(x.turn(), y.turn()), cmp.Compare(x.Open, y.Open))
	})
	return out
}

// turn puts who is on call before the others.
func (c Candidate) turn() int {
	if c.OnCall {
		return 0
	}
	return 1
}

// onCall gives the ids of whom the team's policies would page now.
func (b *Bench) onCall(team string) map[string]bool {
	out := map[string]bool{}
	if b.rules == nil {
		return out
	}
	for _, p := range b.rules.Policies {
		if p.Team != team {
			continue
		}
		for _, step := range p.Steps {
			if s := b.rules.Schedules[step.Who.Schedule]; s != nil {
				shift, _ := s.At(step.Who.Layer, b.now)
				out[shift.Person] = true
			}
		}
	}
	return out
}

// Owners gives the ids of those whose server a host is: its owners or, when a
// team of the roster owns it as a group, that team's members; stale tells that
// this is the last known answer. Nobody, while the inventory is away and never
// had one: the question is asked all the same.
func Owners(ctx context.Context, inv inventory.Inventory, r *roster.Roster, host string) (out []string, stale bool) {
	if inv == nil || host == "" {
		return nil, false
	}
	s, err := inv.Server(ctx, host)
	if err != nil {
		return nil, false
	}
	out = s.Owners
	if len(out) == 0 && s.Group != "" {
		for _, p := range r.Members(s.Group) {
			out = append(out, p.ID)
		}
	}
	return out, s.Stale
}

// choice names a candidate for whoever has to choose.
func choice(p text.Printer, c Candidate) string {
	key := "assign.candidate"
	if c.OnCall {
		key = "assign.candidate.oncall"
	}
	return p.Say(key, "name", c.Name, "n", c.Open)
}
