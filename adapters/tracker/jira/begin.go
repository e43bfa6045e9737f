package jira

import (
	"cmp"
	"context"
	"errors"
	"time"

	"tebiki/adapters/tracker"
)

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
