// Package shortfall tells a leader of what the tracker does not take. It
// stands between the flows and the tracker, so that no flow has to think of
// it: a flow goes on with what it can have, and somebody hears what is missing.
//
//	flow ─► Tracker ─► the tracker within
//	           │ left out of a ticket; refused for good; not allowed; changes that cannot be read
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
	"regexp"
	"strings"
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

	mu     sync.Mutex
	day    string
	told   map[string]bool // keys of this day's messages, so that a retry writes nothing
	unread time.Time       // since when the changes cannot be read; zero while they can
}

var (
	_ tracker.Tracker = (*Tracker)(nil)
	_ tracker.Waker   = (*Tracker)(nil)
)

// Create implements tracker.Tracker.
func (t *Tracker) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	made, err := t.Tracker.Create(ctx, d)
	if err == nil && len(made.Omitted) > 0 {
		t.tell(ctx, "", "shortfall/"+made.Key, report{What: omitted, Ticket: made.Key, Title: d.Title, Omitted: made.Omitted})
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

// Comment implements tracker.Tracker.
func (t *Tracker) Comment(ctx context.Context, key string, c tracker.Comment) error {
	err := t.Tracker.Comment(ctx, key, c)
	t.failed(ctx, err, key)
	return err
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
	switch code := adapters.CodeOf(err); {
	case err == nil:
	case code == adapters.Denied:
		t.denied(ctx, err)
	case code == adapters.Refused:
		t.cause(ctx, report{What: refused, Title: title, Words: wordsOf(err)})
	}
}

// denied parts a login that is refused from something its user may not do.
func (t *Tracker) denied(ctx context.Context, err error) {
	r := report{What: denied}
	var c tracker.Cause
	if errors.As(err, &c) {
		r.Words = c.Words()
		if c.Login() {
			r.What = login
		}
	}
	t.cause(ctx, r)
}

// mostOfDay is how many causes of a kind are told in a day: words may name
// what is never the same.
const mostOfDay = 10

var digits = regexp.MustCompile(`[0-9]+`)

// cause leaves a day's message of one cause, which its words tell from others,
// whatever numbers they name.
func (t *Tracker) cause(ctx context.Context, r report) {
	sum := sha256.Sum256([]byte(digits.ReplaceAllString(r.Words, "")))
	day := "shortfall/" + r.What + "/" + time.Now().UTC().Format(time.DateOnly) + "/"
	t.tell(ctx, day, day+hex.EncodeToString(sum[:6]), r)
}

// wordsOf is why the tracker refused something, without what was attempted.
func wordsOf(err error) string {
	var c tracker.Cause
	if errors.As(err, &c) {
		return c.Words()
	}
	var e *adapters.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err.Error()
	}
	return ""
}

// first tells whether a message is new today, and remembers it. Of those that
// begin alike a day has so many.
func (t *Tracker) first(alike, key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if today := time.Now().UTC().Format(time.DateOnly); t.day != today {
		t.day, t.told = today, map[string]bool{}
	}
	if t.told[key] {
		return false
	}
	n := 0
	for k := range t.told {
		if alike != "" && strings.HasPrefix(k, alike) {
			n++
		}
	}
	t.told[key] = n < mostOfDay
	return t.told[key]
}

// forget lets a message that could not be left be new again.
func (t *Tracker) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.told, key)
}
