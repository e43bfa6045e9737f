package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// Subtickets implements tracker.Tracker. The ticket itself says which there
// are and where they stand; the index gives the rest, and what it shows as it
// was before is read one by one.
func (j *Jira) Subtickets(ctx context.Context, key string) ([]tracker.Ticket, error) {
	all, err := j.subtickets(ctx, key)
	return all, j.told(ctx, "read the sub-tickets of "+key, err)
}

func (j *Jira) subtickets(ctx context.Context, key string) ([]tracker.Ticket, error) {
	f, err := j.know(ctx)
	if err != nil {
		return nil, err
	}
	parent, err := j.read(ctx, f, key, "subtasks", "issuelinks")
	if err != nil {
		return nil, err
	}
	children := childrenOf(f, parent)
	if len(children) == 0 {
		return nil, nil
	}
	ids := make([]string, len(children))
	for i, c := range children {
		ids[i] = c.ID
	}
	indexed, err := j.byID(ctx, f, ids)
	if err != nil {
		return nil, err
	}
	var out []tracker.Ticket
	for _, c := range children {
		i := indexed[c.ID]
		if i == nil || stale(i, &c) || j.reads.later(i) {
			i, err = j.readID(ctx, f, c.ID)
			if f := remote.Of(err); f != nil && f.Code == adapters.NotFound {
				continue // it was deleted or moved meanwhile
			}
			if err != nil {
				return nil, err
			}
		}
		t, err := j.ticket(ctx, f, i)
		if err != nil {
			return nil, err
		}
		if f.sub.ID != "" || t.Parent == parent.Key {
			out = append(out, t)
		}
	}
	return out, nil
}

// childrenOf are the sub-tasks, or the issues that are linked as the link type
// says, oldest first.
func childrenOf(f *facts, parent *issue) []brief {
	children := parent.Fields.Subtasks
	if f.sub.ID == "" {
		children = nil
		for _, l := range parent.Fields.Links {
			if l.Inward != nil && projectOf(l.Inward.Key) == projectOf(parent.Key) {
				children = append(children, *l.Inward)
			}
		}
	}
	slices.SortStableFunc(children, func(a, b brief) int { return cmp.Or(len(a.ID)-len(b.ID), strings.Compare(a.ID, b.ID)) })
	return children
}

// reads are the last changes that were read of issues themselves.
type reads struct {
	mu sync.Mutex
	at map[string]time.Time // by id
}

// maxReads is how many are kept: the index lags some seconds only.
const maxReads = 1000

func (r *reads) note(i *issue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at == nil || len(r.at) >= maxReads {
		r.at = map[string]time.Time{}
	}
	r.at[i.ID] = i.Fields.Updated.Time
}

// later tells that the index knows less than was read before.
func (r *reads) later(indexed *issue) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at[indexed.ID].After(indexed.Fields.Updated.Time)
}

func projectOf(key string) string {
	p, _ := keyParts(key)
	return p
}

// stale tells that the index knows less than the parent.
func stale(indexed *issue, now *brief) bool {
	was, is := indexed.Fields.Status, now.Fields.Status
	return indexed.Fields.Summary != now.Fields.Summary || was != nil && is != nil && was.Name != is.Name
}

// chunk is how many ids one search names.
const chunk = 200

// byID finds issues of the project by their ids, those that the index has.
func (j *Jira) byID(ctx context.Context, f *facts, ids []string) (map[string]*issue, error) {
	out := map[string]*issue{}
	for part := range slices.Chunk(ids, j.chunk(f)) {
		got, err := j.named(ctx, f, part, j.wanted(f))
		if err != nil {
			return nil, err
		}
		for n := range got {
			out[got[n].ID] = &got[n]
		}
	}
	return out, nil
}

// chunk is as many issues as one answer holds.
func (j *Jira) chunk(f *facts) int { return min(j.page(f), chunk) }

