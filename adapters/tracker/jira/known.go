package jira

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker/remote"
	"tebiki/store"
)

// Besides the search for changes, every few minutes, two looks at what it
// cannot show: issues that were deleted or moved away, and changes that the
// index showed later than the overlap reaches back.

const (
	knownBucket = "jira.open"
	refusedCode = adapters.Refused
	// wide is how far back the wide look reaches, and how long a closed
	// issue is remembered for it.
	wide = 2 * time.Hour
	// single is how many issues are read one by one in a batch; what is
	// left over has its turn in the next.
	single = 50
)

// known is an issue that was handed out. It is kept when what was handed out
// with it has been handled: until then the cursor has it.
type known struct {
	Key     string `json:"key"`
	Updated int64  `json:"updated"` // in ms
	Sum     uint32 `json:"sum"`
	Closed  bool   `json:"closed,omitempty"`
}

func (r *reading) remember(id string, k known) {
	if r.c.Known == nil {
		r.c.Known = map[string]known{}
	}
	r.c.Known[id] = k
}

// settle keeps what the last batch gave, and forgets what it gave as gone.
func (j *Jira) settle(ctx context.Context, c *cursor) error {
	if len(c.Known)+len(c.Gone) == 0 {
		return nil
	}
	handled, gone := c.Known, c.Gone
	c.Known, c.Gone = nil, nil
	return j.opt.Store.Update(ctx, func(tx store.Writer) error {
		for id, k := range handled {
			if err := store.Put(tx, knownBucket, j.scoped(id), 1, k); err != nil {
				return err
			}
		}
		return j.forget(tx, gone)
	})
}

func (j *Jira) forget(tx store.Writer, ids []string) error {
	for _, id := range ids {
		if err := tx.Delete(knownBucket, j.scoped(id)); err != nil {
			return err
		}
	}
	return nil
}

func (j *Jira) loadKnown(ctx context.Context) (all map[string]known, err error) {
	err = j.opt.Store.View(ctx, func(tx store.Reader) error {
		all = map[string]known{}
		for key, value := range tx.Scan(knownBucket, j.scoped(""), j.scoped("\xff")) {
			id := strings.TrimPrefix(key, j.scoped(""))
			var k known
			if _, err := store.Decode(value, 1, &k); err != nil {
				return err
			}
			all[id] = k
		}
		return nil
	})
	return all, err
}

// knows gives what is known of one issue, from this batch or an earlier one.
func (r *reading) knows(ctx context.Context, id string) (k known, found bool, err error) {
	if k, found = r.c.Known[id]; found {
		return k, true, nil
	}
	err = r.j.opt.Store.View(ctx, func(tx store.Reader) (err error) {
		found, err = store.Get(tx, knownBucket, r.j.scoped(id), 1, &k)
		return err
	})
	return k, found, err
}

// besides reads what webhooks name and, when it is time, looks for what is
// gone and what came late.
func (r *reading) besides(ctx context.Context) error {
	ids := append(r.late, r.hinted()...)
	if time.Since(r.j.swept) >= r.j.opt.Sweep {
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
	case f != nil && f.Code == adapters.NotFound:
		r.lose(id, k.Key)
		return nil
	case remote.Is(err, 403): // Data Center's answer to what is somewhere out of sight
		return r.loseHidden(ctx, id, k.Key, err)
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

// loseHidden says so of an issue that our user may not see any more, if that
// is not so of the whole project.
func (r *reading) loseHidden(ctx context.Context, id, key string, why error) error {
	if _, err := get[projectInfo](ctx, r.j, "project/"+r.j.opt.Project); err != nil {
		return why
	}
	r.lose(id, key)
	return nil
}

// sweep gives the ids that must be looked at: known ones that the index does
// not show, and changed ones that are not known like that.
func (r *reading) sweep(ctx context.Context) (ids []string, err error) {
	all, err := r.j.loadKnown(ctx)
	if err != nil {
		return nil, err
	}
	maps.Copy(all, r.c.Known)
	var open, old []string
	before := r.f.now().Add(-wide).UnixMilli()
	for id, k := range all {
		switch {
		case !k.Closed:
			open = append(open, id)
		case k.Updated < before:
			old = append(old, id)
		}
	}
	slices.Sort(open)
	if len(old) > 0 {
		if err := r.j.opt.Store.Update(ctx, func(tx store.Writer) error { return r.j.forget(tx, old) }); err != nil {
			return nil, err
		}
	}
	missing, err := r.missing(ctx, open)
	if err != nil {
		return nil, err
	}
	late, err := r.cameLate(ctx, all)
	return append(missing, late...), err
}

// missing gives those of the ids that the index does not have in the project.
func (r *reading) missing(ctx context.Context, ids []string) (missing []string, err error) {
	for part := range slices.Chunk(ids, r.j.chunk(r.f)) {
		found, err := r.j.named(ctx, r.f, part, []string{"updated"})
		if err != nil {
			return nil, err
		}
		for _, id := range part {
			if !slices.ContainsFunc(found, func(i issue) bool { return i.ID == id }) {
				missing = append(missing, id)
			}
		}
	}
	return missing, nil
}

// cameLate looks through all that changed lately, and before the window that
// was just read, for what was not handed out like that.
func (r *reading) cameLate(ctx context.Context, all map[string]known) (ids []string, err error) {
	from := latest(r.f.now().Add(-wide), r.c.Start)
	to := after(r.c.From, r.f.zone)
	if r.c.Tail != nil { // of which only the newest was read
		to = latest(to, r.c.Tail.To.In(r.f.zone))
	}
	last := ""
	for from.Before(to) {
		jql := "project = " + quote(r.j.opt.Project) + " AND " + since(from, r.f.zone) + ` AND updated < "` + to.Format(minuteText) + `"`
		page, err := r.j.beside(ctx, r.f, query{jql: jql, fields: []string{"updated"}, most: r.j.page(r.f)}, ">", last)
		if err != nil {
			return nil, err
		}
		for n := range page.issues {
			i := &page.issues[n]
			if last = i.Key; all[i.ID].Updated != i.Fields.Updated.UnixMilli() && r.c.Seen[i.ID].At != i.Fields.Updated.UnixMilli() {
				ids = append(ids, i.ID)
			}
		}
		if !page.full || len(page.issues) == 0 {
			break
		}
	}
	return ids, nil
}
