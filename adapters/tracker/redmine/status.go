package redmine

import (
	"slices"
	"strings"

	"tebiki/adapters/tracker"
)

// Names of statuses as Redmine's default data has them in English and
// Japanese, the preferred first. What is sent back is under way again.
var usualStatuses = map[tracker.Status][]string{
	tracker.Open:   {"In Progress", "進行中", "Feedback", "フィードバック", "New", "新規"},
	tracker.Fixed:  {"Resolved", "解決"},
	tracker.Closed: {"Closed", "終了"},
}

// mapStatuses finds what the names mean here: what is_closed says is closed,
// what is named for Fixed is that, and all else is open.
func (p *place) mapStatuses(configured map[tracker.Status][]string) {
	p.want = map[tracker.Status][]string{}
	for s, usual := range usualStatuses {
		if p.want[s] = configured[s]; len(configured[s]) == 0 {
			p.want[s] = usual
		}
	}
	for _, name := range p.want[tracker.Fixed] {
		if at, ok := named(p.statusRefs(), name); ok && !p.closed(at) {
			p.fixed = append(p.fixed, at)
		}
	}
}

func (p *place) statusRefs() []ref {
	out := make([]ref, len(p.statuses))
	for i, s := range p.statuses {
		out[i] = s.ref
	}
	return out
}

func (p *place) closed(s ref) bool {
	return slices.ContainsFunc(p.statuses, func(k status) bool { return k.ID == s.ID && k.Closed })
}

// status is what one of Redmine's means.
func (p *place) status(s ref) tracker.Status {
	switch {
	case p.closed(s):
		return tracker.Closed
	case slices.ContainsFunc(p.fixed, func(f ref) bool { return f.ID == s.ID }):
		return tracker.Fixed
	}
	return tracker.Open
}

// meaning gives Redmine's statuses for one of ours, the preferred first.
func (p *place) meaning(s tracker.Status) (out []ref) {
	add := func(c ref) {
		if p.status(c) == s && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	all := p.statusRefs()
	for _, name := range p.want[s] {
		if c, ok := named(all, name); ok {
			add(c)
		}
	}
	for _, c := range all {
		add(c)
	}
	return out
}

// ids writes ids for a filter.
func ids(all []ref) string {
	out := make([]string, len(all))
	for i, a := range all {
		out[i] = a.id()
	}
	return strings.Join(out, "|")
}

// Names of priorities as Redmine's default data has them.
var usualPriorities = map[tracker.Priority][]string{
	tracker.Urgent: {"Urgent", "急いで", "High", "高め"},
	tracker.Normal: {"Normal", "通常"},
	tracker.Low:    {"Low", "低め"},
}

// mapPriorities finds them by name, or by their place: normal is the default,
// urgent the highest and low the lowest beside it.
func (p *place) mapPriorities(configured map[tracker.Priority]string) {
	var all []ref
	normal := -1
	for _, c := range p.priorities {
		if c.Active != nil && !*c.Active {
			continue
		}
		if c.Default {
			normal = len(all)
		}
		all = append(all, c.ref)
	}
	p.order = map[tracker.Priority]int{}
	for level, usual := range usualPriorities {
		if name := configured[level]; name != "" {
			usual = []string{name}
		}
		for _, name := range usual {
			if c, ok := named(all, name); ok {
				p.order[level] = c.ID
				break
			}
		}
		if p.order[level] == 0 && configured[level] == "" && normal >= 0 {
			p.order[level] = byPlace(all, normal, level)
		}
	}
}

func byPlace(all []ref, normal int, level tracker.Priority) int {
	switch {
	case level == tracker.Normal:
		return all[normal].ID
	case level == tracker.Urgent && normal+1 < len(all):
		return all[len(all)-1].ID
	case level == tracker.Low && normal > 0:
		return all[0].ID
	}
	return 0
}

// priorityOf is what one of Redmine's means: those at least as high as urgent
// are, and those no higher than low.
func (p *place) priorityOf(c ref) tracker.Priority {
	at := func(id int) int { return slices.IndexFunc(p.priorities, func(k priority) bool { return k.ID == id }) }
	here, urgent, low := at(c.ID), at(p.order[tracker.Urgent]), at(p.order[tracker.Low])
	switch {
	case here >= 0 && urgent >= 0 && here >= urgent:
		return tracker.Urgent
	case here >= 0 && low >= 0 && here <= low:
		return tracker.Low
	}
	return tracker.Normal
}
