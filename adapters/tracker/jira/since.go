package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	sdk "github.com/andygrunwald/go-jira"

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
// index shows later still is found by the wide look (see known.go).
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
	now   time.Time // Jira's clock
	last  time.Time // the newest change of the page
	late  []string  // ids that the index shows otherwise than they were seen
}

func (j *Jira) readOn(ctx context.Context, f *facts, c *cursor) (tracker.Batch, error) {
	if err := j.settle(ctx, c); err != nil {
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
	if r.advance(page); r.batch.More {
		j.hints.keep(r.late)
	} else {
		if err := r.besides(ctx); err != nil {
			return tracker.Batch{}, err
		}
		j.polled = time.Now()
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
	if r.f != changed {
		r.f = changed
		return r.search(ctx)
	}
	for id, seen := range r.c.Seen { // it is true that the index has them no more
		seen.Shown = false
		r.c.Seen[id] = seen
	}
	return page, nil
}

func (r *reading) search(ctx context.Context) (found, error) {
	page, err := r.ask(ctx)
	if r.c.Tail != nil {
		slices.Reverse(page.issues)
	}
	if r.now = page.at; r.now.IsZero() {
		r.now = r.f.now()
	}
	return page, err
}

// ask searches as the cursor says.
func (r *reading) ask(ctx context.Context) (found, error) {
	in := "project = " + quote(r.j.opt.Project) + " AND "
	q := query{jql: in + since(r.c.From, r.f.zone), fields: r.j.wanted(r.f, "comment"), most: r.j.page(r.f)}
	switch s := r.c.Span; {
	case s != nil:
		q.jql = in + since(s.From, r.f.zone) + ` AND updated < "` + s.To.In(r.f.zone).Format(minuteText) + `"`
		return r.j.beside(ctx, r.f, q, ">", s.After)
	case r.c.Tail != nil:
		q.jql += " ORDER BY updated DESC, key DESC"
	default:
		q.jql += " ORDER BY updated ASC, key ASC"
	}
	return r.j.search(ctx, r.f, q)
}

// zoneDoubtful tells that Jira seems to see our user in another zone than it
// said: there are issues that are not of the window, or none of those that
// were there and still must be.
func (r *reading) zoneDoubtful(page *found) bool {
	from, to := atOrBefore(r.c.From, r.f.zone), time.Time{}
	if s := r.c.Span; s != nil {
		from, to = atOrBefore(s.From, r.f.zone), s.To
	}
	again := false
	for n := range page.issues {
		i := &page.issues[n]
		if at := i.Fields.Updated; at.Before(from) || !to.IsZero() && !at.Before(to) {
			return true
		}
		again = again || r.c.Seen[i.ID].Shown
	}
	if s := r.c.Span; s != nil && s.After != "" {
		return len(page.issues) == 0
	}
	return !again && slices.ContainsFunc(slices.Collect(maps.Values(r.c.Seen)), func(s sight) bool { return s.Shown })
}

// rezone asks for our user's zone again.
func (j *Jira) rezone(ctx context.Context, f *facts) (*facts, error) {
	me, err := get[sdk.User](ctx, j, "myself")
	if err != nil {
		return f, err
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

// fold takes one issue in, unless it was seen like this.
func (r *reading) fold(ctx context.Context, i *issue, fresh bool) error {
	if i.Fields.Updated.After(r.last) && !fresh {
		r.last = i.Fields.Updated.Time
	}
	t, err := r.j.ticket(ctx, r.f, i)
	if err != nil {
		return err
	}
	is := sight{At: i.Fields.Updated.UnixMilli(), Sum: sum(&t, i), Shown: !fresh}
	seen, was := r.c.Seen[i.ID]
	switch {
	case was && seen.At == is.At && seen.Sum == is.Sum && !seen.Gone:
		is.Shown = is.Shown || seen.Shown
		r.c.Seen[i.ID] = is
		return nil
	case was && !fresh && (is.At <= seen.At || seen.Gone):
		if !r.lags(seen, is) {
			r.late = append(r.late, i.ID)
		}
		return nil
	}
	r.c.Seen[i.ID] = is
	r.remember(i.ID, known{Key: i.Key, Updated: is.At, Sum: is.Sum, Closed: t.Status == tracker.Closed})
	r.batch.Tickets = append(r.batch.Tickets, t)
	return r.listen(ctx, i)
}

// lags tells that the index does not know yet what was read of an issue a
// moment ago.
func (r *reading) lags(seen, shown sight) bool {
	age := r.now.Sub(time.UnixMilli(seen.At))
	return !seen.Shown && shown.At < seen.At && age > -time.Minute && age < r.j.overlap()
}

// sum is a short form of what an issue says.
func sum(t *tracker.Ticket, i *issue) uint32 {
	h := fnv.New32a()
	_ = json.NewEncoder(h).Encode(t) // it is made of plain values, and a sum takes all
	if c := i.Fields.Comment; c != nil {
		fmt.Fprint(h, c.Total)
	}
	return h.Sum32()
}

// listen takes the comments that are news.
func (r *reading) listen(ctx context.Context, i *issue) error {
	if i.Fields.Comment == nil {
		return nil
	}
	all := i.Fields.Comment.Comments
	if i.Fields.Comment.Total > len(all) { // Cloud gives some of them
		got, err := get[comments](ctx, r.j, "issue/"+i.ID+"/comment?orderBy=-created&maxResults=200")
		if f := remote.Of(err); f != nil && f.Code == adapters.NotFound { // the index does not know yet
			r.late = append(r.late, i.ID)
			return nil
		}
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
	switch full := page.full && len(page.issues) > 0; {
	case r.setBack():
	case c.Span != nil && full:
		c.Span.After = page.issues[len(page.issues)-1].Key
		r.batch.More = true
	case c.Span != nil:
		r.endSpan()
	case c.Tail != nil:
		r.endTail(full && !page.issues[0].Fields.Updated.Before(c.Tail.Read.Truncate(time.Second)))
	case full:
		r.next()
		r.batch.More = true
	default:
		r.end(len(page.issues) > 0)
	}
	from := atOrBefore(c.From, r.f.zone).UnixMilli()
	maps.DeleteFunc(c.Seen, func(_ string, s sight) bool { return s.At < from })
}

// next begins the next window where a full page ended, or a span where that
// would leave something out.
func (r *reading) next() {
	from := atOrBefore(r.c.From, r.f.zone)
	to := earlier(atOrBefore(r.last, r.f.zone), atOrBefore(r.now.Add(-r.j.overlap()), r.f.zone))
	if to.After(from) {
		r.c.From = to.UTC()
		return
	}
	r.c.Span = &span{From: from.UTC(), To: after(latest(r.last, from), r.f.zone).UTC(), Read: r.now}
}

// endSpan goes on behind a span, or with its tail as long as something may
// still come up in it.
func (r *reading) endSpan() {
	c, was := r.c, r.c.Span
	c.Span = nil
	if r.now.Before(was.To.Add(r.j.overlap())) {
		c.From, c.Tail, was.After = was.From, was, ""
		return
	}
	c.From = was.To
	r.batch.More = true
}

// endTail reads the span again when it is time, or when the tail was not all.
func (r *reading) endTail(more bool) {
	c, was := r.c, r.c.Tail
	over := !r.now.Before(was.To.Add(r.j.overlap()))
	if len(r.batch.Tickets) > 0 && !more {
		was.Read = r.now
	}
	if !over && !more {
		return
	}
	c.Tail, c.Span = nil, &span{From: was.From, To: was.To, Read: r.now}
	if more {
		c.Span.To = latest(was.To, after(r.last, r.f.zone).UTC())
	}
	r.batch.More = true
}

// setBack tells that Jira's clock was, and begins anew from what it is now.
func (r *reading) setBack() bool {
	c := r.c
	read := c.From
	for _, s := range []*span{c.Span, c.Tail} {
		if s != nil {
			read = latest(read, s.Read)
		}
	}
	if !r.now.Before(read.Add(-time.Minute)) {
		return false
	}
	c.Span, c.Tail = nil, nil
	c.From = r.now.Add(-r.j.overlap()).UTC().Truncate(time.Minute)
	c.Start, c.Base = earlier(c.Start, c.From.Add(-wide)), earlier(c.Base, c.From)
	r.batch.More = true
	return true
}

// end closes a window: the next one begins a little before the last change, or
// before now when an issue seems to have changed in the future.
func (r *reading) end(any bool) {
	c, last := r.c, r.last
	if last.After(r.now) {
		last = r.now
	}
	if from := last.Add(-r.j.overlap()).UTC().Truncate(time.Minute); any && from.After(c.From) {
		c.From = from
	}
	c.Base = latest(c.Base, c.From.Add(-wide))
	maps.DeleteFunc(c.Said, func(_ string, at int64) bool { return at < c.Base.UnixMilli() })
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
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
	c := &cursor{Version: cursorVersion, Of: j.of(), Seen: map[string]sight{}, Said: map[string]int64{}}
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
			err := j.settle(ctx, c) // nobody is given any of it
			return tracker.Batch{Cursor: c.String(), Skipped: skipped}, err
		}
	}
	return tracker.Batch{}, errors.New("more changes at this moment than can be read: begin at another time")
}

// mostKeys is how many keys an answer holds: Cloud gives 5000 where nothing
// else is wanted, Data Center as many as it is set up to.
const mostKeys = 5000

// openBefore counts the open issues that have not changed since a time, and
// tells Jira's clock.
func (j *Jira) openBefore(ctx context.Context, f *facts, before time.Time) (n int, now time.Time, err error) {
	jql := "project = " + quote(j.opt.Project) + " AND statusCategory != Done"
	if !before.IsZero() {
		jql += ` AND updated < "` + atOrBefore(before, f.zone).Format(minuteText) + `"`
	}
	last := ""
	for {
		page, err := j.beside(ctx, f, query{jql: jql, fields: []string{"key"}, most: mostKeys}, ">", last)
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
