package asterisk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	sweepEvery  = 5 * time.Second
	strayTime   = 20 * time.Second // how long a channel may be without a call, because one made again may ask for it
	condemnTime = 10 * time.Minute // how long a channel is looked for that must not be
)

// condemn says that something must not be, by its path: a channel whose call
// is over, and that could not be hung up or is perhaps made only now; a bridge
// that could not be deleted.
func (a *Asterisk) condemn(path string) {
	a.mu.Lock()
	a.condemned[path] = time.Now().Add(condemnTime)
	a.mu.Unlock()
	a.wantSweeper()
}

func (a *Asterisk) pardon(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.condemned, path)
}

// doomed are the paths of what must not be.
func (a *Asterisk) doomed() (paths []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for path, until := range a.condemned {
		if time.Now().After(until) {
			delete(a.condemned, path)
			continue
		}
		paths = append(paths, path)
	}
	return paths
}

func (a *Asterisk) wantSweeper() {
	select {
	case a.nudge <- struct{}{}:
	default:
	}
}

// keepSwept is the sweeper.
func (a *Asterisk) keepSwept(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	strays := map[string]time.Time{} // channels without a call, and when they were seen first
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.nudge:
			a.sweepCondemned(ctx)
		case <-ticker.C:
			a.sweepCondemned(ctx)
			a.sweepStrays(ctx, strays)
		}
	}
}

// sweepCondemned ends what must not be. A channel that is not there may come
// yet.
func (a *Asterisk) sweepCondemned(ctx context.Context) {
	paths := a.doomed()
	var all []channelState
	if len(paths) == 0 {
		return
	}
	if _, err := a.request(ctx, http.MethodGet, "/channels", nil, &all); err != nil {
		return // the next time
	}
	for _, c := range all {
		if path := channelPath(c.ID); slices.Contains(paths, path) && a.sweepOut(ctx, c.ID) {
			a.pardon(path)
		}
	}
	for _, path := range paths {
		if !strings.HasPrefix(path, channelPath("")) && a.gone(ctx, path) {
			a.pardon(path)
		}
	}
}

// sweepStrays hangs up the application's channels that have had no call for
// too long: a person may be on the line, and hear nothing. A connection whose
// application is gone brings no events, and is made anew.
func (a *Asterisk) sweepStrays(ctx context.Context, strays map[string]time.Time) {
	if up, _, _, _ := a.link.state(); !up {
		return
	}
	var app struct {
		Channels []string `json:"channel_ids"`
	}
	status, err := a.request(ctx, http.MethodGet, "/applications/"+url.PathEscape(a.opt.App), nil, &app)
	if status == http.StatusNotFound {
		a.link.renew()
	}
	if err != nil {
		return
	}
	for id := range strays {
		if !slices.Contains(app.Channels, id) {
			delete(strays, id)
		}
	}
	for _, id := range app.Channels {
		if b, _ := a.boxOf(id); b != nil || strings.HasSuffix(id, farLeg) && slices.Contains(app.Channels, strings.TrimSuffix(id, farLeg)) {
			delete(strays, id)
			continue
		}
		since, seen := strays[id]
		switch {
		case !seen:
			strays[id] = time.Now()
		case time.Since(since) >= strayTime && a.sweepOut(ctx, id):
			delete(strays, id)
		}
	}
}

// sweepOut hangs up a channel that no call has, and tells whether it did.
func (a *Asterisk) sweepOut(ctx context.Context, id string) bool {
	_, err := a.hangUp(ctx, id)
	if err != nil {
		if ctx.Err() == nil {
			a.log.Warn("a channel that no call has cannot be hung up; it is tried again", "channel", id, "err", err)
		}
		return false
	}
	a.opt.Count("channel swept")
	a.log.Info("a channel that no call has was hung up", "channel", id)
	return true
}
