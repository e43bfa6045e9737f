// Package console is the telephone that Tebiki brings along: it rings in the
// browser of the person who is called.
//
// A call is placed by Call and lives in that goroutine until it is over; the
// page sees it through Calls, acts on it through Answer, Key and HangUp, and
// waits at Watch for the next change. Nothing is stored: a call that a crash
// ends is placed again by who wanted it, under the same id.
//
// One person's phone takes one call at a time. Those that come meanwhile
// wait in the order they came, each no longer than its own Ring, and then
// count as Busy; a call whose turn comes rings for its whole Ring. So nobody
// waits behind a later call, and every wait has an end.
package console

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

// The times of a call, beside the Ring that its caller chooses.
const (
	Quiet = 20 * time.Second // without a key after which the prompt is said again
	Talk  = 10 * time.Minute // that a call may last before it ends as Heard
	Act   = 10 * time.Second // that a key's effect may take
)

const (
	maxRecent = 20  // calls that are over, kept for each person's page
	maxSaid   = 200 // sentences of one call kept for the page
	maxKeys   = 16  // keys pressed ahead of what they do
)

// A Console calls people in their browsers. It is safe for concurrent use.
type Console struct {
	mu      sync.Mutex
	phones  map[string]*set // by the person's id
	calls   map[string]*call
	changed chan struct{}
}

// set is one person's telephone.
type set struct {
	line   []*call // the first has the phone, the others wait in order
	recent []View  // newest first
}

var _ phone.Phone = (*Console)(nil)

// New gives a telephone on which nobody is called yet.
func New() *Console {
	return &Console{phones: map[string]*set{}, calls: map[string]*call{}, changed: make(chan struct{})}
}

// Watch gives a channel that is closed after the next change of any call.
func (c *Console) Watch() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// wake is called with mu held.
func (c *Console) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Call rings at a person and stays with the call until it is over. Who joins
// a call that is under way gets its result, and may leave without ending it.
func (c *Console) Call(ctx context.Context, p phone.Call) (phone.Result, error) {
	if err := p.Check(); err != nil {
		return phone.Result{}, &adapters.Error{Op: fmt.Sprintf("call %.80q", p.To), Code: adapters.Refused, Err: err}
	}
	k, mine := c.place(p)
	if !mine {
		select {
		case <-k.over:
			return k.result, nil
		case <-ctx.Done():
			return withdrawn(ctx), nil
		}
	}
	result := k.run(ctx)
	c.end(k, result)
	return result, nil
}

// place gives the call with p's id, and tells whether it is new.
func (c *Console) place(p phone.Call) (k *call, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.calls[p.ID]; k != nil {
		return k, false
	}
	k = newCall(c, p)
	c.calls[p.ID] = k
	s := c.phones[p.To]
	if s == nil {
		s = &set{}
		c.phones[p.To] = s
	}
	s.line = append(s.line, k)
	s.next()
	c.wake()
	return k, true
}

// end takes a call from its phone, which the next in line then has.
func (c *Console) end(k *call, result phone.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.result, k.view.State = result, Ended
	k.view.Outcome, k.view.Cause, k.view.Since = result.Outcome, result.Cause, time.Now()
	delete(c.calls, k.ID)
	s := c.phones[k.To]
	s.line = slices.DeleteFunc(s.line, func(other *call) bool { return other == k })
	s.recent = slices.Insert(s.recent, 0, k.view)
	s.recent = s.recent[:min(len(s.recent), maxRecent)]
	s.next()
	close(k.over)
	c.wake()
}

// next gives the phone to the first in line. It is called with mu held.
func (s *set) next() {
	if len(s.line) > 0 && s.line[0].view.State == Waiting {
		s.line[0].view.State = Ringing
		s.line[0].view.Since = time.Now()
		close(s.line[0].turn)
	}
}
