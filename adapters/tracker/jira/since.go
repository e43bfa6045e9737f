package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	sdk "github.com/andygrunwald/go-jira"

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
// reads move to the end, and the places of others shift. When a minute alone
// fills a page (somebody changed thousands at once) it is read by key, as a
// span, which is as steady.
//
// Whether an issue is news is told by its time of change, exact to the
// millisecond, against the one that was seen; no clock but Jira's counts.
//
// Comments come with the issues. Those that are not older than the wide look
// reaches are news, each once.

// overlap is how far a window reaches back before the last change; what the
// index shows later still is found by the wide look (see known.go).
func (j *Jira) overlap() time.Duration { return j.opt.Lag + 40*time.Second }

// cursor is where reading has come to.
type cursor struct {
	Version int              `json:"v"`
	Of      string           `json:"of"`             // address and project
	Start   time.Time        `json:"start"`          // nothing from before is news
	From    time.Time        `json:"from"`           // where the window begins
	Base    time.Time        `json:"base"`           // comments from before then are no news
	Seen    map[string]int64 `json:"seen,omitempty"` // id of an issue -> its change, in ms, since From
	Said    map[string]int64 `json:"said,omitempty"` // id of a comment -> when, in ms, since Base
	Gone    []string         `json:"gone,omitempty"` // ids that the last batch gave as gone
	Span    *span            `json:"span,omitempty"`
}

// span is a time that is read by key.
type span struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	After string    `json:"after,omitempty"` // key
}

const cursorVersion = 1

// Since implements tracker.Tracker.
func (j *Jira) Since(ctx context.Context, at string) (tracker.Batch, error) {
	b, err := j.since(ctx, at)
	return b, remote.Named("read what changed in "+j.opt.Project, err)
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
		return nil, &remote.Fault{Code: refusedCode, What: "this is no place in the changes of " + j.of(), Err: err}
	}
	if c.Seen == nil {
		c.Seen = map[string]int64{}
	}
	if c.Said == nil {
		c.Said = map[string]int64{}
	}
	c.Gone = slices.Clone(c.Gone)
	return c, nil
}

func (c *cursor) String() string {
	b, _ := json.Marshal(c) // it is made of plain values
	return string(b)
}

