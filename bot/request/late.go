package request

import (
	"context"
	"slices"
	"time"

	"tebiki/adapters"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/store"
	"tebiki/store/outbox"
)

// Slow is the destination of checks that run while people have the message
// already. Hosts that hang fill its workers, and not those that new tickets
// wait for.
const Slow = "request slow"

// patience is how long the first message waits for checks: whoever gets the
// ticket has its documents then, whatever a host does.
const patience = 15 * time.Second

// first runs a new ticket's checks. Those that patience was not enough for are
// stopped and marked as Pending; late runs them with all the time that they
// may take.
func (f *Flow) first(ctx context.Context, o check.Order) ([]check.Result, error) {
	return f.run(ctx, o, patience, check.Pending)
}

// pending names the checks whose results are still to come.
func pending(rs []check.Result) (names []string) {
	for _, r := range rs {
		if r.Reason == check.Pending {
			names = append(names, r.Check)
		}
	}
	return names
}

// awaitLate has the checks run that the first message did not wait for. The
// sub-tickets, which take the results as comments, are there by then.
func awaitLate(tx store.Writer, prep *preparation, s step, now time.Time) error {
	names := pending(prep.Results)
	if len(names) == 0 {
		return nil
	}
	prep.Again = true
	return add(tx, Slow, kindLate, step{Ticket: s.Ticket, Component: s.Component, Checks: names}, now)
}

// late runs those checks, and none that came to its end before.
func (f *Flow) late(ctx context.Context, it outbox.Item, s step) error {
	var results []check.Result
	t, err := f.Tracker.Ticket(ctx, s.Ticket)
	if err != nil && adapters.CodeOf(err) != adapters.NotFound {
		return err
	}
	entry, ok := f.KnowHow().Entry(s.Component)
	if err == nil && ok {
		o := order(entry, t, "")
		o.Patient = true
		o.Checks = slices.DeleteFunc(slices.Clone(o.Checks), func(c *knowhow.Check) bool { return !slices.Contains(s.Checks, c.Name) })
		if results, err = f.run(ctx, o, checksTime, check.Late); err != nil {
			return err
		}
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		return change(tx, s, func(_ *record, prep *preparation) error {
			prep.Again = false
			prep.Results = merged(prep.Results, results)
			return f.bring(tx, prep, s, it.Created)
		})
	})
}

// merged puts newer results in the places of those that they are of. What is
// pending and has none, for the know-how changed meanwhile, is left out.
func merged(old, newer []check.Result) (out []check.Result) {
	for _, r := range old {
		at := slices.IndexFunc(newer, func(n check.Result) bool { return n.Check == r.Check })
		switch {
		case at >= 0:
			out = append(out, newer[at])
		case r.Reason != check.Pending:
			out = append(out, r)
		}
	}
	return out
}
