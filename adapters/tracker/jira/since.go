package jira

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// How changes are read.
//
// A window is all that changed from a moment on, oldest change first. A page
// that is not full ends it: the next window begins a little before the last
// change, because the index shows a change late, and what was seen of that
// overlap is remembered. A full page is followed by a window from the minute
// of its last issue on, never by a second page: issues that change while one
// reads move to the end, and the places of others shift. When the overlap or a
// minute alone fills a page (somebody changed thousands at once) it is read by
// key, as a span, which is as steady. What changes there afterwards is read as
// a tail, newest change first, until all is in the index; then the span is
// read once more.
//
// Whether an issue is news is told by its time of change and a sum of what it
// says against those that were seen: on some databases Jira's times have whole
// seconds, and an issue changes twice in one. No clock but Jira's counts. What
// the index shows as older than it was seen, or else at the same time, is read
// itself.
//
// That the zone of our user has changed is told by what a window gives: issues
// from before it, or none of those that it must have.
//
// Comments come with the issues. Those that are not older than the wide look
// reaches are news, each once.

// overlap is how far a window reaches back before the last change; what the
// index shows later still is found by the wide look (see besides.go).
func (j *Jira) overlap() time.Duration { return j.opt.Lag + 40*time.Second }

// cursor is where reading has come to.
type cursor struct {
	Version int              `json:"v"`
	Of      string           `json:"of"`              // address and project
	Start   time.Time        `json:"start"`           // nothing from before is news
	From    time.Time        `json:"from"`            // where the window begins
	Base    time.Time        `json:"base"`            // comments from before then are no news
	Seen    map[string]sight `json:"seen,omitempty"`  // by id of the issue, since From
	Said    map[string]int64 `json:"said,omitempty"`  // id of a comment -> when, in ms, since Base
	Known   map[string]known `json:"known,omitempty"` // what the last batch gave, by id
	Gone    []string         `json:"gone,omitempty"`  // ids that the last batch gave as gone
	Span    *span            `json:"span,omitempty"`
	Tail    *span            `json:"tail,omitempty"` // the span that was read, from From on
}

// sight is how an issue was seen.
type sight struct {
	At    int64  `json:"at"` // of its change, in ms
	Sum   uint32 `json:"sum"`
	Shown bool   `json:"in,omitempty"`   // by the index, which must show it again
	Gone  bool   `json:"gone,omitempty"` // the index may not know yet
}

// span is a time that is read by key.
type span struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	After string    `json:"after,omitempty"` // key
	Read  time.Time `json:"read"`            // on Jira's clock: what changed before then was seen
	Whole time.Time `json:"whole,omitzero"`  // when it was begun to be read by key: all is seen that changed the overlap before then
}

const cursorVersion = 1

// Since implements tracker.Tracker.
func (j *Jira) Since(ctx context.Context, at string) (tracker.Batch, error) {
	b, err := j.since(ctx, at)
	return b, j.told(ctx, "read what changed in "+j.opt.Project, err)
}

func (j *Jira) since(ctx context.Context, at string) (tracker.Batch, error) {
	unlock, err := j.turns.Lock(ctx, "since")
	if err != nil {
		return tracker.Batch{}, err
	}
	defer unlock()
	f, err := j.know(ctx)
	if err != nil {
		return tracker.Batch{}, err
	}
	if err := j.meetRoster(ctx, f); err != nil {
		return tracker.Batch{}, err
	}
	if at == "" {
		return j.begin(ctx, f)
	}
	c, err := j.parse(at)
	if err != nil {
		return tracker.Batch{}, err
	}
	if err := j.keepPace(ctx); err != nil {
		return tracker.Batch{}, err
	}
	return j.readOn(ctx, f, c)
}

func (j *Jira) parse(at string) (*cursor, error) {
	c := &cursor{}
	if err := json.Unmarshal([]byte(at), c); err != nil || c.Version != cursorVersion || c.Of != j.of() {
		return nil, &remote.Fault{Code: adapters.Refused, What: "this is no place in the changes of " + j.of(), Err: errors.Join(tracker.ErrCursor, err)}
	}
	if c.Seen == nil {
		c.Seen = map[string]sight{}
	}
	if c.Said == nil {
		c.Said = map[string]int64{}
	}
	return c, nil
}

func (c *cursor) String() string {
	b, _ := json.Marshal(c) // it is made of plain values
	return string(b)
}

// keepPace leaves Jira alone for a moment after a search, however often
// webhooks say that something has changed.
func (j *Jira) keepPace(ctx context.Context) error {
	return adapters.Sleep(ctx, j.opt.Pace-time.Since(j.polled))
}
