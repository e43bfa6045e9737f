package redmine

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/tracker/remote"
)

// sweepSize is how many tickets one request asks about; their numbers are in
// its address, and web servers take 8 KiB.
const sweepSize = 500

// sweep looks whether tickets that were open are still there: nothing tells
// of one that was deleted or moved away. Some hundreds are counted by one
// request, and only where some are missing it is asked which.
func (r *Redmine) sweep(ctx context.Context, p *place, c *cursor) (lost []int, err error) {
	if !r.sweepDue(time.Now()) {
		return nil, nil
	}
	known, err := r.open(ctx, c.Gone)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	// To anybody else Redmine shows less, and all else would seem gone.
	me, err := r.whoAmI(ctx)
	if err != nil {
		return nil, err
	}
	if me.ID != p.me.ID {
		return nil, remote.Later("the key is another user's now: start again")
	}
	for some := range slices.Chunk(known, sweepSize) {
		some, err := r.missing(ctx, p, some)
		if err != nil {
			return nil, err
		}
		lost = append(lost, some...)
	}
	r.mu.Lock()
	r.swept = time.Now()
	r.mu.Unlock()
	return lost, nil
}

func (r *Redmine) sweepDue(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Sub(r.swept) >= r.opt.SweepEvery
}

// missing gives which of some issues the project does not have.
func (r *Redmine) missing(ctx context.Context, p *place, some []int) ([]int, error) {
	list := make([]string, len(some))
	for i, id := range some {
		list[i] = strconv.Itoa(id)
	}
	query := url.Values{"issue_id": {strings.Join(list, ",")}, "limit": {"1"}}
	got, err := r.list(ctx, p, query)
	switch {
	case err != nil:
		return nil, err
	case got.Total == len(some):
		return nil, nil
	case got.Total > len(some):
		return nil, remote.Later("Redmine gives %d issues of %d that were asked for by number", got.Total, len(some))
	}
	if len(some) > r.page {
		left, err := r.missing(ctx, p, some[:len(some)/2])
		if err != nil {
			return nil, err
		}
		right, err := r.missing(ctx, p, some[len(some)/2:])
		return append(left, right...), err
	}
	query.Set("limit", fmt.Sprint(r.page))
	if got, err = r.list(ctx, p, query); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(some), func(id int) bool {
		return slices.ContainsFunc(got.Issues, func(i issue) bool { return i.ID == id })
	}), nil
}
