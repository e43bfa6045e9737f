package jira

import (
	"context"
	"net/http"
	"slices"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker/remote"
)

// Besides the search for changes, every few minutes, two looks at what it
// cannot show: issues that were deleted or moved away, and changes that the
// index showed later than the overlap reaches back.

// single is how many issues are read one by one in a batch; what is left over
// has its turn in the next.
const single = 50

// besides reads what webhooks name and, when it is time, looks for what is
// gone and what came late.
func (r *reading) besides(ctx context.Context) error {
	ids := append(r.late, r.hinted()...)
	if time.Since(r.j.swept) >= r.j.opt.Sweep {
		if err := r.sure(ctx); err != nil { // or all would seem to be gone
			return err
		}
		if err := r.askZone(ctx); err != nil {
			return err
		}
		more, err := r.sweep(ctx)
		if err != nil {
			return err
		}
		ids = append(ids, more...)
		r.j.swept = time.Now()
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > single {
		r.j.hints.keep(ids[single:])
		ids = ids[:single]
	}
	for n, id := range ids {
		if err := r.readOne(ctx, id); err != nil {
			r.j.hints.keep(ids[n:])
			return err
		}
	}
	return nil
}

// askZone reads the window once more when our user is in another zone by now:
// one that gives nothing does not tell.
func (r *reading) askZone(ctx context.Context) error {
	f, err := r.j.rezone(ctx, r.f)
	r.batch.More = f != r.f
	r.f = f
	return err
}

// hinted gives what webhooks name and the window did not show like that.
func (r *reading) hinted() (ids []string) {
	for id, at := range r.j.hints.take() {
		if seen := r.c.Seen[id]; at == 0 || seen.Gone || seen.At < at {
			ids = append(ids, id)
		}
	}
	return ids
}

// readOne takes in one issue as it is now, or that it is gone.
func (r *reading) readOne(ctx context.Context, id string) error {
	k, known, err := r.knows(ctx, id)
	if err != nil {
		return err
	}
	i, err := r.j.readID(ctx, r.f, id, "comment")
	switch f := remote.Of(err); {
	case err == nil:
		if _, seen := r.c.Seen[id]; known && !seen { // from before the window
			r.c.Seen[id] = sight{At: k.Updated, Sum: k.Sum}
		}
		return r.fold(ctx, i, true)
	case f != nil && f.Code == adapters.NotFound && f.Status == 0: // it was moved
		r.lose(id, k.Key)
		return nil
	case f != nil && f.Code == adapters.NotFound, remote.Is(err, http.StatusForbidden): // Data Center's answer to what is somewhere out of sight
		return r.loseIfSure(ctx, id, k.Key)
	}
	return err
}

// lose says that an issue is gone, once.
func (r *reading) lose(id, key string) {
	r.c.Seen[id] = sight{At: r.now.UnixMilli(), Gone: true}
	if key == "" || slices.Contains(r.c.Gone, id) {
		return
	}
	r.batch.Gone = append(r.batch.Gone, key)
	r.c.Gone = append(r.c.Gone, id)
}

// loseIfSure says that an issue is gone, unless the project is: of what nobody
// was told of nothing needs to be sure.
func (r *reading) loseIfSure(ctx context.Context, id, key string) error {
	if key != "" {
		if err := r.sure(ctx); err != nil {
			return err
		}
	}
	r.lose(id, key)
	return nil
}

// sure asks, once in a batch, whether the project is still in sight.
func (r *reading) sure(ctx context.Context) error {
	if r.inSight {
		return nil
	}
	err := r.j.hidden(ctx)
	r.inSight = err == nil
	return err
}
