package redmine

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// post makes the issue. What Redmine refuses is found by leaving out one part
// after the other, since it does not say in words that a program reads which
// one it is: a part whose absence makes a complaint go away stays out.
func (r *Redmine) post(ctx context.Context, p *place, q *request) (issue, error) {
	made, err := r.postOnce(ctx, p, q, q.omitted)
	for _, part := range q.parts() {
		if !remote.Is(err, http.StatusUnprocessableEntity) {
			break
		}
		less := *q
		part.drop(&less)
		got, fewer := r.postOnce(ctx, p, &less, less.without(part, err))
		if fewer != nil && !remote.Is(fewer, http.StatusUnprocessableEntity) {
			return issue{}, fewer
		}
		gone := complaints(err, fewer)
		if fewer != nil && gone == "" {
			continue
		}
		if part.field != "" {
			less.omit(part.field, part.value, gone)
		}
		*q, made, err = less, got, fewer
	}
	if remote.Is(err, http.StatusUnprocessableEntity) {
		return issue{}, r.refused(ctx, q, err)
	}
	return made, err
}

// complaints is what Redmine said before and no longer says.
func complaints(before, after error) (gone string) {
	var still []string
	if f := remote.Of(after); f != nil {
		still = f.Says
	}
	for _, s := range remote.Of(before).Says {
		if slices.Contains(still, s) {
			continue
		}
		if gone != "" {
			gone += "; "
		}
		gone += s
	}
	return gone
}

// without is what is left out when an attempt without one more part succeeds.
func (q *request) without(p part, why error) []tracker.Omission {
	if p.field == "" {
		return q.omitted
	}
	return append(slices.Clone(q.omitted), tracker.Omission{Field: p.field, Value: p.value, Why: complaints(why, nil)})
}

// postOnce is one attempt. What it leaves out is noted before: its answer may
// be lost, and who asks again must hear of it.
func (r *Redmine) postOnce(ctx context.Context, p *place, q *request, omits []tracker.Omission) (issue, error) {
	if err := r.note(ctx, q.mark.label, omits); err != nil {
		return issue{}, err
	}
	var got struct {
		Issue issue `json:"issue"`
	}
	_, err := r.call(ctx, http.MethodPost, "/issues.json", nil, map[string]any{"issue": q.issue(r)}, &got)
	if err != nil {
		return issue{}, err
	}
	r.clock.saw(got.Issue.Created, time.Now())
	r.learn(p, &got.Issue)
	return got.Issue, nil
}

// refused finds out what a refusal means when it is not the draft's fault.
func (r *Redmine) refused(ctx context.Context, q *request, err error) error {
	project, asked := r.readProject(ctx)
	switch {
	case asked != nil:
		return asked
	case project.Status != projectActive:
		return &remote.Fault{Code: adapters.Denied, Status: remote.Of(err).Status, Says: remote.Of(err).Says,
			What: "the project " + strconv.Quote(r.opt.Project) + " takes no tickets: it is closed or archived, or the key's user is no member"}
	}
	if q.parent != 0 {
		var got struct{}
		if err := r.get(ctx, issuePath(q.parent), nil, &got); remote.Is(err, http.StatusNotFound, http.StatusForbidden) {
			return remote.Missing("there is no ticket %d to be the parent", q.parent)
		}
	}
	f := *remote.Of(err)
	f.What = "Redmine refuses it; a custom field that it requires is filled by the configuration's fields or values"
	return &f
}

func (r *Redmine) note(ctx context.Context, label string, omits []tracker.Omission) error {
	if len(omits) == 0 {
		return nil
	}
	text, err := json.Marshal(omits)
	if err != nil {
		return err
	}
	return r.tickets.Note(ctx, r.scope()+label, text)
}

// noted gives what was left out of a ticket that is there.
func (r *Redmine) noted(ctx context.Context, label string) (omits []tracker.Omission, err error) {
	text, err := r.tickets.Noted(ctx, r.scope()+label)
	if err != nil || text == nil {
		return nil, err
	}
	err = json.Unmarshal(text, &omits)
	return omits, err
}
