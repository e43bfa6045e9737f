package digest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tebiki/adapters"
	"tebiki/bot/daily"
	"tebiki/bot/roster"
	"tebiki/escalation"
	"tebiki/escalation/runner"
)

// A sorting puts what waits into groups.
type sorting struct {
	flow  *Flow
	now   time.Time
	today bool   // take those of today too
	team  string // whose; "" for every team's

	groups map[string]*group // by id
	taken  int               // alerts in groups
	places map[string]place  // by the host as alerts spell it
	away   bool              // the inventory is, which was logged
}

// A place is what the inventory says of a host.
type place struct {
	host string // its own name, when the inventory knows it
	team string
}

// take puts an alert into its group, unless it has to wait on.
func (s *sorting) take(ctx context.Context, low *runner.Low) bool {
	a := &low.Alert
	at := s.place(ctx, a.Host)
	t := s.teamOf(at, a)
	day, today := daily.Day(a.At, t.Zone), daily.Day(s.now, t.Zone)
	if s.team != "" && s.team != t.ID || !s.today && day >= today {
		return false
	}
	fresh := &group{Report: t.ID + "/" + today, Team: t.ID, Day: day, Kind: s.flow.Kind.Of(a), Host: at.host, Check: cmp.Or(a.Check, a.Key), States: states{}}
	g := s.groups[fresh.id()]
	if g == nil {
		g = fresh
		if s.groups == nil {
			s.groups = map[string]*group{}
		}
		s.groups[g.id()] = g
	}
	if g.Host != at.host {
		g.Host = "" // a kind of several hosts is no one's
	}
	g.add(a, t.Zone)
	g.keys = append(g.keys, low.Key)
	s.taken++
	return true
}

// place asks the inventory once for each host.
func (s *sorting) place(ctx context.Context, host string) place {
	if at, ok := s.places[host]; ok || host == "" {
		return at
	}
	at := place{host: host}
	server, err := s.flow.Inventory.Server(ctx, host)
	switch {
	case err == nil:
		at = place{server.Host, server.Team}
	case adapters.CodeOf(err) != adapters.NotFound && !s.away:
		s.away = true
		s.flow.Log.Warn("the inventory is away; the alerts go to the teams of their policies", "host", host, "err", err)
	}
	if s.places == nil {
		s.places = map[string]place{}
	}
	s.places[host] = at
	return at
}

// teamOf gives the team an alert belongs to: the server's by the inventory,
// else that of the policy it would follow.
func (s *sorting) teamOf(at place, a *escalation.Alert) roster.Team {
	if t, ok := s.flow.Roster.Team(at.team); ok {
		return t
	}
	t, _ := s.flow.Roster.Team(s.flow.Rules.Team(a))
	return t
}

// flush gives the groups in the order of their ids, and begins anew.
func (s *sorting) flush() []*group {
	out := make([]*group, 0, len(s.groups))
	for _, g := range s.groups {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Compare(a.id(), b.id()) })
	s.groups, s.taken = nil, 0
	return out
}
