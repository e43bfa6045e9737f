package jira

import (
	"context"
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

// known is an issue that was handed out.
type known struct {
	id      string
	Key     string `json:"key"`
	Updated int64  `json:"updated"` // in ms
	Closed  bool   `json:"closed,omitempty"`
}

func (j *Jira) keepKnown(ctx context.Context, all []known) error {
	if len(all) == 0 {
		return nil
	}
	return j.opt.Store.Update(ctx, func(tx store.Writer) error {
		for _, k := range all {
			if err := store.Put(tx, knownBucket, j.scoped(k.id), 1, k); err != nil {
				return err
			}
		}
		return nil
	})
}

func (j *Jira) loadKnown(ctx context.Context) (all map[string]known, err error) {
	err = j.opt.Store.View(ctx, func(tx store.Reader) error {
		all = map[string]known{}
		for key, value := range tx.Scan(knownBucket, j.scoped(""), j.scoped("\xff")) {
			id := strings.TrimPrefix(key, j.scoped(""))
			k := known{id: id}
			if _, err := store.Decode(value, 1, &k); err != nil {
				return err
			}
			all[id] = k
		}
		return nil
	})
	return all, err
}

// forgetGone forgets what the last batch gave as gone, now that it is handled.
func (j *Jira) forgetGone(ctx context.Context, c *cursor) error {
	if len(c.Gone) == 0 {
		return nil
	}
	ids := c.Gone
	c.Gone = nil
	return j.forgetKnown(ctx, ids)
}

func (j *Jira) forgetKnown(ctx context.Context, ids []string) error {
	return j.opt.Store.Update(ctx, func(tx store.Writer) error {
		for _, id := range ids {
			if err := tx.Delete(knownBucket, j.scoped(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// besides reads what webhooks name and, when it is time, looks for what is
// gone and what came late.
func (r *reading) besides(ctx context.Context) error {
	ids := append(r.late, r.j.hints.take()...)
	if time.Since(r.j.swept) >= r.j.opt.Sweep {
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
		r.j.hints.put(ids[single:]...)
		ids = ids[:single]
	}
	for n, id := range ids {
		if err := r.readOne(ctx, id); err != nil {
			r.j.hints.put(ids[n:]...)
			return err
		}
	}
	return nil
}

// readOne takes in one issue as it is now, or that it is gone.
func (r *reading) readOne(ctx context.Context, id string) error {
	i, err := r.j.readID(ctx, r.f, id, "comment")
	switch f := remote.Of(err); {
	case err == nil:
		return r.fold(ctx, i, true)
	case f != nil && f.Code == adapters.NotFound:
		return r.lose(ctx, id)
	}
	return err
}

// lose says that an issue is gone, once.
func (r *reading) lose(ctx context.Context, id string) error {
	var k known
	found := false
	err := r.j.opt.Store.View(ctx, func(tx store.Reader) (err error) {
		found, err = store.Get(tx, knownBucket, r.j.scoped(id), 1, &k)
		return err
	})
	if err != nil || !found {
		return err
	}
	r.batch.Gone = append(r.batch.Gone, k.Key)
	r.c.Gone = append(r.c.Gone, id)
	delete(r.c.Seen, id)
	return nil
}

// sweep gives the ids that must be looked at: known ones that the index does
// not show, and changed ones that are not known like that.
func (r *reading) sweep(ctx context.Context) (ids []string, err error) {
	all, err := r.j.loadKnown(ctx)
	if err != nil {
		return nil, err
	}
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
		if err := r.j.forgetKnown(ctx, old); err != nil {
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
	last := ""
	for from.Before(to) {
		jql := "project = " + quote(r.j.opt.Project) + " AND " + since(from, r.f.zone) + ` AND updated < "` + to.Format(minuteText) + `"`
		if last != "" {
			jql += " AND key > " + quote(last)
		}
		page, err := r.j.search(ctx, r.f, query{jql: jql + " ORDER BY key ASC", fields: []string{"updated"}, most: r.j.page(r.f)})
		if err != nil {
			return nil, err
		}
		for n := range page.issues {
			i := &page.issues[n]
			if last = i.Key; all[i.ID].Updated < i.Fields.Updated.UnixMilli() && r.c.Seen[i.ID] != i.Fields.Updated.UnixMilli() {
				ids = append(ids, i.ID)
			}
		}
		if !page.full || len(page.issues) == 0 {
			break
		}
	}
	return ids, nil
}
