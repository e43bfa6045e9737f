// Package daily is the clock of what is done once on each business day of a
// team, in its morning: the morning's tickets, reminders, and what people are
// told of their know-how.
//
//	every minute ─► for each work and team whose morning has come ─► Do ─► the day is remembered
//
// A morning that was missed is made up for as soon as the program runs again,
// on the same day. A day is remembered after its work, so work that dies with
// the program is done again: it must come out the same.
//
// Stored: the work's bucket, key the team's id, the day (2006-01-02) of its
// last morning.
package daily

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tebiki/bot/roster"
	"tebiki/store"
)

// A Work is something to do every morning.
type Work struct {
	Name   string // for the log: "the morning's tickets"
	Bucket string // remembers the teams' days
	Do     func(ctx context.Context, t roster.Team, now time.Time) error
}

// A Clock knows when the teams' mornings are.
type Clock struct {
	Store  store.Store
	Roster *roster.Roster
	Log    *slog.Logger
}

// Run does the works when their time comes, until ctx ends. It looks by the
// clock on the wall: a machine that slept wakes up to the right time.
func (c *Clock) Run(ctx context.Context, works ...Work) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		for _, w := range works {
			if err := c.look(ctx, w, time.Now()); err != nil && ctx.Err() == nil {
				c.Log.Error("a morning's work failed; it is tried again in a minute", "work", w.Name, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look does the work of the teams whose morning has come and was not done.
func (c *Clock) look(ctx context.Context, w Work, now time.Time) error {
	var due []roster.Team
	err := c.Store.View(ctx, func(tx store.Reader) error {
		due = nil
		for _, t := range c.Roster.Teams() {
			if Come(t, now) && string(tx.Get(w.Bucket, t.ID)) < Day(now, t.Zone) {
				due = append(due, t)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var errs []error // one team's trouble is no other's
	for _, t := range due {
		errs = append(errs, c.morning(ctx, w, t, now))
	}
	return errors.Join(errs...)
}

func (c *Clock) morning(ctx context.Context, w Work, t roster.Team, now time.Time) error {
	if err := w.Do(ctx, t, now); err != nil {
		return fmt.Errorf("the morning of %s: %w", t.ID, err)
	}
	err := c.Store.Update(ctx, func(tx store.Writer) error { return tx.Put(w.Bucket, t.ID, []byte(Day(now, t.Zone))) })
	if err != nil {
		return fmt.Errorf("remember that %s had its morning: %w", t.ID, err)
	}
	return nil
}

// Come tells whether it is a business day of the team and its morning has
// come.
func Come(t roster.Team, now time.Time) bool {
	y, m, d := now.In(t.Zone).Date()
	morning := time.Date(y, m, d, 0, 0, int(t.Morning/time.Second), 0, t.Zone)
	return t.BusinessDay(now) && !now.Before(morning)
}

// Day names the day that it is at t in a zone, as keys of the store do.
func Day(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }
