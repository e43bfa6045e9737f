package request_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

// An absent tracker answers nobody while it is away.
type absent struct {
	tracker.Tracker
	away  atomic.Bool
	asked atomic.Int64
}

func (a *absent) try() error {
	a.asked.Add(1)
	if a.away.Load() {
		return &adapters.Error{Op: "reach the tracker", Code: adapters.Unavailable, Err: errors.New("it is away")}
	}
	return nil
}

func (a *absent) Ticket(ctx context.Context, key string) (t tracker.Ticket, err error) {
	if err := a.try(); err != nil {
		return t, err
	}
	return a.Tracker.Ticket(ctx, key)
}

func (a *absent) Subtickets(ctx context.Context, key string) ([]tracker.Ticket, error) {
	if err := a.try(); err != nil {
		return nil, err
	}
	return a.Tracker.Subtickets(ctx, key)
}

func (a *absent) Create(ctx context.Context, d tracker.Draft) (t tracker.Ticket, err error) {
	if err := a.try(); err != nil {
		return t, err
	}
	return a.Tracker.Create(ctx, d)
}

func (a *absent) Change(ctx context.Context, key string, c tracker.Change) (t tracker.Ticket, err error) {
	if err := a.try(); err != nil {
		return t, err
	}
	return a.Tracker.Change(ctx, key, c)
}

func (a *absent) Comment(ctx context.Context, key string, c tracker.Comment) error {
	if err := a.try(); err != nil {
		return err
	}
	return a.Tracker.Comment(ctx, key, c)
}

// TestHourWithoutTracker: the tracker goes away when two tickets have been
// seen, one of them while its checks run. After an hour, in which one has
// changed hands, all is as if it had been there.
func TestHourWithoutTracker(t *testing.T) {
	in(t, func(w *world) {
		tr := &absent{Tracker: w.tools}
		w.flow.Tracker = tr
		w.checks.took = 14 * time.Second
		w.create(tracker.Draft{Title: "a", Component: "disk", Assignee: "lee"})
		w.create(tracker.Draft{Title: "b", Component: "nothing like it", Assignee: "smith"})
		time.Sleep(10 * time.Second) // of the bubble
		synctest.Wait()
		tr.away.Store(true)
		before := tr.asked.Load()
		time.Sleep(30 * time.Minute)
		w.assign("T-1", "tanaka")
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		same(t, "checks run", w.checks.runs, []string{"df", "inodes"})
		if n := tr.asked.Load() - before; n > 300 {
			t.Errorf("a tracker that is away was asked %d times in an hour", n)
		}
		same(t, "sub-tickets while it is away", len(w.subtickets("T-1")), 0)

		tr.away.Store(false)
		w.rest()
		var subs []string
		for _, s := range w.subtickets("T-1") {
			subs = append(subs, s.Title+" of "+s.Assignee)
		}
		same(t, "sub-tickets", subs, []string{"調べる of tanaka", "空ける of tanaka"})
		same(t, "tanaka's", titles(w.messages("tanaka")), []string{"T-1 a"})
		same(t, "lee's, who no longer has it", len(w.messages("lee")), 0)
		same(t, "comments", len(w.comments("T-2")), 1)
		same(t, "checks run", w.checks.runs, []string{"df", "inodes"})
		w.settled()
	})
}
