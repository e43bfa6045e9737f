// Package shortfall tells a leader of what the tracker does not take. It
// stands between the flows and the tracker, so that no flow has to think of
// it: a flow goes on with what it can have, and somebody hears what is missing.
//
//	flow ─► Tracker ─► the tracker within
//	           │ left out of a ticket; refused for good; not allowed
//	           ▼
//	        outbox ─► one message to the leader for each ticket, or each cause and day
//
// The leader is the one of the team that all requests go to which the
// know-how gives to no other: whose component or incident it is only the
// flows know, and what is to be corrected is mostly the configuration, which
// is everybody's.
package shortfall

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/roster"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A Tracker is the tracker within, watched for what it does not take.
type Tracker struct {
	tracker.Tracker
	Store  store.Store
	Outbox *outbox.Outbox
	Chat   chat.Chat
	Roster *roster.Roster
	Team   string // whose leader is told
	Site   string // the console's address, without a slash at its end
	Log    *slog.Logger

	mu   sync.Mutex
	day  string
	told map[string]bool // keys of this day's messages, so that a retry writes nothing
}

var (
	_ tracker.Tracker = (*Tracker)(nil)
	_ tracker.Waker   = (*Tracker)(nil)
)

// Create implements tracker.Tracker.
func (t *Tracker) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	made, err := t.Tracker.Create(ctx, d)
	if err == nil && len(made.Omitted) > 0 {
		t.tell(ctx, "shortfall/"+made.Key, report{What: omitted, Ticket: made.Key, Title: d.Title, Omitted: made.Omitted})
	}
	t.failed(ctx, err, d.Title)
	return made, err
}

// Change implements tracker.Tracker.
func (t *Tracker) Change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	changed, err := t.Tracker.Change(ctx, key, c)
	t.failed(ctx, err, key)
	return changed, err
}

// Since implements tracker.Tracker. It is asked all the time, so it is first
// to learn that the tracker no longer lets Tebiki in. A cursor that it
// refuses is the watch's to deal with.
func (t *Tracker) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	b, err := t.Tracker.Since(ctx, cursor)
	if err != nil && adapters.CodeOf(err) == adapters.Denied {
		t.failed(ctx, err, "")
	}
	return b, err
}

// Changed gives the channel of a tracker that knows of its changes; any other
// has one that never tells.
func (t *Tracker) Changed() <-chan struct{} {
	if w, ok := t.Tracker.(tracker.Waker); ok {
		return w.Changed()
	}
	return nil
}

// failed tells of an error that asking again does not mend. A day's failures
// of one cause are one message: a cause is there for long, and what it was
// met with is many tickets.
func (t *Tracker) failed(ctx context.Context, err error, title string) {
	if err == nil {
		return
	}
	today := time.Now().UTC().Format(time.DateOnly)
	switch adapters.CodeOf(err) {
	case adapters.Denied:
		t.tell(ctx, "shortfall/denied/"+today, report{What: denied})
	case adapters.Refused:
		words := wordsOf(err)
		sum := sha256.Sum256([]byte(words))
		t.tell(ctx, "shortfall/refused/"+today+"/"+hex.EncodeToString(sum[:6]), report{What: refused, Title: title, Words: words})
	}
}

// wordsOf is why the tracker refused something, without what was attempted.
func wordsOf(err error) string {
	var e *adapters.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err.Error()
	}
	return ""
}

// first tells whether a message is new today, and remembers it.
func (t *Tracker) first(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if today := time.Now().UTC().Format(time.DateOnly); t.day != today {
		t.day, t.told = today, map[string]bool{}
	}
	known := t.told[key]
	t.told[key] = true
	return !known
}

// forget lets a message that could not be left be new again.
func (t *Tracker) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.told, key)
}
