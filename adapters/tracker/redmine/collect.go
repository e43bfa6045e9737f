package redmine

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tebiki/adapters"
)

// A catch is what one look at the list gave.
type catch struct {
	news []issue       // oldest change first
	hot  map[int]int64 // of news: what may change again within its second
	more bool
	top  int64 // the last second of which something was read
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
		if err := adapters.Sleep(ctx, min(pause, r.settle+2*time.Second)-time.Since(began)); err != nil {
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
