package app

import (
	"context"
	"time"

	"tebiki/adapters/web"
)

// runDigest runs the morning flow for whoever asks by the API, or says what a
// run would do.
func (a *App) runDigest(ctx context.Context, o web.DigestOrder) (web.Digest, error) {
	if !o.DryRun {
		s, err := a.digest.Run(ctx, time.Now(), o.Today)
		return web.Digest{Alerts: s.Alerts, Tickets: s.Groups, Left: s.Left}, err
	}
	s, plan, err := a.digest.Preview(ctx, time.Now(), o.Today)
	out := web.Digest{Alerts: s.Alerts, Tickets: s.Groups, Left: s.Left}
	for _, p := range plan {
		out.Plan = append(out.Plan, web.DigestPlan{Team: p.Team, Day: p.Day, What: p.What, Alerts: p.Count, Over: p.Over, Ticket: p.Ticket, Owner: p.Owner})
	}
	return out, err
}
