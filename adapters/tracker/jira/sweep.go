package jira

import (
	"context"
	"maps"
	"slices"

	"tebiki/store"
)

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
