package redmine

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// Since gives what changed after a cursor.
func (r *Redmine) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	b, err := r.since(ctx, cursor)
	return b, remote.Named("read what changed in "+strconv.Quote(r.opt.Project), err)
}

func (r *Redmine) since(ctx context.Context, text string) (tracker.Batch, error) {
	if text == "" {
		return r.begin(ctx)
	}
	c, err := r.parseCursor(text)
	if err != nil {
		return tracker.Batch{}, err
	}
	p, err := r.ready(ctx)
	if err != nil {
		return tracker.Batch{}, err
	}
	if err := r.settleBatch(ctx, &c); err != nil {
		return tracker.Batch{}, err
	}
	got, err := r.collect(ctx, p, &c, r.page)
	if err != nil {
		return tracker.Batch{}, err
	}
	lost, err := r.sweep(ctx, p, &c)
	if err != nil {
		return tracker.Batch{}, err
	}
	out, err := r.batch(ctx, p, &c, got, lost)
	if err != nil {
		return tracker.Batch{}, err
	}
	out.Cursor, out.More = c.String(), got.more
	return out, nil
}

// begin finds the place from which to read: now, or the configured time.
// Redmine's own stamps say when now is, because its clock may not be ours.
func (r *Redmine) begin(ctx context.Context) (tracker.Batch, error) {
	p, err := r.ready(ctx)
	if err != nil {
		return tracker.Batch{}, err
	}
	before := url.Values{"status_id": {"open"}, "limit": {"1"}, "sort": {"updated_on:desc"}}
	c := cursor{Version: cursorVersion, Project: r.scope(), Seen: map[int]int64{}}
	if !r.opt.Since.IsZero() {
		c.From = max(0, r.opt.Since.Unix())
		c.Begun = c.From
		before.Set("updated_on", "<="+stamp(c.From))
	}
	open, err := r.list(ctx, p, before)
	if err != nil {
		return tracker.Batch{}, err
	}
	if r.opt.Since.IsZero() {
		if err := r.beginNow(ctx, p, &c); err != nil {
			return tracker.Batch{}, err
		}
	}
	return tracker.Batch{Cursor: c.String(), Skipped: open.Total}, nil
}

// beginNow takes what has changed last as read.
func (r *Redmine) beginNow(ctx context.Context, p *place, c *cursor) error {
	last, err := r.list(ctx, p, url.Values{"sort": {"updated_on:desc"}, "limit": {"1"}})
	if err != nil || len(last.Issues) == 0 {
		return err
	}
	c.From = last.Issues[0].Updated.Unix() - int64(r.overlap/time.Second)
	got, err := r.collect(ctx, p, c, maxID)
	if err != nil {
		return err
	}
	for _, i := range got.news {
		c.Begun = max(c.Begun, i.Updated.Unix()+1)
	}
	for id := range got.hot {
		c.Begun = min(c.Begun, got.hot[id])
	}
	return r.remember(ctx, p, got.news)
}

// batch makes the port's batch, and moves the cursor behind it. Where nothing
// is new the cursor stays as it is.
func (r *Redmine) batch(ctx context.Context, p *place, c *cursor, got catch, lost []int) (tracker.Batch, error) {
	now, known := r.clock.there(time.Now())
	end := now.Unix()
	if !known {
		end = min(end, maxSeen(c.Seen))
	}
	to := end
	if got.more {
		to = got.top
	}
	if len(got.news)+len(lost) == 0 {
		c.advance(to, end, r.overlap)
		return tracker.Batch{}, nil
	}
	said, noted, vanished, err := r.listen(ctx, p, c, got.news)
	if err != nil {
		return tracker.Batch{}, err
	}
	out := tracker.Batch{Said: said}
	news := slices.DeleteFunc(got.news, func(i issue) bool { return vanished[i.ID] })
	for i := range news {
		out.Tickets = append(out.Tickets, r.ticket(p, &news[i]))
	}
	for _, id := range lost {
		out.Gone = append(out.Gone, formatKey(id))
	}
	c.Noted, c.Gone = noted, lost
	c.advance(to, end, r.overlap)
	return out, r.remember(ctx, p, news)
}

func maxSeen(seen map[int]int64) (top int64) {
	for _, at := range seen {
		top = max(top, at)
	}
	return top
}
