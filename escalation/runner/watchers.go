package runner

import (
	"sync"

	"tebiki/escalation"
)

// watchers are those who wait for incidents to change.
type watchers struct {
	mu  sync.Mutex
	of  map[escalation.ID]chan struct{}
	any chan struct{}
}

func newWatchers() watchers {
	return watchers{of: map[escalation.ID]chan struct{}{}, any: make(chan struct{})}
}

// maxWatched bounds the incidents that are waited for: of most that somebody
// once looked at nothing will ever change again.
const maxWatched = 10_000

func (w *watchers) wait(id escalation.ID) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id == 0 {
		return w.any
	}
	ch, ok := w.of[id]
	if !ok {
		if len(w.of) >= maxWatched {
			w.wakeAll()
		}
		ch = make(chan struct{})
		w.of[id] = ch
	}
	return ch
}

// wakeAll forgets who waits for an incident. They look, and wait anew if
// they still need to.
func (w *watchers) wakeAll() {
	for _, ch := range w.of {
		close(ch)
	}
	clear(w.of)
}

func (w *watchers) announce(incidents []*escalation.Incident) {
	if len(incidents) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, inc := range incidents {
		if ch, ok := w.of[inc.ID]; ok {
			close(ch)
			delete(w.of, inc.ID)
		}
	}
	close(w.any)
	w.any = make(chan struct{})
}
