package redmine

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// Ticket gives one ticket as it is now.
func (r *Redmine) Ticket(ctx context.Context, key string) (tracker.Ticket, error) {
	t, err := r.one(ctx, key)
	return t, remote.Named("read ticket "+strconv.Quote(key), err)
}

func (r *Redmine) one(ctx context.Context, key string) (tracker.Ticket, error) {
	id, err := keyed(key)
	if err != nil {
		return tracker.Ticket{}, err
	}
	p, err := r.ready(ctx)
	if err != nil {
		return tracker.Ticket{}, err
	}
	i, err := r.issue(ctx, p, id, "")
	if err != nil {
		return tracker.Ticket{}, err
	}
	return r.ticket(p, &i), nil
}

// ready gives what every operation needs.
func (r *Redmine) ready(ctx context.Context) (*place, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := r.instance(ctx); err != nil {
		return nil, err
	}
	return r.here(ctx)
}

// issue reads one issue of the project, with what include names.
func (r *Redmine) issue(ctx context.Context, p *place, id int, include string) (issue, error) {
	var got struct {
		Issue issue `json:"issue"`
	}
	var query url.Values
	if include != "" {
		query = url.Values{"include": {include}}
	}
	err := r.get(ctx, issuePath(id), query, &got)
	switch {
	case remote.Is(err, http.StatusForbidden):
		return issue{}, r.hidden(ctx, err)
	case err != nil:
		return issue{}, err
	case got.Issue.Project.ID != p.project.ID:
		return issue{}, remote.Missing("the issue is in the project %q now", got.Issue.Project.Name)
	}
	r.learn(p, &got.Issue)
	return got.Issue, nil
}

// hidden tells an issue that was moved to where our user may not look from a
// project that nobody may.
func (r *Redmine) hidden(ctx context.Context, forbidden error) error {
	if p, err := r.readProject(ctx); err == nil && p.Status != projectArchived {
		return remote.Missing("the issue is where the key's user may not look: it was moved, or is private")
	}
	return forbidden
}

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
	id, err := keyed(key)
	if err != nil {
		return nil, err
	}
	p, err := r.ready(ctx)
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

// History gives what happened to a ticket, oldest first.
func (r *Redmine) History(ctx context.Context, key string) ([]tracker.Event, error) {
	out, err := r.history(ctx, key)
	return out, remote.Named("read the history of ticket "+strconv.Quote(key), err)
}

func (r *Redmine) history(ctx context.Context, key string) ([]tracker.Event, error) {
	id, err := keyed(key)
	if err != nil {
		return nil, err
	}
	p, err := r.ready(ctx)
	if err != nil {
		return nil, err
	}
	i, err := r.issue(ctx, p, id, "journals")
	if err != nil {
		return nil, err
	}
	out := []tracker.Event{{At: i.Created, By: i.Author.id(), Kind: tracker.Created}}
	for _, j := range i.Journals {
		out = append(out, r.events(p, j)...)
	}
	slices.SortStableFunc(out, func(a, b tracker.Event) int { return a.At.Compare(b.At) })
	return out, nil
}

// events reads one entry of a history; what the port has no word for is left
// out, and so are private notes.
func (r *Redmine) events(p *place, j journal) (out []tracker.Event) {
	add := func(kind tracker.Kind, text string) {
		out = append(out, tracker.Event{At: j.Created, By: j.User.id(), Kind: kind, Text: text})
	}
	for _, d := range j.Details {
		switch {
		case d.Property != "attr":
		case d.Name == "status_id":
			was, is := p.statusOf(d.Old), p.statusOf(d.New)
			if was != is {
				add(tracker.Moved, string(is))
			}
		case d.Name == "assigned_to_id":
			add(tracker.Assigned, d.New)
		case d.Name == "subject":
			add(tracker.Retitled, d.New)
		case d.Name == "description":
			add(tracker.Rewritten, r.opt.Format.split(strings.ReplaceAll(d.New, "\r\n", "\n")).plainBody())
		}
	}
	if j.Notes != "" && !j.Private {
		add(tracker.Commented, j.Notes)
	}
	return out
}

func (p *place) statusOf(id string) tracker.Status {
	n, _ := strconv.Atoi(id) // none is no status
	return p.status(ref{ID: n})
}
