package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/fields"
	"tebiki/adapters/tracker/once"
	"tebiki/adapters/tracker/remote"
)

// labelProperty is the property of a comment that holds its label.
const labelProperty = "tebiki.label"

// Comment implements tracker.Tracker.
func (j *Jira) Comment(ctx context.Context, key string, c tracker.Comment) error {
	return j.told(ctx, "comment on the ticket "+key, j.comment(ctx, key, c))
}

func (j *Jira) comment(ctx context.Context, key string, c tracker.Comment) error {
	switch {
	case !keyed.MatchString(key):
		return remote.Missing("%.80q is no key of a ticket in Jira", key)
	case strings.TrimSpace(c.Body) == "":
		return remote.Refused("the comment is empty")
	}
	mark, err := j.instance(ctx)
	if err != nil {
		return err
	}
	body := map[string]any{"body": commentBody(c.Author, c.Body)}
	if c.Label == "" {
		_, err := j.postComment(ctx, key, body)
		return err
	}
	label := c.Label + "~" + mark
	body["properties"] = []any{map[string]any{"key": labelProperty, "value": label}}
	_, _, err = j.said.Make(ctx, j.scoped(key+" "+c.Label), once.Thing{
		Make:   func(ctx context.Context) (string, error) { return j.postComment(ctx, key, body) },
		Undone: remote.Undone,
		Find:   func(ctx context.Context, _ time.Time) (string, error) { return j.findComment(ctx, key, label) },
		Lag:    j.opt.Timeout, // comments are read from the issue, not from the index
	})
	return err
}

func (j *Jira) postComment(ctx context.Context, key string, body map[string]any) (string, error) {
	var made comment
	err := j.call(ctx, http.MethodPost, "issue/"+url.PathEscape(key)+"/comment", body, &made)
	return made.ID, err
}

// findComment looks for a comment among the newest.
func (j *Jira) findComment(ctx context.Context, key, label string) (string, error) {
	all, err := get[comments](ctx, j, "issue/"+url.PathEscape(key)+"/comment?orderBy=-created&maxResults=200&expand=properties")
	if err != nil {
		return "", err
	}
	for _, c := range all.Comments {
		for _, p := range c.Properties {
			var value string
			if p.Key == labelProperty && json.Unmarshal(p.Value, &value) == nil && value == label {
				return c.ID, nil
			}
		}
	}
	return "", nil
}

// Change implements tracker.Tracker. The status goes first: a workflow has
// the most reasons to refuse.
func (j *Jira) Change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	t, err := j.change(ctx, key, c)
	return t, j.told(ctx, "change the ticket "+key, err)
}

func (j *Jira) change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	var none tracker.Ticket
	if err := checkChange(&c); err != nil {
		return none, err
	}
	f, err := j.know(ctx)
	if err != nil {
		return none, err
	}
	i, err := j.read(ctx, f, key)
	if err != nil {
		return none, err
	}
	was, err := j.ticket(ctx, f, i)
	if err != nil {
		return none, err
	}
	changed := false
	for _, step := range []func(context.Context, *facts, *issue, *tracker.Ticket, tracker.Change) (bool, error){j.changeStatus, j.changeText, j.changeAssignee} {
		did, err := step(ctx, f, i, &was, c)
		if err != nil {
			return none, err
		}
		changed = changed || did
	}
	if !changed {
		return was, nil
	}
	return j.readTicket(ctx, key)
}

func checkChange(c *tracker.Change) error {
	if c.Status != nil {
		switch *c.Status {
		case tracker.Open, tracker.Fixed, tracker.Closed:
		default:
			return remote.Refused("there is no status %q: it is open, fixed or closed", *c.Status)
		}
	}
	if c.Title == nil {
		return nil
	}
	title, err := summary(*c.Title)
	c.Title = &title
	return err
}

// changeText writes title and description, keeping the fields' lines.
func (j *Jira) changeText(ctx context.Context, _ *facts, i *issue, was *tracker.Ticket, c tracker.Change) (bool, error) {
	send := map[string]any{}
	if c.Title != nil && *c.Title != i.Fields.Summary {
		send["summary"] = *c.Title
	}
	if c.Body != nil {
		var inText map[string]string
		if was.Label != "" {
			block, _ := cutBlock(i.Fields.Description)
			inText = fields.Read(block, true, plain)
		}
		text := describe(inText, *c.Body)
		if text != strings.ReplaceAll(i.Fields.Description, "\r\n", "\n") {
			send["description"] = text
		}
	}
	if len(send) == 0 {
		return false, nil
	}
	return true, j.call(ctx, http.MethodPut, "issue/"+i.ID, map[string]any{"fields": send}, nil)
}

// changeAssignee gives the issue to somebody else. Whoever is
// refused may be called otherwise by now.
func (j *Jira) changeAssignee(ctx context.Context, f *facts, i *issue, was *tracker.Ticket, c tracker.Change) (bool, error) {
	if c.Assignee == nil || *c.Assignee == was.Assignee {
		return false, nil
	}
	err := j.assign(ctx, f, i.ID, *c.Assignee)
	if remote.Is(err, http.StatusBadRequest) && j.refind(ctx, f, *c.Assignee) {
		err = j.assign(ctx, f, i.ID, *c.Assignee)
	}
	return err == nil, err
}

