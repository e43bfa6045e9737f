package slack

import (
	"crypto/rand"
	"sync"
	"time"

	"tebiki/adapters/chat"
)

// recent remembers what was seen for a time, and no more than so many: Slack
// repeats what it believes to be lost.
type recent struct {
	keep time.Duration
	most int // 0 means any number

	mu    sync.Mutex
	seen  map[string]bool
	order []sighting
}

type sighting struct {
	id string
	at time.Time
}

func newRecent(keep time.Duration, most int) *recent {
	return &recent{keep: keep, most: most, seen: map[string]bool{}}
}

// first tells whether an id is seen for the first time. What has no id is
// always new.
func (r *recent) first(id string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.order) > 0 && (now.Sub(r.order[0].at) > r.keep || r.most > 0 && len(r.order) >= r.most) {
		delete(r.seen, r.order[0].id)
		r.order = r.order[1:]
	}
	if id == "" {
		return true
	}
	if r.seen[id] {
		return false
	}
	r.seen[id] = true
	r.order = append(r.order, sighting{id, now})
	return true
}

// held keeps the last forms that could not be opened in time, each under a
// name that a button brings back. After a restart they are gone, and the
// person begins again.
type held struct {
	most int

	mu    sync.Mutex
	forms map[string]heldForm
	order []string
}

type heldForm struct {
	form    chat.Form
	channel string
}

func newHeld(most int) *held { return &held{most: most, forms: map[string]heldForm{}} }

func (h *held) put(f heldForm) (name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.order) >= h.most {
		delete(h.forms, h.order[0])
		h.order = h.order[1:]
	}
	name = rand.Text()
	h.forms[name] = f
	h.order = append(h.order, name)
	return name
}

func (h *held) get(name string) (heldForm, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, ok := h.forms[name]
	return f, ok
}

// forget lets an id be new again.
func (r *recent) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.seen, id)
}
