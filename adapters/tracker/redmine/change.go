package redmine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/once"
	"tebiki/adapters/tracker/remote"
)

// Comment adds a note. One whose label the ticket has already is there.
func (r *Redmine) Comment(ctx context.Context, key string, c tracker.Comment) error {
	return remote.Named("comment on ticket "+strconv.Quote(key), r.comment(ctx, key, c))
}

func (r *Redmine) comment(ctx context.Context, key string, c tracker.Comment) error {
	id, err := keyed(key)
	if err != nil {
		return err
	}
	if err := checkBody(c.Body); err != nil {
		return err
	}
	notes := r.opt.Format.body(c.Body)
	if strings.TrimSpace(notes) == "" {
		return remote.Refused("the comment is empty")
	}
	if who, ok := parseKey(c.Author); ok {
		notes = fmt.Sprintf("user#%d:\n\n", who) + notes // Redmine shows the name of whose words the bot brings
	}
	p, err := r.ready(ctx)
	if err != nil {
		return err
	}
	note := func(ctx context.Context) (string, error) {
		return "noted", r.put(ctx, id, map[string]any{"notes": notes})
	}
	if c.Label == "" {
		_, err := note(ctx)
		return err
	}
	if err := checkLabel(c.Label); err != nil {
		return err
	}
	_, _, err = r.notes.Make(ctx, r.scope()+key+" "+c.Label, once.Thing{
		Make: note, Undone: remote.Undone, Lag: r.lag,
		Find: func(ctx context.Context, since time.Time) (string, error) {
			return r.findNote(ctx, p, id, notes, since)
		},
	})
	return err
}

// findNote looks for a note of ours with this text, from about the first
// attempt on.
func (r *Redmine) findNote(ctx context.Context, p *place, id int, notes string, since time.Time) (string, error) {
	i, err := r.issue(ctx, p, id, "journals")
	if err != nil {
		return "", err
	}
	since, _ = r.clock.there(since)
	for _, j := range i.Journals {
		if j.User.ID == p.me.ID && sameText(j.Notes, notes) && j.Created.After(since.Add(-overlap)) {
			return strconv.Itoa(j.ID), nil
		}
	}
	return "", nil
}

// sameText compares texts whatever their lines end with.
func sameText(a, b string) bool {
	return strings.TrimSpace(strings.ReplaceAll(a, "\r\n", "\n")) == strings.TrimSpace(strings.ReplaceAll(b, "\r\n", "\n"))
}

// Change alters a ticket. What is so already is not sent, and makes no entry.
func (r *Redmine) Change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	t, err := r.change(ctx, key, c)
	return t, remote.Named("change ticket "+strconv.Quote(key), err)
}

func (r *Redmine) change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	id, err := keyed(key)
	if err != nil {
		return tracker.Ticket{}, err
	}
	if err := checkChange(&c); err != nil {
		return tracker.Ticket{}, err
	}
	p, err := r.ready(ctx)
	if err != nil {
		return tracker.Ticket{}, err
	}
	include := ""
	if c.Status != nil {
		include = "allowed_statuses"
	}
	i, err := r.issue(ctx, p, id, include)
	if err != nil {
		return tracker.Ticket{}, err
	}
	news, err := r.news(p, &i, c)
	if err != nil || len(news) == 0 {
		return r.ticket(p, &i), err
	}
	if err := r.put(ctx, id, news); err != nil {
		return tracker.Ticket{}, err
	}
	if i, err = r.issue(ctx, p, id, ""); err != nil {
		return tracker.Ticket{}, err
	}
	if wanted, ok := news["status_id"]; ok && i.Status.ID != wanted { // which Redmine does not say
		return tracker.Ticket{}, remote.Refused("Redmine left the status at %q without a word: the workflow does not have the step, or it is a parent of open tickets", i.Status.Name)
	}
	return r.ticket(p, &i), nil
}

// checkChange holds a change against the limits; its title becomes one line,
// in a new place.
func checkChange(c *tracker.Change) error {
	if c.Title != nil {
		title, err := oneLine(*c.Title)
		if err != nil {
			return err
		}
		c.Title = &title
	}
	if c.Body != nil {
		if err := checkBody(*c.Body); err != nil {
			return err
		}
	}
	if c.Status == nil {
		return nil
	}
	switch *c.Status {
	case tracker.Open, tracker.Fixed, tracker.Closed:
		return nil
	}
	return remote.Refused("there is no status %q: it is open, fixed or closed", *c.Status)
}

// news is what a change sends.
func (r *Redmine) news(p *place, i *issue, c tracker.Change) (map[string]any, error) {
	out := map[string]any{}
	if c.Title != nil && *c.Title != i.Subject {
		out["subject"] = *c.Title
	}
	if c.Assignee != nil && *c.Assignee != i.Assignee.id() {
		if _, ok := parseKey(*c.Assignee); !ok && *c.Assignee != "" {
			return nil, remote.Refused("there is no person %q: %s", *c.Assignee, peopleAreNumbers)
		}
		out["assigned_to_id"] = *c.Assignee
	}
	if c.Body != nil {
		t := r.text(p, i)
		if body := r.opt.Format.body(*c.Body); !sameText(t.body, body) {
			t.body = body
			out["description"] = t.String()
		}
	}
	if c.Status != nil && *c.Status != p.status(i.Status) {
		next, err := p.next(i, *c.Status)
		if err != nil {
			return nil, err
		}
		out["status_id"] = next.ID
	}
	return out, nil
}

// next is the status to go to, of those that the workflow allows from here.
func (p *place) next(i *issue, wanted tracker.Status) (ref, error) {
	meant := p.meaning(wanted)
	if len(meant) == 0 {
		return ref{}, remote.Refused("no status of this Redmine means %s: name it in the configuration's statuses; there are %s", wanted, names(p.statusRefs()))
	}
	if i.Allowed == nil { // Redmine before 5.0 does not say
		return meant[0], nil
	}
	for _, s := range meant {
		if slices.ContainsFunc(i.Allowed, func(a ref) bool { return a.ID == s.ID }) {
			return s, nil
		}
	}
	return ref{}, remote.Refused("the ticket is %q and cannot become %s: want one of %s, and the workflow allows %s (a parent of open tickets cannot be closed)",
		i.Status.Name, wanted, names(meant), names(i.Allowed))
}
