package flowtest

import (
	"context"
	"sync"

	"tebiki/adapters/tracker"
)

// A Recorder keeps the drafts that a tracker was asked to make, since not all
// of a draft is in every tracker's tickets.
type Recorder struct {
	tracker.Tracker

	mu     sync.Mutex
	drafts []tracker.Draft
}

// Create implements tracker.Tracker.
func (r *Recorder) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	r.mu.Lock()
	r.drafts = append(r.drafts, d)
	r.mu.Unlock()
	return r.Tracker.Create(ctx, d)
}

// Links gives those of each draft so far, by the draft's title.
func (r *Recorder) Links() map[string][]tracker.Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string][]tracker.Link{}
	for _, d := range r.drafts {
		out[d.Title] = d.Links
	}
	return out
}

// Changed passes on that the tracker within knows of a change.
func (r *Recorder) Changed() <-chan struct{} {
	if w, ok := r.Tracker.(tracker.Waker); ok {
		return w.Changed()
	}
	return nil
}
