package redmine

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// A page is a piece of a list.
type page struct {
	Issues []issue `json:"issues"`
	Total  int     `json:"total_count"`
}

// cut tells that the list goes on behind the page.
func (p *page) cut() bool { return len(p.Issues) > 0 && p.Total > len(p.Issues) }

const pageSize = 100 // the most that Redmine gives

// list asks for a page of the project's own issues, in whatever status unless
// the query says which.
func (r *Redmine) list(ctx context.Context, p *place, query url.Values) (page, error) {
	for name, value := range map[string]string{
		"project_id": r.opt.Project, "subproject_id": "!*", "status_id": "*", "limit": strconv.Itoa(r.page),
	} {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	var got page
	if err := r.get(ctx, "/issues.json", query, &got); err != nil {
		return page{}, err
	}
	for i := range got.Issues {
		r.learn(p, &got.Issues[i])
	}
	return got, nil
}

// Subtickets gives the sub-tickets of a ticket in the order they were made.
func (r *Redmine) Subtickets(ctx context.Context, key string) ([]tracker.Ticket, error) {
	out, err := r.children(ctx, key)
	return out, remote.Named("read the sub-tickets of "+strconv.Quote(key), err)
}

func (r *Redmine) children(ctx context.Context, key string) ([]tracker.Ticket, error) {
	p, id, err := r.at(ctx, key)
	if err != nil {
		return nil, err
	}
	var out []tracker.Ticket
	for next := 1; ; {
		got, err := r.list(ctx, p, url.Values{"parent_id": {key}, "issue_id": {fmt.Sprint(">=", next)}, "sort": {"id"}})
		if err != nil {
			return nil, err
		}
		for i := range got.Issues {
			out = append(out, r.ticket(p, &got.Issues[i]))
			next = got.Issues[i].ID + 1
		}
		if !got.cut() {
			break
		}
	}
	if len(out) == 0 { // of a ticket that may not be there
		_, err = r.issue(ctx, p, id, "")
	}
	return out, err
}

const defaultLimit = 50

// List gives the newest tickets first. The next page is the same filter with
// Before set to the last key of this one.
func (r *Redmine) List(ctx context.Context, f tracker.Filter) ([]tracker.Ticket, error) {
	out, err := r.newest(ctx, f)
	return out, remote.Named("list the tickets", err)
}

func (r *Redmine) newest(ctx context.Context, f tracker.Filter) ([]tracker.Ticket, error) {
	p, err := r.ready(ctx)
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	before := maxID
	if f.Before != "" {
		if before, err = keyed(f.Before); err != nil {
			return nil, err
		}
	}
	filter, some, err := r.filter(ctx, p, f)
	if err != nil || !some {
		return nil, err
	}
	var out []tracker.Ticket
	for len(out) < f.Limit {
		query := url.Values{"issue_id": {fmt.Sprint("<=", before-1)}, "sort": {"id:desc"}, "limit": {strconv.Itoa(min(r.page, f.Limit-len(out)))}}
		for name, value := range filter {
			query.Set(name, value)
		}
		got, err := r.list(ctx, p, query)
		if err != nil {
			return nil, err
		}
		for i := range got.Issues {
			out = append(out, r.ticket(p, &got.Issues[i]))
			before = got.Issues[i].ID
		}
		if !got.cut() {
			break
		}
	}
	return out, nil
}

// filter gives Redmine's; some is false when nothing can match.
func (r *Redmine) filter(ctx context.Context, p *place, f tracker.Filter) (out map[string]string, some bool, err error) {
	out = map[string]string{}
	if f.TopLevel {
		out["parent_id"] = "!*"
	}
	if f.Status != "" {
		meant := p.meaning(f.Status)
		if len(meant) == 0 {
			return nil, false, nil
		}
		out["status_id"] = ids(meant)
	}
	if f.Assignee != "" {
		if !number.MatchString(f.Assignee) {
			return nil, false, nil
		}
		out["assigned_to_id"] = f.Assignee
	}
	if f.Component != "" {
		category, ok, err := r.category(ctx, p, f.Component)
		if err != nil || !ok {
			return nil, false, err
		}
		out["category_id"] = category.id()
	}
	return out, true, nil
}

// category finds a component's; one that is new to us is looked for again.
func (r *Redmine) category(ctx context.Context, p *place, component string) (ref, bool, error) {
	if c, ok := named(p.project.Categories, component); ok {
		return c, true, nil
	}
	p, err := r.fresh(ctx)
	if err != nil {
		return ref{}, false, err
	}
	c, ok := named(p.project.Categories, component)
	return c, ok, nil
}
