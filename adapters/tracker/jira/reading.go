package jira

import (
	"context"
	"maps"
	"slices"
	"time"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters/tracker"
)

// reading is one batch in the making.
type reading struct {
	j     *Jira
	f     *facts
	c     *cursor
	batch tracker.Batch
	now   time.Time // Jira's clock
	last  time.Time // the newest change of the page
	late  []string  // ids that the index shows otherwise than they were seen

	inSight bool // the project was asked for
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
	if err == nil && page.doubt { // the query names nothing but the project
		err = r.sure(ctx)
	}
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
