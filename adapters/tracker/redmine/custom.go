package redmine

import (
	"context"
	"maps"
	"net/url"
	"strings"

	"tebiki/adapters/tracker"
)

// learned gives copies of what issues have taught.
func (p *place) learned() (map[customKey]int, map[int]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.custom), maps.Clone(p.labeled)
}

// learn takes the ids of custom fields from an issue: nobody else tells them
// to a user who is no administrator. Whether labels are kept by their field
// shows in an issue of ours: an unknown field, and one that is read-only to
// us, is ignored without a word.
func (r *Redmine) learn(p *place, i *issue) {
	if !r.customs() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range i.CustomFields {
		p.custom[customKey{i.Tracker.ID, strings.ToLower(c.Name)}] = c.ID
	}
	if c, ok := i.custom(r.opt.LabelField); ok && i.Author.ID == p.me.ID {
		if _, ok := parseMark(c.text()); ok {
			p.labeled[i.Tracker.ID] = true
		}
	}
}

func (r *Redmine) customs() bool {
	return r.opt.LabelField != "" || len(r.opt.Fields) > 0 || len(r.opt.Values) > 0
}

func (p *place) customID(kind ref, name string) (id int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ok = p.custom[customKey{kind.ID, strings.ToLower(name)}]
	return id, ok
}

func (p *place) keepsLabels(kind ref) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.labeled[kind.ID]
}

// study learns from the newest issue of a tracker that there is, ours if
// there is one, when nothing is known of it yet.
func (r *Redmine) study(ctx context.Context, p *place, kind ref) error {
	if !r.customs() || p.studied(kind) {
		return nil
	}
	for _, query := range []url.Values{
		{"tracker_id": {kind.id()}, "author_id": {p.me.id()}},
		{"tracker_id": {kind.id()}},
	} {
		query.Set("sort", "id:desc")
		query.Set("limit", "1")
		got, err := r.list(ctx, p, query)
		if err != nil {
			return err
		}
		if len(got.Issues) > 0 {
			return nil
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.project.Custom { // those that are not for all projects
		p.custom[customKey{kind.ID, strings.ToLower(c.Name)}] = c.ID
	}
	return nil
}

func (p *place) studied(kind ref) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k := range p.custom {
		if k.tracker == kind.ID {
			return true
		}
	}
	return false
}

func (u user) id() string { return ref{ID: u.ID}.id() }

// share parts a draft's fields into those that a custom field takes, by its
// id, and those that stay in the text.
func (r *Redmine) share(p *place, kind ref, d tracker.Draft) (custom map[int]field, rest map[string]string) {
	custom, rest = map[int]field{}, map[string]string{}
	for name, value := range r.opt.Values {
		if id, ok := p.customID(kind, name); ok {
			custom[id] = field{custom: name, value: value}
		}
	}
	for name, value := range d.Fields {
		to := r.opt.Fields[name]
		if id, ok := p.customID(kind, to); ok && to != "" && value != "" {
			custom[id] = field{name: name, custom: to, value: value}
		} else {
			rest[name] = value
		}
	}
	return custom, rest
}

// A field is a value of a custom field.
type field struct {
	name   string // of the draft's field; "" for a fixed value
	custom string
	value  string
}