// keepPace leaves Jira alone for a moment after a search, however often
// webhooks say that something has changed.
func (j *Jira) keepPace(ctx context.Context) error {
	rest := j.opt.Pace - time.Since(j.polled)
	if rest <= 0 {
		return nil
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reading is one batch in the making.
type reading struct {
	j     *Jira
	f     *facts
	c     *cursor
	batch tracker.Batch
	known []known
	last  time.Time // the newest change of the page
	late  []string  // ids whose index entry is older than what was seen
}

func (j *Jira) readOn(ctx context.Context, f *facts, c *cursor) (tracker.Batch, error) {
	if err := j.forgetGone(ctx, c); err != nil {
		return tracker.Batch{}, err
	}
	r := &reading{j: j, f: f, c: c}
	page, err := r.look(ctx)
	if err != nil {
		return tracker.Batch{}, err
	}
	for n := range page.issues {
		if err := r.fold(ctx, &page.issues[n], false); err != nil {
			return tracker.Batch{}, err
		}
	}
	r.advance(page)
	if !r.batch.More {
		if err := r.besides(ctx); err != nil {
			return tracker.Batch{}, err
		}
		j.polled = time.Now()
	}
	if err := j.keepKnown(ctx, r.known); err != nil {
		return tracker.Batch{}, err
	}
	slices.SortStableFunc(r.batch.Tickets, func(a, b tracker.Ticket) int { return a.Updated.Compare(b.Updated) })
	slices.SortStableFunc(r.batch.Said, func(a, b tracker.Said) int { return a.At.Compare(b.At) })
	r.batch.Cursor = c.String()
	return r.batch, nil
}

// look searches one page of the window or the span.
func (r *reading) look(ctx context.Context) (found, error) {
	page, err := r.search(ctx)
	if err != nil || !r.zoneDoubtful(&page) {
		return page, err
	}
	changed, err := r.j.rezone(ctx, r.f)
	if err != nil {
		return page, err
	}
	if r.f = changed; len(page.issues) == 0 {
		clear(r.c.Seen) // it is true that nothing of it is there any more
	}
	return r.search(ctx)
}

func (r *reading) search(ctx context.Context) (found, error) {
	q := query{fields: r.j.wanted(r.f, "comment"), most: r.j.page(r.f)}
	in := "project = " + quote(r.j.opt.Project) + " AND "
	if s := r.c.Span; s != nil {
		q.jql = in + since(s.From, r.f.zone) + ` AND updated < "` + s.To.In(r.f.zone).Format(minuteText) + `"`
		if s.After != "" {
			q.jql += " AND key > " + quote(s.After)
		}
		q.jql += " ORDER BY key ASC"
	} else {
		q.jql = in + since(r.c.From, r.f.zone) + " ORDER BY updated ASC, key ASC"
	}
	return r.j.search(ctx, r.f, q)
}

// zoneDoubtful tells that Jira seems to see our user in another zone than it
// said: times come in another offset, or what was there has vanished.
func (r *reading) zoneDoubtful(page *found) bool {
	for n := range page.issues {
		at := page.issues[n].Fields.Updated.Time
		_, is := at.Zone()
		if _, want := at.In(r.f.zone).Zone(); is != want {
			return true
		}
	}
	return len(page.issues) == 0 && len(r.c.Seen) > 0 && r.c.Span == nil
}

// rezone asks for our user's zone again.
func (j *Jira) rezone(ctx context.Context, f *facts) (*facts, error) {
	me, err := get[sdk.User](ctx, j, "myself")
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(me.TimeZone)
	if err != nil || me.TimeZone == f.me.TimeZone {
		return f, nil
	}
	fresh := *f
	fresh.me, fresh.zone = me, zone
	j.facts.set(&fresh)
	return &fresh, nil
}

// fold takes one issue in, unless it was seen like this. What the index shows
// as older than it was seen is read itself: either the index lags, or Jira's
// clock was set back.
func (r *reading) fold(ctx context.Context, i *issue, fresh bool) error {
	at := i.Fields.Updated.UnixMilli()
	seen, was := r.c.Seen[i.ID]
	if i.Fields.Updated.After(r.last) && !fresh {
		r.last = i.Fields.Updated.Time
	}
	switch {
	case was && seen == at:
		return nil
	case was && at < seen && !fresh:
		r.late = append(r.late, i.ID)
		return nil
	}
	t, err := r.j.ticket(ctx, r.f, i)
	if err != nil {
		return err
	}
	r.batch.Tickets = append(r.batch.Tickets, t)
	r.c.Seen[i.ID] = at
	r.known = append(r.known, known{id: i.ID, Key: i.Key, Updated: at, Closed: t.Status == tracker.Closed})
	return r.listen(ctx, i)
}

// listen takes the comments that are news.
func (r *reading) listen(ctx context.Context, i *issue) error {
	if i.Fields.Comment == nil {
		return nil
	}
	all := i.Fields.Comment.Comments
	if i.Fields.Comment.Total > len(all) { // Cloud gives some of them
		got, err := get[comments](ctx, r.j, "issue/"+i.ID+"/comment?orderBy=-created&maxResults=200")
		if err != nil {
			return err
		}
		all = got.Comments
	}
	for n := range all {
		c := &all[n]
		at := c.Created.UnixMilli()
		if _, heard := r.c.Said[c.ID]; heard || at < r.c.Base.UnixMilli() || r.f.isMe(&c.Author) {
			continue
		}
		author, err := r.j.meet(ctx, r.f, &c.Author)
		if err != nil {
			return err
		}
		r.c.Said[c.ID] = at
		r.batch.Said = append(r.batch.Said, tracker.Said{Ticket: i.Key, ID: c.ID, Author: author, Text: c.Body, At: c.Created.UTC()})
	}
	return nil
}

// isMe tells our own user.
func (f *facts) isMe(u *sdk.User) bool {
	if f.cloud() {
		return u.AccountID == f.me.AccountID
	}
	return u.Key != "" && u.Key == f.me.Key || u.Name == f.me.Name
}

// advance says where the next page begins.
func (r *reading) advance(page found) {
	c := r.c
	switch {
	case c.Span != nil && page.full && len(page.issues) > 0:
		c.Span.After = page.issues[len(page.issues)-1].Key
		r.batch.More = true
	case c.Span != nil:
		c.From, c.Span = c.Span.To.UTC(), nil
		r.batch.More = true
	case page.full && len(page.issues) > 0:
		r.next()
		r.batch.More = true
	case len(page.issues) > 0:
		r.end(page)
	}
	maps.DeleteFunc(c.Seen, func(_ string, at int64) bool { return at < c.From.UnixMilli() })
}

// next begins the next window where a full page ended, or a span when that is
// where it began.
func (r *reading) next() {
	from, minute := atOrBefore(r.c.From, r.f.zone), atOrBefore(r.last, r.f.zone)
	if minute.After(from) {
		r.c.From = minute.UTC()
		return
	}
	r.c.Span = &span{From: from.UTC(), To: after(r.last, r.f.zone).UTC()}
}

// end closes a window: the next one begins a little before the last change, or
// before now when an issue seems to have changed in the future.
func (r *reading) end(page found) {
	c, now := r.c, page.at
	if now.IsZero() {
		now = r.f.now()
	}
	last := r.last
	if last.After(now) {
		last = now
	}
	if from := last.Add(-r.j.overlap()).UTC().Truncate(time.Minute); from.After(c.From) {
		c.From = from
	}
	c.Base = latest(c.Base, c.From.Add(-wide))
	maps.DeleteFunc(c.Said, func(_ string, at int64) bool { return at < c.Base.UnixMilli() })
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// maxBegin bounds the pages of what changed just before the beginning.
const maxBegin = 100

// begin gives the place from which changes are read: now, or the configured
// time. What has just changed is marked as seen.
func (j *Jira) begin(ctx context.Context, f *facts) (tracker.Batch, error) {
	c := &cursor{Version: cursorVersion, Of: j.of(), Seen: map[string]int64{}, Said: map[string]int64{}}
	skipped, now, err := j.openBefore(ctx, f, j.opt.Since)
	if err != nil {
		return tracker.Batch{}, err
	}
	if !j.opt.Since.IsZero() {
		c.Start = j.opt.Since.UTC()
		c.From, c.Base = c.Start, c.Start
		return tracker.Batch{Cursor: c.String(), Skipped: skipped}, nil
	}
	c.Start = now.UTC()
	c.Base = c.Start.Add(-j.overlap())
	c.From = c.Base.Truncate(time.Minute)
	for range maxBegin {
		b, err := j.readOn(ctx, f, c)
		if err != nil {
			return tracker.Batch{}, err
		}
		if !b.More {
			return tracker.Batch{Cursor: b.Cursor, Skipped: skipped}, nil
		}
	}
	return tracker.Batch{}, errors.New("more changes at this moment than can be read: begin at another time")
}

// openBefore counts the open issues that have not changed since a time, and
// tells Jira's clock.
func (j *Jira) openBefore(ctx context.Context, f *facts, before time.Time) (n int, now time.Time, err error) {
	jql := "project = " + quote(j.opt.Project) + " AND statusCategory != Done"
	if !before.IsZero() {
		jql += ` AND updated < "` + atOrBefore(before, f.zone).Format(minuteText) + `"`
	}
	last := ""
	for {
		q := query{jql: jql, fields: []string{"key"}, most: 1000}
		if last != "" {
			q.jql += " AND key > " + quote(last)
		}
		q.jql += " ORDER BY key ASC"
		page, err := j.search(ctx, f, q)
		if err != nil {
			return 0, now, err
		}
		if now = page.at; now.IsZero() {
			now = f.now()
		}
		if !f.cloud() {
			return page.total, now, nil
		}
		n += len(page.issues)
		if !page.full || len(page.issues) == 0 {
			return n, now, nil
		}
		last = cmp.Or(page.issues[len(page.issues)-1].Key, last)
	}
}
