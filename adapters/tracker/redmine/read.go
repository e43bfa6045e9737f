package redmine

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// Ticket gives one ticket as it is now.
func (r *Redmine) Ticket(ctx context.Context, key string) (tracker.Ticket, error) {
	t, err := r.one(ctx, key)
	return t, remote.Named("read ticket "+strconv.Quote(key), err)
}

func (r *Redmine) one(ctx context.Context, key string) (tracker.Ticket, error) {
	p, id, err := r.at(ctx, key)
	if err != nil {
		return tracker.Ticket{}, err
	}
	i, err := r.issue(ctx, p, id, "")
	if err != nil {
		return tracker.Ticket{}, err
	}
	return r.ticket(p, &i), nil
}

// at gives what an operation on one ticket needs.
func (r *Redmine) at(ctx context.Context, key string) (p *place, id int, err error) {
	if id, err = keyed(key); err != nil {
		return nil, 0, err
	}
	p, err = r.ready(ctx)
	return p, id, err
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