func (j *Jira) assign(ctx context.Context, f *facts, id, address string) error {
	called, err := j.who(ctx, f, address)
	if err != nil {
		return err
	}
	if called == "" { // the other request takes nobody, and Jira's documents do not say so
		return j.call(ctx, http.MethodPut, "issue/"+id, map[string]any{"fields": map[string]any{"assignee": f.reference("")}}, nil)
	}
	return j.call(ctx, http.MethodPut, "issue/"+id+"/assignee", f.reference(called), nil)
}

// A way leads from one status to another.
type way struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	To   struct {
		Name string `json:"name"`
	} `json:"to"`
	Fields map[string]wayField `json:"fields"`
}

type wayField struct {
	fieldDef
	Required   bool `json:"required"`
	HasDefault bool `json:"hasDefaultValue"`
	Allowed    []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"allowedValues"`
}

// changeStatus moves the issue, in two steps where the workflow leads through
// the fixed status to the closed one, and keeps the label of what is reviewed.
func (j *Jira) changeStatus(ctx context.Context, f *facts, i *issue, was *tracker.Ticket, c tracker.Change) (bool, error) {
	w := f.flow(i.Fields.Type.Name)
	if c.Status == nil || *c.Status == was.Status && !w.leftReviewed(*c.Status, i.Fields.Labels) {
		return false, nil
	}
	if !slices.ContainsFunc(w.targets(*c.Status), func(n string) bool { return strings.EqualFold(n, i.Fields.Status.Name) }) {
		if err := j.move(ctx, f, i, *c.Status); err != nil {
			return false, err
		}
	}
	return true, j.setReviewed(ctx, w, i, *c.Status == tracker.Closed)
}

// setReviewed keeps the label where it means something.
func (j *Jira) setReviewed(ctx context.Context, w *workflow, i *issue, closed bool) error {
	if !w.reviewed || closed == slices.Contains(i.Fields.Labels, reviewed) {
		return nil
	}
	do := map[bool]string{true: "add", false: "remove"}[closed]
	return j.call(ctx, http.MethodPut, "issue/"+i.ID, map[string]any{"update": map[string]any{"labels": []any{map[string]any{do: reviewed}}}}, nil)
}

func (j *Jira) move(ctx context.Context, f *facts, i *issue, to tracker.Status) error {
	ways, err := j.ways(ctx, i)
	if err != nil {
		return err
	}
	flow := f.flow(i.Fields.Type.Name)
	if w, ok := choose(ways, flow.targets(to)); ok {
		return j.take(ctx, f, i, w)
	}
	through, ok := choose(ways, flow.targets(tracker.Fixed))
	if to != tracker.Closed || !ok {
		return remote.Refused("the workflow has no way from %s to %s for our user; it has: %s. Map the statuses under tracker.statuses, or give the user a way",
			i.Fields.Status.Name, strings.Join(flow.targets(to), " or "), wayNames(ways))
	}
	if err := j.take(ctx, f, i, through); err != nil {
		return err
	}
	if ways, err = j.ways(ctx, i); err != nil {
		return err
	}
	last, ok := choose(ways, flow.targets(to))
	if !ok {
		return remote.Refused("the workflow has no way from %s to %s for our user; it has: %s", through.To.Name, strings.Join(flow.targets(to), " or "), wayNames(ways))
	}
	return j.take(ctx, f, i, last)
}

func (j *Jira) ways(ctx context.Context, i *issue) ([]way, error) {
	answer, err := get[struct {
		Transitions []way `json:"transitions"`
	}](ctx, j, "issue/"+i.ID+"/transitions?expand=transitions.fields")
	return answer.Transitions, err
}

// choose takes the way to the first target that any leads to.
func choose(ways []way, targets []string) (way, bool) {
	for _, target := range targets {
		for _, w := range ways {
			if strings.EqualFold(w.To.Name, target) {
				return w, true
			}
		}
	}
	return way{}, false
}

func wayNames(ways []way) string {
	if len(ways) == 0 {
		return "none"
	}
	var all []string
	for _, w := range ways {
		all = append(all, fmt.Sprintf("%q to %s", w.Name, w.To.Name))
	}
	return strings.Join(all, ", ")
}

// usualResolutions are taken where a transition demands one and the
// configuration does not say which.
var usualResolutions = []string{"Done", "Fixed", "完了", "修正済み", "解決済み"}

// take goes one way, with what it demands.
func (j *Jira) take(ctx context.Context, f *facts, i *issue, w way) error {
	send := map[string]any{}
	for id, field := range w.Fields {
		text, given := lookUp(j.opt.OnMove, field.Name)
		switch {
		case given:
			value, err := field.write(f, text)
			if err != nil {
				return err
			}
			send[id] = value
		case !field.Required || field.HasDefault:
		case id == "resolution":
			send[id] = map[string]any{"name": field.usual(usualResolutions)}
		default:
			return remote.Refused("the transition %q demands the field %s: give its value under tracker.on_move in the configuration", w.Name, field.Name)
		}
	}
	body := map[string]any{"transition": map[string]any{"id": w.ID}}
	if len(send) > 0 {
		body["fields"] = send
	}
	return j.call(ctx, http.MethodPost, "issue/"+i.ID+"/transitions", body, nil)
}

func lookUp(values map[string]string, name string) (string, bool) {
	for n, v := range values {
		if strings.EqualFold(n, name) {
			return v, true
		}
	}
	return "", false
}

// usual is the first of the names that the field allows, or what it allows
// first.
func (w wayField) usual(names []string) string {
	for _, n := range names {
		for _, a := range w.Allowed {
			if strings.EqualFold(a.Name, n) {
				return a.Name
			}
		}
	}
	if len(w.Allowed) > 0 {
		return w.Allowed[0].Name
	}
	return names[0]
}
