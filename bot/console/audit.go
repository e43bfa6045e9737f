package console

import (
	"context"

	"tebiki/adapters/web"
	"tebiki/bot/audit"
)

// Audit shows the audit log of checks.
type Audit struct{ Log *audit.Log }

// After implements web.Audit.
func (a Audit) After(ctx context.Context, number uint64, n int) ([]web.AuditRecord, error) {
	records, err := a.Log.After(ctx, number, n)
	out := make([]web.AuditRecord, len(records))
	for i, r := range records {
		out[i] = web.AuditRecord{Number: r.Number, At: r.At, Who: r.Who, Ticket: r.Ticket, Check: r.Check, Command: r.Command, Where: r.Where,
			Host: r.Host, Started: r.Started, Ended: r.Ended, Took: r.Took, Reason: string(r.Reason), Exit: r.Exit}
	}
	return out, err
}

// Tallies implements web.Audit.
func (a Audit) Tallies(ctx context.Context) (map[string]web.CheckTally, error) {
	tallies, err := a.Log.Tallies(ctx)
	out := map[string]web.CheckTally{}
	for name, t := range tallies {
		out[name] = web.CheckTally(t)
	}
	return out, err
}
