package digest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"tebiki/bot/roster"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/outbox"
)

// piece is how many alerts are taken in one commit.
const piece = 2000

// A Summary says what a run left to be done.
type Summary struct {
	Alerts int
	Groups int // tickets to be made or added to
	Left   int // alerts that wait on: of today, or of a team whose morning has not come
}

// Loop runs each team's morning when it comes, and at the start when it was
// missed. It looks every minute, by the clock on the wall: a machine that
// slept wakes up to the right time.
func (f *Flow) Loop(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := f.mornings(ctx, time.Now()); err != nil && ctx.Err() == nil {
			f.Log.Error("the morning's tickets could not be made; it is tried again in a minute", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// mornings runs the teams whose morning has come and was not run.
func (f *Flow) mornings(ctx context.Context, now time.Time) error {
	var due []roster.Team
	err := f.Store.View(ctx, func(tx store.Reader) error {
		for _, t := range f.Roster.Teams() {
			if f.due(t, now) && string(tx.Get(bucket, t.ID)) < dayOf(now, t.Zone) {
				due = append(due, t)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range due {
		if _, err := f.run(ctx, now, false, func(id string) bool { return id == t.ID }); err != nil {
			return err
		}
		err := f.Store.Update(ctx, func(tx store.Writer) error { return tx.Put(bucket, t.ID, []byte(dayOf(now, t.Zone))) })
		if err != nil {
			return fmt.Errorf("remember that %s had its morning: %w", t.ID, err)
		}
	}
	return nil
}

func (f *Flow) due(t roster.Team, now time.Time) bool {
	local := now.In(t.Zone)
	y, m, d := local.Date()
	morning := time.Date(y, m, d, 0, 0, int(t.Morning/time.Second), 0, t.Zone)
	return t.BusinessDay(now) && !local.Before(morning)
}

// Run makes the tickets now, for every team: of the days before or, with
// today, of all that waits.
func (f *Flow) Run(ctx context.Context, now time.Time, today bool) (Summary, error) {
	return f.run(ctx, now, today, func(string) bool { return true })
}

func (f *Flow) run(ctx context.Context, now time.Time, today bool, wanted func(team string) bool) (Summary, error) {
	var sum Summary
	seen := map[string]bool{}
	take := func(a *escalation.Alert) (team, day, report string, ok bool) {
		t := f.teamOf(ctx, a)
		day = dayOf(a.At, t.Zone)
		ok = wanted(t.ID) && (today || day < dayOf(now, t.Zone))
		return t.ID, day, t.ID + "/" + dayOf(now, t.Zone), ok
	}
	for after := ""; ; {
		lows, err := f.waiting(ctx, after)
		if err != nil || len(lows) == 0 {
			sum.Groups = len(seen)
			f.Outbox.Wake()
			return sum, err
		}
		after = lows[len(lows)-1].Key
		groups, keys := gather(lows, take)
		if err := f.move(ctx, groups, keys, now); err != nil {
			return sum, err
		}
		sum.Alerts += len(keys)
		sum.Left += len(lows) - len(keys)
		for _, g := range groups {
			seen[g.id()] = true
		}
	}
}

func (f *Flow) waiting(ctx context.Context, after string) (lows []runner.Low, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		lows, err = runner.LowAfter(tx, after, piece)
		return err
	})
	return lows, err
}

// gather groups the alerts that take wants, and gives the keys of those.
func gather(lows []runner.Low, take func(*escalation.Alert) (team, day, report string, ok bool)) ([]*group, []string) {
	groups, keys := map[string]*group{}, []string{}
	for _, low := range lows {
		team, day, report, ok := take(&low.Alert)
		if !ok {
			continue
		}
		keys = append(keys, low.Key)
		merge(groups, low.Alert, &group{Report: report, Team: team, Day: day, Host: low.Alert.Host, Check: kindOf(&low.Alert)})
	}
	return sorted(groups), keys
}

func merge(groups map[string]*group, a escalation.Alert, fresh *group) {
	g, ok := groups[fresh.id()]
	if !ok {
		g = fresh
		groups[g.id()] = g
	}
	g.add(a)
}

// kindOf gives what was looked at. Of an alert without a check it is the key
// by which its source tells it apart.
func kindOf(a *escalation.Alert) string {
	if a.Check != "" {
		return a.Check
	}
	return a.Key
}

func sorted(groups map[string]*group) []*group {
	out := make([]*group, 0, len(groups))
	for _, g := range groups {
		out = append(out, g)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id() < out[j].id() })
	return out
}

// move takes alerts out and leaves the items that hold them, in one commit.
func (f *Flow) move(ctx context.Context, groups []*group, keys []string, now time.Time) error {
	if len(keys) == 0 {
		return nil
	}
	items, err := itemsOf(groups, fmt.Sprintf("%x", keys[0]), now)
	if err != nil {
		return err
	}
	err = f.Store.Update(ctx, func(tx store.Writer) error {
		for _, k := range keys {
			if err := runner.RemoveLow(tx, k); err != nil {
				return err
			}
		}
		return outbox.Add(tx, items...)
	})
	if err != nil {
		return fmt.Errorf("take %d alerts into the morning's tickets: %w", len(keys), err)
	}
	return nil
}

// itemsOf gives an item for each group's ticket and, after them in the same
// lane, one for each report. piece tells those of several pieces apart.
func itemsOf(groups []*group, piece string, now time.Time) ([]outbox.Item, error) {
	var items []outbox.Item
	reports := map[string]bool{}
	for _, g := range groups {
		it, err := itemOf("tracker", "digest/"+g.Report, kindTicket, g.id()+"/"+piece, now, g)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
		reports[g.Report] = true
	}
	for _, report := range slices.Sorted(maps.Keys(reports)) {
		it, err := itemOf("tracker", "digest/"+report, kindReport, report+"/"+piece, now, report)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}
