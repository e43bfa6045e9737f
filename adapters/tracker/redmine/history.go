package redmine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// History gives what happened to a ticket, oldest first.
func (r *Redmine) History(ctx context.Context, key string) ([]tracker.Event, error) {
	out, err := r.history(ctx, key)
	return out, remote.Named("read the history of ticket "+strconv.Quote(key), err)
}

func (r *Redmine) history(ctx context.Context, key string) ([]tracker.Event, error) {
	p, id, err := r.at(ctx, key)
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
