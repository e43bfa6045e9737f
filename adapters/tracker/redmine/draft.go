package redmine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"tebiki/adapters/tracker"
)

// A request is an issue that is to be made. What Redmine may refuse of it
// can be taken out.
type request struct {
	draft    tracker.Draft // with its title as it is to be, and the fields of the text only
	mark     mark
	kind     ref
	parent   int
	category ref
	assignee int
	priority int
	custom   map[int]field
	label    int // id of the custom field that gets the mark; 0 for none
	inText   bool
	omitted  []tracker.Omission
}

// request holds a draft against what is known of the project.
func (r *Redmine) request(ctx context.Context, p *place, d tracker.Draft, folder string) (request, error) {
	q := request{draft: d, mark: mark{folder, d.Label}, inText: true}
	var err error
	if d.Parent != "" {
		if q.parent, err = keyed(d.Parent); err != nil {
			return q, err
		}
	}
	if q.kind, err = r.kind(p, d.Parent != ""); err != nil {
		return q, err
	}
	if err := r.study(ctx, p, q.kind); err != nil {
		return q, err
	}
	if q.category, err = r.component(ctx, p, d.Component, &q); err != nil {
		return q, err
	}
	q.assign(d.Assignee)
	q.prioritise(p, r.opt.Priorities[d.Priority])
	q.custom, q.draft.Fields = r.share(p, q.kind, d)
	if r.opt.LabelField != "" {
		q.label, _ = p.customID(q.kind, r.opt.LabelField)
		q.inText = q.label == 0 || !p.keepsLabels(q.kind)
	}
	return q, nil
}

func (q *request) omit(field, value, why string) {
	q.omitted = append(q.omitted, tracker.Omission{Field: field, Value: value, Why: why})
}

// component finds the category, or the one for what has none.
func (r *Redmine) component(ctx context.Context, p *place, name string, q *request) (ref, error) {
	if name == "" {
		return ref{}, nil
	}
	c, ok, err := r.category(ctx, p, name)
	if ok || err != nil {
		return c, err
	}
	const why = "the project has no category of this name"
	c, ok = named(p.project.Categories, r.opt.Fallback)
	if !ok || r.opt.Fallback == "" {
		q.omit("Category", name, why)
		return ref{}, nil
	}
	q.omit("Category", name, why+"; it has "+strconv.Quote(c.Name)+" instead")
	return c, nil
}

const peopleAreNumbers = "Redmine's people are numbers, as the address of a person's page ends"

func (q *request) assign(who string) {
	if who == "" {
		return
	}
	id, ok := parseKey(who)
	if !ok {
		q.omit("Assignee", who, peopleAreNumbers)
		return
	}
	q.assignee = id
}

func (q *request) prioritise(p *place, configured string) {
	q.priority = p.order[q.draft.Priority]
	if q.priority == 0 && (q.draft.Priority != tracker.Normal || configured != "") {
		q.omit("Priority", cmp.Or(configured, string(q.draft.Priority)), "Redmine has no such priority")
	}
}

// issue is what Redmine is sent.
func (q *request) issue(r *Redmine) map[string]any {
	out := map[string]any{
		"project_id": r.opt.Project, "tracker_id": q.kind.ID, "subject": q.draft.Title,
		"description": r.opt.Format.compose(q.draft, q.mark, q.inText).String(),
	}
	for name, id := range map[string]int{
		"parent_issue_id": q.parent, "category_id": q.category.ID, "assigned_to_id": q.assignee, "priority_id": q.priority,
	} {
		if id != 0 {
			out[name] = id
		}
	}
	var values []map[string]any
	for _, id := range slices.Sorted(maps.Keys(q.custom)) {
		values = append(values, map[string]any{"id": id, "value": q.custom[id].value})
	}
	if q.label != 0 {
		values = append(values, map[string]any{"id": q.label, "value": q.mark.String()})
	}
	if values != nil {
		out["custom_fields"] = values
	}
	return out
}

// A part is something optional of a request.
type part struct {
	field, value string
	drop         func(*request)
}

// parts are what can be left out, first what is refused most often.
func (q *request) parts() (out []part) {
	if q.assignee != 0 {
		out = append(out, part{"Assignee", q.draft.Assignee, func(q *request) { q.assignee = 0 }})
	}
	for _, id := range slices.Sorted(maps.Keys(q.custom)) {
		f := q.custom[id]
		out = append(out, part{f.custom, f.value, func(q *request) { q.keepInText(id) }})
	}
	if q.label != 0 {
		out = append(out, part{"", "", func(q *request) { q.label, q.inText = 0, true }}) // nothing is lost
	}
	if q.category.ID != 0 {
		out = append(out, part{"Category", q.category.Name, func(q *request) { q.category = ref{} }})
	}
	if q.priority != 0 {
		out = append(out, part{"Priority", string(q.draft.Priority), func(q *request) { q.priority = 0 }})
	}
	return out
}

// keepInText takes a field out of its custom field; its value is not lost.
func (q *request) keepInText(id int) {
	f := q.custom[id]
	q.custom = maps.Clone(q.custom)
	delete(q.custom, id)
	if f.name != "" {
		q.draft.Fields = maps.Clone(q.draft.Fields)
		q.draft.Fields[f.name] = f.value
	}
}
