package console

import (
	"context"
	"errors"
	"time"

	"tebiki/adapters/source"
	"tebiki/adapters/web"
	"tebiki/escalation"
	"tebiki/escalation/runner"
)

// retryAfter is what senders are told when too much waits. The queue empties
// with every commit, so it need not be long.
const retryAfter = 5 * time.Second

// Intake takes alerts in.
type Intake struct {
	Runner *runner.Runner
	Now    func() time.Time
}

// Accept implements web.Intake.
func (t Intake) Accept(ctx context.Context, alerts []source.Alert) ([]web.Receipt, error) {
	now := t.Now()
	events := make([]escalation.Event, len(alerts))
	for i := range alerts {
		events[i] = escalation.Signal{Alert: AlertOf(&alerts[i], now)}
	}
	receipts, err := t.Runner.Submit(ctx, events...)
	switch {
	case errors.Is(err, runner.ErrBusy), errors.Is(err, runner.ErrStopped):
		return nil, &web.BusyError{RetryAfter: retryAfter}
	case err != nil:
		return nil, &web.StoreError{Err: err}
	}
	out := make([]web.Receipt, len(receipts))
	for i, r := range receipts {
		out[i] = receipt(r)
	}
	return out, nil
}

// AlertOf makes the escalation's alert of a source's.
func AlertOf(a *source.Alert, now time.Time) escalation.Alert {
	at := a.At
	// A source whose clock is ahead must not put an alert into tomorrow.
	if at.IsZero() || at.After(now) {
		at = now
	}
	return escalation.Alert{Source: a.Source, Key: a.Key, Severity: a.Severity, Host: a.Host, Service: a.Service, Check: a.Check,
		Summary: a.Summary, Labels: a.Labels, Link: a.Link, Resolved: a.Resolved, At: at}
}

func receipt(r escalation.Receipt) web.Receipt {
	switch {
	case r.Low:
		return web.Receipt{State: "morning"}
	case r.Incident == 0:
		return web.Receipt{State: "nothing open"}
	}
	return web.Receipt{ID: AlertID(r.Incident, r.Alert), Incident: r.Incident.String(), State: string(r.Status)}
}
