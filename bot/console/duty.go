package console

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/inventory"
	"tebiki/adapters/web"
	"tebiki/bot/roster"
	"tebiki/escalation"
)

// OnCall shows the schedules.
type OnCall struct {
	Rules  *escalation.Rules
	Roster *roster.Roster
}

// Rotas implements web.OnCall.
func (o OnCall) Rotas(_ context.Context, _ string, from, until time.Time) ([]web.Rota, error) {
	var out []web.Rota
	for _, id := range slices.Sorted(maps.Keys(o.Rules.Schedules)) {
		s := o.Rules.Schedules[id]
		title := id
		if t, ok := o.Roster.Team(id); ok {
			title = t.Name
		}
		for _, l := range s.Layers {
			rota := web.Rota{Team: title, Layer: l.Name}
			for _, sh := range s.Shifts(l.Name, from, until) {
				rota.Shifts = append(rota.Shifts, web.Shift{Person: sh.Person, From: sh.From, Until: sh.Until, Override: sh.Override})
			}
			out = append(out, rota)
		}
	}
	return out, nil
}

// Servers completes hosts from the inventory.
type Servers struct{ Inventory inventory.Inventory }

// Hosts implements web.Servers: names that begin with part come first.
func (s Servers) Hosts(ctx context.Context, part string, n int) ([]string, error) {
	all, err := s.Inventory.Servers(ctx)
	if err != nil {
		return nil, err
	}
	part = strings.ToLower(part)
	var begin, within []string
	for _, server := range all {
		switch host := strings.ToLower(server.Host); {
		case strings.HasPrefix(host, part):
			begin = append(begin, server.Host)
		case strings.Contains(host, part):
			within = append(within, server.Host)
		}
	}
	out := append(begin, within...)
	return out[:min(len(out), n)], nil
}
