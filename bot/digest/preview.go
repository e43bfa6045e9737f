package digest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// A Planned is what a run would do with one kind and day.
type Planned struct {
	Team, Day string
	What      string // the kind, in one line
	Count     int    // alerts that are no recoveries
	Over      bool   // all have recovered
	Ticket    string // that they would be added to; "" for a new one
	Owner     string // id of who has it or would get it, the tracker's if the roster has none; "" for nobody
}

// Preview says what Run would do now, by team, day and kind, and does nothing.
func (f *Flow) Preview(ctx context.Context, now time.Time, today bool) (sum Summary, plan []Planned, err error) {
	s := &sorting{flow: f, now: now, today: today}
	for after := ""; ; {
		lows, err := f.waiting(ctx, after)
		if err != nil {
			return sum, nil, err
		}
		if len(lows) == 0 {
			break
		}
		for i := range lows {
			if !s.take(ctx, &lows[i]) {
				sum.Left++
			}
			after = lows[i].Key
		}
	}
	sum.Alerts = s.taken
	for _, g := range s.flush() {
		one, err := f.plan(ctx, g)
		if err != nil {
			return sum, nil, err
		}
		if one.Ticket != "" || !g.onlyNotes() { // notes alone make no ticket
			plan = append(plan, one)
		}
	}
	slices.SortStableFunc(plan, func(a, b Planned) int {
		return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.Day, b.Day), cmp.Compare(a.What, b.What))
	})
	sum.Groups = len(plan)
	return sum, plan, nil
}

func (f *Flow) plan(ctx context.Context, g *group) (Planned, error) {
	p := Planned{Team: g.Team, Day: g.Day, What: g.what(), Count: g.Count, Over: g.States.over()}
	m, found, err := f.made(ctx, g.id())
	if err != nil || found && m.Ticket != "" {
		p.Ticket, p.Owner = m.Ticket, strings.TrimPrefix(m.Owner, stranger)
		return p, err
	}
	h, err := f.history(ctx, g)
	if err != nil {
		return p, err
	}
	open, ok, err := f.goesOn(ctx, g, h)
	switch {
	case err != nil:
		return p, err
	case ok:
		p.Ticket, p.Owner = open.Key, strings.TrimPrefix(f.ownerOf(open), stranger)
		return p, nil
	}
	p.Owner = f.owner(ctx, g.Host).ID
	return p, nil
}
