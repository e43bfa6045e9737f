package redmine

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/fields"
	"tebiki/adapters/tracker/once"
	"tebiki/adapters/tracker/remote"
)

// Create makes a ticket, or gives the one that has the draft's label, as it
// is now.
func (r *Redmine) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	t, err := r.create(ctx, d)
	return t, remote.Named(fmt.Sprintf("create a ticket for label %q in %q", d.Label, r.opt.Project), err)
}

func (r *Redmine) create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	d, err := checkDraft(d)
	if err != nil {
		return tracker.Ticket{}, err
	}
	p, err := r.ready(ctx)
	if err != nil {
		return tracker.Ticket{}, err
	}
	c := creation{r: r, p: p, draft: d, label: r.scope() + d.Label}
	if c.folder, err = r.instance(ctx); err != nil {
		return tracker.Ticket{}, err
	}
	i, err := c.run(ctx)
	if missing(err) && c.known {
		r.opt.Log.Info("a ticket is gone from Redmine and is made anew", "label", d.Label)
		if err := r.tickets.Forget(ctx, c.label); err != nil {
			return tracker.Ticket{}, err
		}
		i, err = c.run(ctx)
	}
	if err != nil {
		return tracker.Ticket{}, err
	}
	t := r.ticket(p, &i)
	t.Omitted = c.omitted
	return t, nil
}

// missing tells an error that says something is not there.
func missing(err error) bool {
	f := remote.Of(err)
	return f != nil && f.Code == adapters.NotFound
}

func checkDraft(d tracker.Draft) (tracker.Draft, error) {
	var err error
	if err = checkLabel(d.Label); err != nil {
		return d, err
	}
	if d.Title, err = oneLine(d.Title); err != nil {
		return d, err
	}
	switch d.Priority {
	case tracker.Urgent, tracker.Normal, tracker.Low:
	default:
		return d, remote.Refused("there is no priority %q: it is urgent, low or empty", d.Priority)
	}
	if err := fields.Check(d.Fields); err != nil {
		return d, remote.Refused("%v", err)
	}
	return d, checkBody(d.Body)
}

// A creation is one call of Create on its way.
type creation struct {
	r       *Redmine
	p       *place
	draft   tracker.Draft
	folder  string
	label   string // as package once has it
	made    issue
	known   bool // the ticket was there before
	omitted []tracker.Omission
}

func (c *creation) run(ctx context.Context) (issue, error) {
	key, made, err := c.r.tickets.Make(ctx, c.label, once.Thing{Make: c.make, Undone: remote.Undone, Find: c.find, Lag: c.r.lag})
	if err != nil {
		return issue{}, err
	}
	if c.known = !made; c.known { // what was left out was so when it was made
		if c.omitted, err = c.r.noted(ctx, c.draft.Label); err != nil {
			return issue{}, err
		}
	}
	if c.made.ID != 0 {
		return c.made, nil
	}
	id, err := keyed(key)
	if err != nil {
		return issue{}, err
	}
	return c.r.issue(ctx, c.p, id, "")
}

func (c *creation) make(ctx context.Context) (string, error) {
	q, err := c.r.request(ctx, c.p, c.draft, c.folder)
	if err != nil {
		return "", unsent(err)
	}
	made, err := c.r.post(ctx, c.p, &q)
	if err != nil {
		return "", err
	}
	if made.Tracker.ID != q.kind.ID {
		q.omit("Tracker", q.kind.Name, "Redmine made it a "+made.Tracker.Name+" without a word")
	}
	for id, f := range q.custom {
		if c, ok := made.custom(f.custom); !ok || c.text() != f.value && c.ID == id {
			q.omit(f.custom, f.value, "Redmine left it out without a word: the field is read-only to the key's user, or not the tracker's")
		}
	}
	c.omitted = q.omitted
	if err := c.r.note(ctx, c.draft.Label, c.omitted); err != nil {
		return "", begun(err)
	}
	if c.made, err = c.free(ctx, made); err != nil {
		return "", begun(err)
	}
	return formatKey(made.ID), nil
}

// begun marks a fault that came after something was made.
func begun(err error) error {
	if f := remote.Of(err); f != nil && !f.Sent {
		after := *f
		after.Sent = true
		return &after
	}
	return err
}

// unsent marks a fault of what was asked before anything was made.
func unsent(err error) error {
	if f := remote.Of(err); f != nil && f.Sent {
		before := *f
		before.Sent = false
		return &before
	}
	return err
}

// find looks for what attempts since a time may have made. The filter is only
// to save pages: Redmine ignores one that it does not know, so what it gives
// is compared, and read on until before the first attempt.
func (c *creation) find(ctx context.Context, since time.Time) (string, error) {
	m := mark{c.folder, c.draft.Label}
	kind, err := c.r.kind(c.p, c.draft.Parent != "")
	if err == nil {
		err = c.r.study(ctx, c.p, kind)
	}
	if err != nil {
		return "", err
	}
	filters := []url.Values{{"description": {"~" + m.String()}}}
	if id, ok := c.p.customID(kind, c.r.opt.LabelField); ok && c.r.opt.LabelField != "" {
		filters = append(filters, url.Values{fmt.Sprint("cf_", id): {m.String()}})
	}
	for _, f := range filters {
		key, err := c.walk(ctx, f, since.Add(-time.Hour))
		if key != "" || err != nil {
			return key, err
		}
	}
	return "", nil
}

// walk reads our own issues from the newest on.
func (c *creation) walk(ctx context.Context, filter url.Values, until time.Time) (string, error) {
	until, _ = c.r.clock.there(until)
	filter.Set("author_id", c.p.me.id())
	filter.Set("sort", "id:desc")
	for before := maxID; ; {
		filter.Set("issue_id", fmt.Sprint("<=", before-1))
		got, err := c.r.list(ctx, c.p, filter)
		if err != nil {
			return "", err
		}
		for i := range got.Issues {
			found := &got.Issues[i]
			if c.r.text(c.p, found).label == c.draft.Label {
				c.made, err = c.free(ctx, *found)
				return formatKey(found.ID), err
			}
			before = found.ID
		}
		if !got.cut() || got.Issues[len(got.Issues)-1].Created.Before(until) {
			return "", nil
		}
	}
}

// free takes a new ticket that is to be nobody's from whom the category, or
// the project, gave it to by itself. Before that the label has no ticket yet,
// so that it is done however often this is interrupted. What somebody has
// changed since is left as it is.
func (c *creation) free(ctx context.Context, i issue) (issue, error) {
	if c.draft.Assignee != "" || i.Assignee.ID == 0 || !i.Updated.Equal(i.Created) {
		return i, nil
	}
	if err := c.r.put(ctx, i.ID, map[string]any{"assigned_to_id": ""}); err != nil {
		return i, err
	}
	return c.r.issue(ctx, c.p, i.ID, "")
}
