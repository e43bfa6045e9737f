package shortfall

import (
	"context"
	"errors"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

// How long the changes cannot be read before the leader hears of it: what is
// denied stays so, what is refused may be one answer of somebody in between,
// and what is away mostly comes back by itself.
const (
	patienceRefused = time.Minute
	patienceAway    = 5 * time.Minute
)

// Since implements tracker.Tracker. It is asked all the time, so it is first
// to learn that the tracker no longer lets Tebiki in, or shows nothing. The
// cursor stays where it is, and nothing is lost; but nobody hears of requests
// meanwhile. A cursor of another tracker is the watch's to deal with.
func (t *Tracker) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	b, err := t.Tracker.Since(ctx, cursor)
	if errors.Is(err, tracker.ErrCursor) || ctx.Err() != nil {
		return b, err
	}
	if lasts := t.unreadFor(err); err != nil {
		t.cannotRead(ctx, err, lasts)
	}
	return b, err
}

// unreadFor gives how long the changes could not be read, this time included.
func (t *Tracker) unreadFor(err error) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		t.unread = time.Time{}
		return 0
	case t.unread.IsZero():
		t.unread = time.Now()
	}
	return time.Since(t.unread)
}

func (t *Tracker) cannotRead(ctx context.Context, err error, lasts time.Duration) {
	var c tracker.Cause
	words := ""
	if errors.As(err, &c) {
		words = c.Words()
	}
	switch code := adapters.CodeOf(err); {
	case code == adapters.Denied && c != nil && c.Login():
		t.denied(ctx, err)
	case code == adapters.Denied, adapters.Lasting(err) && lasts >= patienceRefused:
		t.cause(ctx, report{What: unread, Words: words})
	case lasts >= patienceAway:
		t.cause(ctx, report{What: away, Words: words})
	}
}