// named finds issues by their ids. Cloud refuses the search when one of them
// is nowhere: then each half is tried, which finds it soon.
func (j *Jira) named(ctx context.Context, f *facts, ids, fields []string) ([]issue, error) {
	got, err := j.search(ctx, f, query{
		jql: "project = " + quote(j.opt.Project) + " AND id in (" + strings.Join(ids, ", ") + ") ORDER BY key ASC", fields: fields, most: len(ids), reconcile: ids,
	})
	switch {
	case err == nil:
		return got.issues, nil
	case !remote.Is(err, 400):
		return nil, err
	case len(ids) == 1:
		return nil, nil
	}
	first, err := j.named(ctx, f, ids[:len(ids)/2], fields)
	if err != nil {
		return nil, err
	}
	second, err := j.named(ctx, f, ids[len(ids)/2:], fields)
	return append(first, second...), err
}

// List implements tracker.Tracker.
func (j *Jira) List(ctx context.Context, filter tracker.Filter) ([]tracker.Ticket, error) {
	all, err := j.list(ctx, filter)
	return all, j.told(ctx, "list tickets of "+j.opt.Project, err)
}

const defaultLimit = 50

func (j *Jira) list(ctx context.Context, filter tracker.Filter) ([]tracker.Ticket, error) {
	f, err := j.know(ctx)
	if err != nil {
		return nil, err
	}
	jql, err := j.filter(ctx, f, filter)
	if err != nil || jql == "" {
		return nil, err
	}
	limit := min(cmp.Or(max(filter.Limit, 0), defaultLimit), j.page(f))
	got, err := j.beside(ctx, f, query{jql: jql, fields: j.wanted(f), most: limit}, "<", filter.Before)
	if err != nil {
		return nil, err
	}
	return j.tickets(ctx, f, got.issues)
}

