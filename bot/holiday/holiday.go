// Package holiday knows the days off that a calendar lists, in a file or at an
// address, in iCalendar format (RFC 5545).
//
// The calendar is read again every few hours; one that cannot be read leaves
// the days as they were. Whoever asks for days right after a start waits for
// Tried, or a holiday would be taken for a day of work. An address that has
// never answered has no days: then the morning's work is done on a holiday
// too, which is better than not at all, and the log says so.
package holiday

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// How often a calendar is read, and after it could not be.
const (
	Every = 6 * time.Hour
	again = 5 * time.Minute
	limit = 30 * time.Second
)

// A Calendar is the days off of one source. It may be used by any number of
// goroutines.
type Calendar struct {
	name  string // for people, without what may be secret
	open  func(context.Context) (io.ReadCloser, error)
	match *regexp.Regexp
	days  atomic.Pointer[map[string]bool]

	once  sync.Once
	tried chan struct{} // closed when the first Load has ended
}

func newCalendar(name string, match *regexp.Regexp) *Calendar {
	return &Calendar{name: name, match: match, tried: make(chan struct{})}
}

// File is the calendar in a file, which open opens.
func File(open func(name string) (fs.File, error), name string, match *regexp.Regexp) *Calendar {
	c := newCalendar(name, match)
	c.open = func(context.Context) (io.ReadCloser, error) { return open(name) }
	return c
}

// URL is the calendar at an address. The path may be what keeps it private,
// so only the host is told to people.
func URL(address *url.URL, match *regexp.Regexp) *Calendar {
	c := newCalendar(address.Scheme+"://"+address.Host, match)
	c.open = func(ctx context.Context) (io.ReadCloser, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
		if err != nil {
			return nil, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, fmt.Errorf("it does not answer: %w", bare(err))
		}
		if resp.StatusCode != http.StatusOK {
			_ = resp.Body.Close() // nothing of it is wanted
			return nil, fmt.Errorf("it answers %s; open the address in a browser, and correct it", resp.Status)
		}
		return resp.Body, nil
	}
	return c
}

// bare takes the address out of an error.
func bare(err error) error {
	if u, ok := err.(*url.Error); ok { //nolint:errorlint // it is what Do gives
		return u.Err
	}
	return err
}

// Off tells whether a day, as 2006-01-02, is off.
func (c *Calendar) Off(day string) bool {
	days := c.days.Load()
	return days != nil && (*days)[day]
}

// Tried is closed when the calendar has been read for the first time, or could
// not be: it takes half a minute at most.
func (c *Calendar) Tried() <-chan struct{} { return c.tried }

// Load reads the calendar now. doubt is what should be looked at although the
// days are in use: events that make no sense, or that there are no days.
func (c *Calendar) Load(ctx context.Context, now time.Time) (doubt, err error) {
	defer c.once.Do(func() { close(c.tried) })
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, err := c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the calendar %s: %w", c.name, err)
	}
	defer r.Close()
	days, wrong, err := Days(r, c.match, now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	c.days.Store(&days)
	switch {
	case len(wrong) > 0:
		return fmt.Errorf("the calendar %s has %d events that make no sense and count for nothing, such as %w", c.name, len(wrong), wrong[0]), nil
	case len(days) == 0:
		return fmt.Errorf("the calendar %s has no day off in these years; look whether match fits its events", c.name), nil
	}
	return nil, nil
}

// Run reads the calendar, at once and then again, until ctx is done.
func (c *Calendar) Run(ctx context.Context, log *slog.Logger) {
	wait := time.Duration(0)
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = Every
		doubt, err := c.Load(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
		case err != nil:
			wait = again
			log.Warn("the calendar of holidays cannot be read; those known stay, and it is tried again", "err", err, "after", again, "known", c.days.Load() != nil)
		case doubt != nil:
			log.Warn("the calendar of holidays is in use, but look at it", "doubt", doubt)
		}
	}
}
