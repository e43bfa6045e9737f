package digest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tebiki/bot/daily"
	"tebiki/bot/roster"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/outbox"
)

const (
	page  = 2000   // alerts read at once
	piece = 2000   // alerts taken in one commit, unless one kind has more
	most  = 50_000 // alerts sorted at once; beyond, a kind is added to piece by piece
)

// A Summary says what a run left to be done.
type Summary struct {
	Alerts int
	Groups int // tickets to be made or added to
	Left   int // alerts that wait on: of today, or of a team whose morning has not come
}

// Work is what the flow does in each team's morning.
func (f *Flow) Work() daily.Work {
	return daily.Work{Name: "the morning's tickets", Bucket: bucket, Do: func(ctx context.Context, t roster.Team, now time.Time) error {
		_, err := f.run(ctx, &sorting{flow: f, now: now, team: t.ID})
		return err
	}}
}

// Run makes the tickets now, for every team: of the days before or, with
// today, of all that waits.
func (f *Flow) Run(ctx context.Context, now time.Time, today bool) (Summary, error) {
	return f.run(ctx, &sorting{flow: f, now: now, today: today})
}

// run reads all that waits before it takes anything, so that a kind of which
// much waits becomes one ticket with all of it.
func (f *Flow) run(ctx context.Context, s *sorting) (sum Summary, err error) {
	f.running.Lock()
	defer f.running.Unlock()
	defer f.Outbox.Wake() // what was taken before an error, too
	seen := map[string]bool{}
	for after := ""; ; {
		lows, err := f.waiting(ctx, after)
		if err != nil {
			return sum, err
		}
		for i := range lows {
			if !s.take(ctx, &lows[i]) {
				sum.Left++
			}
			after = lows[i].Key
		}
		if len(lows) > 0 && s.taken < most {
			continue
		}
		sum.Alerts += s.taken
		for _, g := range s.groups {
			seen[g.id()] = true
		}
		sum.Groups = len(seen)
		if err := f.commit(ctx, s.flush(), s.now); err != nil || len(lows) == 0 {
			return sum, err
		}
	}
}

func (f *Flow) waiting(ctx context.Context, after string) (lows []runner.Low, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		lows, err = runner.LowAfter(tx, after, page)
		return err
	})
	return lows, err
}

// commit takes the groups' alerts out and leaves the items that hold them, in
// commits of a size that does not hold up the alerts that come in.
func (f *Flow) commit(ctx context.Context, groups []*group, now time.Time) error {
	for len(groups) > 0 {
		n, size := 1, len(groups[0].keys)
		for n < len(groups) && size+len(groups[n].keys) <= piece {
			size += len(groups[n].keys)
			n++
		}
		if err := f.move(ctx, groups[:n], now); err != nil {
			return err
		}
		groups = groups[n:]
	}
	return nil
}

func (f *Flow) move(ctx context.Context, groups []*group, now time.Time) error {
	items, err := itemsOf(groups, now)
	if err != nil {
		return err
	}
	err = f.Store.Update(ctx, func(tx store.Writer) error {
		for _, g := range groups {
			for _, k := range g.keys {
				if err := runner.RemoveLow(tx, k); err != nil {
					return err
				}
			}
		}
		return outbox.Add(tx, items...)
	})
	if err != nil {
		return fmt.Errorf("take the alerts of %d kinds into the morning's tickets: %w", len(groups), err)
	}
	return nil
}

// itemsOf gives an item for each group's ticket and, after them in the same
// lane, one for each report. A group's first alert tells its piece apart from
// others of the same kind and day.
func itemsOf(groups []*group, now time.Time) ([]outbox.Item, error) {
	var items []outbox.Item
	reports := map[string]string{} // to a piece's name
	for _, g := range groups {
		piece := fmt.Sprintf("%x", g.keys[0])
		it, err := itemOf("tracker", "digest/"+g.Report, kindTicket, g.id()+"/"+piece, now, g)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
		reports[g.Report] = piece
	}
	for _, report := range slices.Sorted(maps.Keys(reports)) {
		it, err := itemOf("tracker", "digest/"+report, kindReport, report+"/"+reports[report], now, report)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}
