package redmine

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"sync"
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

// A catch is what one look at the list gave.
type catch struct {
	news []issue       // oldest change first
	hot  map[int]int64 // of news: what may change again within its second
	more bool
	top  int64 // the last second of which something was read
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

// listen reads the histories of issues that may have new notes, a few at
// once. An issue that is not there any more has vanished.
func (r *Redmine) listen(ctx context.Context, p *place, c *cursor, news []issue) (said []tracker.Said, noted map[int]int, vanished map[int]bool, err error) {
	noted, vanished = map[int]int{}, map[int]bool{}
	last, err := r.lastNoted(ctx, news)
	if err != nil {
		return nil, nil, nil, err
	}
	var mu sync.Mutex
	err = each(news, func(i *issue) error {
		if i.Updated.Equal(i.Created) {
			return nil // it is as it was made
		}
		full, err := r.issue(ctx, p, i.ID, "journals")
		mu.Lock()
		defer mu.Unlock()
		switch {
		case missing(err):
			vanished[i.ID] = true
			return nil
		case err != nil:
			return err
		}
		for _, j := range full.Journals {
			noted[i.ID] = max(noted[i.ID], j.ID)
			if p.isSaid(j, last[i.ID], c.Begun) {
				said = append(said, tracker.Said{Ticket: formatKey(i.ID), ID: strconv.Itoa(j.ID), Author: j.User.id(), Text: j.Notes, At: j.Created})
			}
		}
		return nil
	})
	slices.SortFunc(said, func(a, b tracker.Said) int {
		return cmp.Or(a.At.Compare(b.At), len(a.ID)-len(b.ID), cmp.Compare(a.ID, b.ID))
	})
	return said, noted, vanished, err
}

// isSaid tells a note that a person has written since the last one that was
// read, or since the beginning when none was.
func (p *place) isSaid(j journal, last int, begun int64) bool {
	if j.Notes == "" || j.Private || j.User.ID == p.me.ID {
		return false
	}
	if last != 0 {
		return j.ID > last
	}
	return j.Created.Unix() >= begun
}

// atOnce is how many histories are read at once.
const atOnce = 3

// each calls a function for every issue, a few at once, and gives the first
// error.
func each(issues []issue, do func(*issue) error) error {
	var all sync.WaitGroup
	errs := make([]error, atOnce)
	for w := range atOnce {
		all.Go(func() {
			for i := w; i < len(issues) && errs[w] == nil; i += atOnce {
				errs[w] = do(&issues[i])
			}
		})
	}
	all.Wait()
	return cmp.Or(errs...)
}

// collect reads the list of what changed since the cursor. What changed a
// moment ago may change again within the same second, which nothing would
// show: it is looked at again when its second is over.
func (r *Redmine) collect(ctx context.Context, p *place, c *cursor, limit int) (catch, error) {
	began := time.Now()
	got, err := r.look(ctx, p, c, limit)
	if err != nil {
		return got, err
	}
	if r.cool(&got, began); len(got.hot) > 0 {
		now, _ := r.clock.there(began)
		latest := slices.Max(slices.Collect(maps.Values(got.hot)))
		pause := time.Unix(latest+1, 0).Add(r.settle).Sub(now)
		if err := sleep(ctx, min(pause, r.settle+2*time.Second)-time.Since(began)); err != nil {
			return got, err
		}
		began = time.Now()
		if got, err = r.look(ctx, p, c, limit); err != nil {
			return got, err
		}
		r.cool(&got, began)
	}
	for _, i := range got.news {
		if _, hot := got.hot[i.ID]; !hot { // what is hot is read again
			c.Seen[i.ID] = i.Updated.Unix()
		}
	}
	return got, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cool notes what may change again within its second, as seen from when the
// list was asked for.
func (r *Redmine) cool(got *catch, began time.Time) {
	now, _ := r.clock.there(began)
	got.hot = map[int]int64{}
	for _, i := range got.news {
		if at := i.Updated.Unix(); time.Unix(at+1, 0).Add(r.settle).After(now) {
			got.hot[i.ID] = at
		}
	}
}

// look reads page after page, each from the last second of the one before, so
// that nothing is skipped when issues change and so leave a page. A pile of
// more than a page in one second is read by number.
func (r *Redmine) look(ctx context.Context, p *place, c *cursor, limit int) (got catch, err error) {
	taken := map[int]int64{}
	second, pile := c.From, 0
	for {
		query := url.Values{"updated_on": {from(second)}, "sort": {"updated_on,id"}}
		if pile > 0 {
			query = url.Values{"updated_on": {within(second)}, "issue_id": {">=" + strconv.Itoa(pile)}, "sort": {"id"}}
		}
		page, err := r.list(ctx, p, query)
		if err != nil {
			return got, err
		}
		for _, i := range page.Issues {
			at := i.Updated.Unix()
			if at < c.From || pile > 0 && at != second { // the filter takes a fraction of a second more
				continue
			}
			if c.Seen[i.ID] == at || taken[i.ID] == at {
				continue
			}
			if len(got.news) == limit {
				got.more = true
				return got, nil
			}
			got.news, got.top, taken[i.ID] = append(got.news, i), at, at
		}
		full, end := page.cut(), len(page.Issues)-1
		switch {
		case pile > 0 && full:
			pile = page.Issues[end].ID + 1
		case pile > 0:
			second, pile = second+1, 0
		case !full:
			return got, nil
		default:
			if last := page.Issues[end].Updated.Unix(); last > second {
				second = last
			} else {
				pile = 1
			}
		}
	}
}