func (j *Jira) tickets(ctx context.Context, f *facts, issues []issue) (out []tracker.Ticket, err error) {
	for n := range issues {
		t, err := j.ticket(ctx, f, &issues[n])
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// inStatus writes the condition that an issue stands somewhere, "" when none
// can. Types with workflows of their own have conditions of their own.
func (f *facts) inStatus(s tracker.Status) string {
	var parts, ids []string
	for _, name := range slices.Sorted(maps.Keys(f.others)) {
		i := slices.IndexFunc(f.types, func(t sdk.IssueType) bool { return t.Name == name })
		if i < 0 {
			continue
		}
		ids = append(ids, f.types[i].ID)
		if clause := f.others[name].inStatus(s); clause != "" {
			parts = append(parts, "(issuetype = "+quote(f.types[i].ID)+" AND "+clause+")")
		}
	}
	clause := f.workflow.inStatus(s)
	switch {
	case len(ids) == 0:
		return clause
	case clause != "":
		parts = append(parts, "(issuetype not in "+quoteAll(ids)+" AND "+clause+")")
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (w *workflow) inStatus(s tracker.Status) string {
	names := w.targets(s)
	switch {
	case len(names) == 0:
		return ""
	case !w.reviewed || s == tracker.Open:
		return "status in " + quoteAll(names)
	case s == tracker.Closed:
		return "status in " + quoteAll(names) + " AND labels = " + reviewed
	}
	return "status in " + quoteAll(names) + " AND (labels is EMPTY OR labels != " + reviewed + ")"
}

// filter writes a filter as JQL, "" when nothing can match it.
func (j *Jira) filter(ctx context.Context, f *facts, filter tracker.Filter) (string, error) {
	clauses := []string{"project = " + quote(j.opt.Project)}
	if filter.Status != "" {
		clause := f.inStatus(filter.Status)
		if clause == "" {
			return "", nil
		}
		clauses = append(clauses, clause)
	}
	if filter.Component != "" {
		name, known := f.component(filter.Component)
		if !known {
			return "", nil
		}
		clauses = append(clauses, "component = "+quote(name))
	}
	if filter.Assignee != "" {
		called, err := j.who(ctx, f, filter.Assignee)
		if err != nil {
			return "", err
		}
		clauses = append(clauses, "assignee = "+quote(called))
	}
	if filter.TopLevel && f.sub.ID != "" {
		clauses = append(clauses, "issuetype in standardIssueTypes()")
	} else if filter.TopLevel {
		clauses = append(clauses, "(labels is EMPTY OR labels != "+subLabel+")")
	}
	if filter.Before != "" && !keyed.MatchString(filter.Before) {
		return "", remote.Missing("%.80q is no key of a ticket in Jira", filter.Before)
	}
	return strings.Join(clauses, " AND "), nil
}

// History implements tracker.Tracker. Of a long history Cloud gives the
// newest part.
func (j *Jira) History(ctx context.Context, key string) ([]tracker.Event, error) {
	all, err := j.history(ctx, key)
	return all, j.told(ctx, "read the history of "+key, err)
}

func (j *Jira) history(ctx context.Context, key string) ([]tracker.Event, error) {
	f, err := j.know(ctx)
	if err != nil {
		return nil, err
	}
	i, err := j.read(ctx, f, key, "comment", "changelog")
	if err != nil {
		return nil, err
	}
	by, err := j.meet(ctx, f, i.Fields.Reporter)
	if err != nil {
		return nil, err
	}
	out := []tracker.Event{{At: i.Fields.Created.UTC(), By: by, Kind: tracker.Created}}
	if i.Changelog != nil {
		if f.cloud() { // newest first
			slices.Reverse(i.Changelog.Histories)
		}
		for n := range i.Changelog.Histories {
			events, err := j.events(ctx, f, i, &i.Changelog.Histories[n])
			if err != nil {
				return nil, err
			}
			out = append(out, events...)
		}
	}
	if i.Fields.Comment != nil {
		for n := range i.Fields.Comment.Comments {
			c := &i.Fields.Comment.Comments[n]
			author, err := j.meet(ctx, f, &c.Author)
			if err != nil {
				return nil, err
			}
			out = append(out, tracker.Event{At: c.Created.UTC(), By: author, Kind: tracker.Commented, Text: markdown(c.Body)})
		}
	}
	slices.SortStableFunc(out[1:], func(a, b tracker.Event) int { return a.At.Compare(b.At) })
	return out, nil
}

// events reads one change of an issue.
func (j *Jira) events(ctx context.Context, f *facts, i *issue, h *sdk.ChangelogHistory) (out []tracker.Event, err error) {
	var at stampTime
	if err := json.Unmarshal(fmt.Appendf(nil, "%q", h.Created), &at); err != nil {
		return nil, &remote.Fault{What: "Jira's history cannot be read", Err: err}
	}
	by, err := j.meet(ctx, f, &h.Author)
	if err != nil {
		return nil, err
	}
	for _, item := range h.Items {
		kind, text := j.read1(f.flow(i.Fields.Type.Name), &item)
		if kind != "" {
			out = append(out, tracker.Event{At: at.UTC(), By: by, Kind: kind, Text: text})
		}
	}
	return out, nil
}

// read1 gives what one item of a change is to us; "" for what is nothing.
func (j *Jira) read1(w *workflow, item *sdk.ChangelogItems) (tracker.Kind, string) {
	had := slices.Contains(strings.Fields(item.FromString), reviewed)
	has := slices.Contains(strings.Fields(item.ToString), reviewed)
	switch item.Field {
	case "status":
		return tracker.Moved, string(w.status(&sdk.Status{Name: item.ToString}, nil))
	case "assignee":
		to, _ := item.To.(string)
		return tracker.Assigned, j.rosterName(to, item.ToString)
	case "summary":
		return tracker.Retitled, item.ToString
	case "description":
		return tracker.Rewritten, ""
	case "labels":
		switch {
		case w.reviewed && has && !had:
			return tracker.Moved, string(tracker.Closed)
		case w.reviewed && had && !has:
			return tracker.Moved, string(tracker.Fixed)
		}
	}
	return "", ""
}

// rosterName names somebody of a history by what the roster calls them: it
// gives a key on Data Center, which may be the name, and an account id on
// Cloud.
func (j *Jira) rosterName(id, shown string) string {
	j.people.mu.Lock()
	defer j.people.mu.Unlock()
	if name, known := j.people.names[id]; known {
		return name
	}
	if name := j.people.match(person{ID: id, Name: id}, ""); name != "" {
		return name
	}
	return cmp.Or(shown, id)
}

// page is how many issues one answer holds: Cloud gives no more than 100 with
// fields.
func (j *Jira) page(f *facts) int {
	if f.cloud() {
		return min(j.opt.Page, 100)
	}
	return j.opt.Page
}

// now is Jira's clock.
func (f *facts) now() time.Time { return time.Now().Add(f.offset) }
