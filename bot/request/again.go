package request

import (
	"context"
	"fmt"
	"time"

	"tebiki/adapters"
	"tebiki/knowhow/check"
	"tebiki/store"
	"tebiki/store/outbox"
)

// freshFor is how long results are new enough that asking for them again
// gives the same: a press that the chat delivers twice is one of these.
const freshFor = 10 * time.Second

// An Again says what came of asking for a ticket's checks to run again.
type Again struct {
	State AgainState
	At    time.Time // when they last came to their end, with AgainFresh
}

// An AgainState is how it stands with the checks.
type AgainState string

// The states.
const (
	AgainStarted AgainState = "started"
	AgainRunning AgainState = "running" // somebody asked before
	AgainFresh   AgainState = "fresh"   // they have just run
	AgainNone    AgainState = "none"    // the know-how has none now
	AgainGone    AgainState = "gone"    // nothing was prepared for this component
)

// CheckAgain lets the checks of a ticket's component run again for somebody,
// in the background; the messages about it are brought up to date afterwards.
// The component may be named as a message or a sub-ticket of before has it, or
// by an alias, as the ticket may.
func (f *Flow) CheckAgain(ctx context.Context, ticket, component, who string, now time.Time) (out Again, err error) {
	err = f.Store.Update(ctx, func(tx store.Writer) error {
		rec, _, err := load(tx, ticket)
		if err != nil {
			return err
		}
		if rec.Prepared[component] == nil {
			component = f.canonical(component)
		}
		s := step{Ticket: ticket, Component: component, Person: who, Cause: fmt.Sprint(now.UnixNano())}
		prep := rec.Prepared[component]
		if out = f.mayRun(prep, component, now); out.State != AgainStarted {
			return nil
		}
		prep.Again = true
		if err := add(tx, Slow, kindAgain, s, now); err != nil {
			return err
		}
		return store.Put(tx, bucket, ticket, 1, rec)
	})
	if err != nil {
		return Again{}, fmt.Errorf("have the checks of %s run again: %w", ticket, err)
	}
	f.Outbox.Wake()
	return out, nil
}

func (f *Flow) mayRun(prep *preparation, component string, now time.Time) Again {
	entry, ok := f.KnowHow().Entry(component)
	switch {
	case prep == nil || !prep.Ready:
		return Again{State: AgainGone}
	case !ok || len(entry.Checks()) == 0:
		return Again{State: AgainNone}
	case prep.Again:
		return Again{State: AgainRunning}
	}
	if at := ended(prep.Results); now.Sub(at) < freshFor {
		return Again{State: AgainFresh, At: at}
	}
	return Again{State: AgainStarted}
}

// ended is when the last of the checks came to its end.
func ended(rs []check.Result) (at time.Time) {
	for _, r := range rs {
		if end := r.Started.Add(r.Took); end.After(at) {
			at = end
		}
	}
	return at
}

// again runs the checks once more. The sub-tickets keep what they showed at
// first, how it was before the work began, and get the new results as comments.
func (f *Flow) again(ctx context.Context, it outbox.Item, s step) error {
	var results []check.Result
	t, err := f.Tracker.Ticket(ctx, s.Ticket)
	if err != nil && adapters.CodeOf(err) != adapters.NotFound {
		return err
	}
	entry, ok := f.KnowHow().Entry(s.Component)
	if err == nil && ok {
		if results, err = f.run(ctx, order(entry, t, s.Person), checksTime, check.Late); err != nil {
			return err
		}
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		return change(tx, s, func(_ *record, prep *preparation) error {
			prep.Again = false
			if results == nil {
				return nil // the ticket or its know-how is gone
			}
			prep.Results = results
			return f.bring(tx, prep, s, it.Created)
		})
	})
}

// bring takes new results to where people read them.
func (f *Flow) bring(tx store.Writer, prep *preparation, s step, now time.Time) error {
	of := step{Ticket: s.Ticket, Component: s.Component}
	if err := outdate(tx, prep, of, now); err != nil {
		return err
	}
	of.Cause, of.Checks = s.Cause, s.Checks
	return add(tx, Dest, kindNote, of, now)
}
