package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tebiki/bot/daily"
)

// Drain is how long what is under way may take at the end.
const Drain = 8 * time.Second

// Run serves until ctx ends or a part fails, then ends all parts and closes.
func (a *App) Run(ctx context.Context) error {
	defer func() { _ = a.Close() }() // its error is returned below when Run comes that far
	if err := a.beginWatch(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	var g errgroup.Group
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)

	core, stopCore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCore()
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()

	part := func(name string, ctx context.Context, run func(context.Context) error) <-chan struct{} {
		done := make(chan struct{})
		g.Go(func() error {
			defer close(done)
			err := run(ctx)
			if err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
			if ctx.Err() == nil { // nobody asked it to end
				fail(errors.Join(errEnded, err))
			}
			return err
		})
		return done
	}
	lines, stopLines := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLines()
	loop := part("the escalation", core, a.runner.Run)
	hungUp := a.runLines(lines, part)
	out := part("the outbox", work, a.outbox.Run)
	in := part("the console", ctx, a.serve)
	heard := in
	if a.slack != nil {
		heard = part("Slack", ctx, a.runSlack)
	}
	posted := in
	if a.mails != nil {
		posted = part("the mails", ctx, a.runMail)
	}
	if a.trackerDoor != nil {
		part("the tracker's webhooks", ctx, func(ctx context.Context) error { return answer(ctx, a.trackerDoor, a.trackerEvents) })
	}
	part("the tracker's watch", ctx, a.watch.Run)
	part("the mornings", ctx, a.runMornings)
	part("the know-how", ctx, a.followKnowHow)
	part("the inventory", ctx, a.runInventory)
	a.log.Info("serving", "url", a.url(), "open_incidents_loaded_in", a.loaded)

	<-in // these end with ctx
	<-heard
	<-posted
	stopWork()
	<-out
	stopLines()
	<-hungUp
	stopCore()
	<-loop
	return errors.Join(g.Wait(), a.Close())
}

// runMornings does what the teams' mornings bring, until ctx ends. A start in
// the morning of a holiday must not make it a day of work, so the calendars
// come first.
func (a *App) runMornings(ctx context.Context) error {
	var read sync.WaitGroup
	defer read.Wait()
	for _, c := range a.cfg.Calendars {
		read.Go(func() { c.Run(ctx, a.log) })
	}
	for _, c := range a.cfg.Calendars {
		select {
		case <-c.Tried():
		case <-ctx.Done():
			return nil
		}
	}
	clock := &daily.Clock{Store: a.store, Roster: a.cfg.Roster, Log: a.log}
	return clock.Run(ctx, a.mornings...)
}

// serve answers until ctx ends. Who is slow to send or to read then is cut
// off: they have no answer, so they know that nothing was taken.
func (a *App) serve(ctx context.Context) error {
	err := a.web.Serve(ctx, a.ln, Drain/2)
	if err != nil && ctx.Err() != nil {
		a.log.Warn("requests were cut off at the end", "err", err)
		return nil
	}
	return err
}

var errEnded = errors.New("a part of tebiki has ended by itself")

// runLines keeps the telephone's connection, which the last calls of the
// outbox need to hang up, and gives what is closed when all lines are.
func (a *App) runLines(ctx context.Context, part func(string, context.Context, func(context.Context) error) <-chan struct{}) <-chan struct{} {
	if a.telephone == nil {
		none := make(chan struct{})
		close(none)
		return none
	}
	part("the recordings", ctx, a.recordings.Run)
	return part("the telephone", ctx, a.telephone.Run)
}
