package jira

import (
	"context"
	"net/http"
	"net/url"

	"tebiki/adapters"
	"tebiki/adapters/tracker/remote"
)

// A project that was archived, or that our user may browse no more, is not
// refused as such: Data Center's search finds nothing, Cloud's says that there
// is no such project, and an issue is not there. Taken for the truth, all
// tickets would be gone. So whoever meets such an answer asks for the project.

// hidden gives the fault of a project that is out of sight. It is an
// administrator's to mend, and what waits for it is done then.
func (j *Jira) hidden(ctx context.Context) error {
	p, err := get[projectInfo](ctx, j, j.projectPath())
	switch {
	case outOfSight(err):
		return j.unseen(remote.Of(err))
	case err != nil:
		return err
	case p.Archived:
		return denied("the project " + j.opt.Project + " in Jira is archived: restore it, or correct tracker.project")
	}
	return nil
}

func (j *Jira) projectPath() string { return "project/" + url.PathEscape(j.opt.Project) }

// outOfSight tells Jira's own answer to who may not see the project.
func outOfSight(err error) bool {
	f := remote.Of(err)
	return f != nil && !f.Page && !f.Login() && remote.Is(err, http.StatusNotFound, http.StatusForbidden)
}

// unseen is what an answer to a question for the project means.
func (j *Jira) unseen(f *remote.Fault) error {
	hidden := denied("the project " + j.opt.Project + " in Jira is archived, or not visible to the bot's user: restore it, give the user the permission Browse Projects, or correct tracker.project")
	hidden.Says = f.Says
	return hidden
}

func denied(what string) *remote.Fault { return &remote.Fault{Code: adapters.Denied, What: what} }

// orHidden gives why an answer is as it is when that is the project's being
// out of sight, and the answer's own error otherwise.
func (j *Jira) orHidden(ctx context.Context, err error) error {
	f := remote.Of(err)
	if f == nil || f.Page || f.Login() || len(f.Fields) > 0 || !remote.Is(err, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound) {
		return err
	}
	if why := j.hidden(ctx); remote.Of(why) != nil && remote.Of(why).Code == adapters.Denied {
		return why
	}
	return err
}

// told gives an error its operation, and says so when it is the project that
// is out of sight.
func (j *Jira) told(ctx context.Context, op string, err error) error {
	return remote.Named(op, j.orHidden(ctx, err))
}
