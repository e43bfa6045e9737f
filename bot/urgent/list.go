package urgent

import (
	"context"
	"sync"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/escalation"
	"tebiki/store/outbox"
)

// list brings the list of alerts on the ticket up to date. Of many that had
// to wait for the tracker the first writes what all of them are about.
func (f *Flow) list(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	if f.lists.after(e.Incident, it.Created) {
		return f.Outbox.Settle(ctx, it, nil)
	}
	now := time.Now()
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	body, err := f.body(ctx, f.printer(&inc), &inc)
	if err != nil {
		return err
	}
	switch _, err := f.Tracker.Change(ctx, inc.Ticket, tracker.Change{Body: &body}); {
	case notFound(err):
		return f.abandon(ctx, it, &inc, err)
	case err != nil && !adapters.Lasting(err):
		return err
	case err == nil:
		f.lists.wrote(inc.ID, now)
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// written is how the incidents were when their lists were last written. It is
// of use while what waited is worked off, which is soon over.
type written struct {
	mu sync.Mutex
	at map[escalation.ID]time.Time
}

const writtenFor = 10 * time.Minute

// after tells whether a list was written with all that was known at a time.
func (w *written) after(id escalation.ID, t time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at[id].After(t)
}

func (w *written) wrote(id escalation.ID, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for old, t := range w.at {
		if at.Sub(t) > writtenFor {
			delete(w.at, old)
		}
	}
	if w.at == nil {
		w.at = map[escalation.ID]time.Time{}
	}
	w.at[id] = at
}
