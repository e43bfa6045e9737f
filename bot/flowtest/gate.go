// Package flowtest helps to test the flows: a gate between a flow and the
// store, the tracker and the chat, at which any one call can go wrong. A test
// tells the same story again and again, spoils the first call, then the
// second, and so on, and sees that people end up with the same every time.
package flowtest

import (
	"context"
	"errors"
	"sync"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/store"
)

// A Gate counts the calls to the outside and to the store, and spoils one.
type Gate struct {
	mu   sync.Mutex
	n    int
	at   int // the call to spoil; 0 spoils none
	mode Mode
	die  context.CancelFunc
	dead bool

	before map[int]func() // by the call
}

// A Mode is what happens to the spoilt call.
type Mode int

// The modes.
const (
	Refuse Mode = iota // it is not done
	Forget             // it is done, and answered with an error
	Crash              // it is done, and the process dies
)

// Modes names them for subtests.
var Modes = map[string]Mode{"refused": Refuse, "answer lost": Forget, "died": Crash}

var errDown = errors.New("down")

// Spoil spoils the call that is n calls away.
func (g *Gate) Spoil(n int, m Mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at, g.mode = g.n+n, m
}

// Before lets something happen just before the call that is n calls away.
func (g *Gate) Before(n int, do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before = map[int]func(){g.n + n: do}
}

// Calls is how many calls came so far.
func (g *Gate) Calls() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.n
}

// Start tells of a process that begins; die must end it. After a crash
// nothing gets through any more until then.
func (g *Gate) Start(die context.CancelFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dead, g.die = false, die
}

// Pass lets do happen. A store's commit is never forgotten: its contract
// does not allow that.
func (g *Gate) Pass(do func() error, mayForget bool) error {
	g.mu.Lock()
	g.n++
	spoil, dead, before := g.n == g.at, g.dead, g.before[g.n]
	g.mu.Unlock()
	if before != nil {
		before()
	}
	switch {
	case dead || spoil && g.mode == Refuse || spoil && g.mode == Forget && !mayForget:
		return errDown
	case !spoil:
		return do()
	}
	err := do()
	if g.mode == Crash {
		g.mu.Lock()
		g.dead = true
		g.mu.Unlock()
		g.die()
	}
	return errors.Join(err, errDown)
}

// Store is s behind the gate; reading is free.
func (g *Gate) Store(s store.Store) store.Store { return gatedStore{s, g} }

type gatedStore struct {
	store.Store
	g *Gate
}

func (s gatedStore) Update(ctx context.Context, fn func(store.Writer) error) error {
	return s.g.Pass(func() error { return s.Store.Update(ctx, fn) }, false)
}

// Tracker is t behind the gate.
func (g *Gate) Tracker(t tracker.Tracker) tracker.Tracker { return gatedTracker{t, g} }

type gatedTracker struct {
	tracker.Tracker
	g *Gate
}

func (t gatedTracker) Ticket(ctx context.Context, key string) (out tracker.Ticket, err error) {
	err = t.g.Pass(func() error { out, err = t.Tracker.Ticket(ctx, key); return err }, true)
	return out, err
}

func (t gatedTracker) Subtickets(ctx context.Context, key string) (out []tracker.Ticket, err error) {
	err = t.g.Pass(func() error { out, err = t.Tracker.Subtickets(ctx, key); return err }, true)
	return out, err
}

func (t gatedTracker) Create(ctx context.Context, d tracker.Draft) (out tracker.Ticket, err error) {
	err = t.g.Pass(func() error { out, err = t.Tracker.Create(ctx, d); return err }, true)
	return out, err
}

func (t gatedTracker) Comment(ctx context.Context, key string, c tracker.Comment) error {
	return t.g.Pass(func() error { return t.Tracker.Comment(ctx, key, c) }, true)
}

func (t gatedTracker) Change(ctx context.Context, key string, c tracker.Change) (out tracker.Ticket, err error) {
	err = t.g.Pass(func() error { out, err = t.Tracker.Change(ctx, key, c); return err }, true)
	return out, err
}

// Changed passes on that the tracker knows of a change.
func (t gatedTracker) Changed() <-chan struct{} {
	if w, ok := t.Tracker.(tracker.Waker); ok {
		return w.Changed()
	}
	return nil
}

func (t gatedTracker) Since(ctx context.Context, cursor string) (out tracker.Batch, err error) {
	err = t.g.Pass(func() error { out, err = t.Tracker.Since(ctx, cursor); return err }, true)
	return out, err
}

// Chat is c behind the gate.
func (g *Gate) Chat(c chat.Chat) chat.Chat { return gatedChat{c, g} }

type gatedChat struct {
	chat.Chat
	g *Gate
}

func (c gatedChat) Send(ctx context.Context, m chat.Message) error {
	return c.g.Pass(func() error { return c.Chat.Send(ctx, m) }, true)
}
