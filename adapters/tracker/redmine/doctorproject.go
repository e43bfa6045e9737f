package redmine

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

// checkTypes tries the trackers and their custom fields.
func (r *Redmine) checkTypes(ctx context.Context, p *place) (found []adapters.Finding) {
	var kinds []ref
	for _, sub := range []bool{false, true} {
		kind, err := r.kind(p, sub)
		switch {
		case err != nil && sub && len(found) > 0 && r.opt.SubticketType == r.opt.TicketType:
		case err != nil:
			found = append(found, finding("the trackers", err))
		case !slices.Contains(kinds, kind):
			kinds = append(kinds, kind)
		}
	}
	for _, kind := range kinds {
		if err := r.study(ctx, p, kind); err != nil {
			return append(found, finding("the custom fields", err))
		}
		if !p.studied(kind) {
			continue // no issue yet tells which there are
		}
		wanted := slices.Concat(slices.Collect(maps.Values(r.opt.Fields)), slices.Collect(maps.Keys(r.opt.Values)))
		if r.opt.LabelField != "" {
			wanted = append(wanted, r.opt.LabelField)
		}
		slices.Sort(wanted)
		for _, name := range slices.Compact(wanted) {
			if _, ok := p.customID(kind, name); !ok {
				found = append(found, told("the custom field "+strconv.Quote(name), fmt.Sprintf("the issues of tracker %q in this project do not have it", kind.Name),
					"compare its name, and tick the tracker and the project at \"Administration\", \"Custom fields\""))
			}
		}
	}
	return found
}

// checkStatuses compares the names with what there is, and asks the newest
// open issue where the workflow lets it go.
func (r *Redmine) checkStatuses(ctx context.Context, p *place) (found []adapters.Finding) {
	for _, s := range []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed} {
		about := "the status " + string(s)
		for _, name := range r.opt.Statuses[s] {
			c, ok := named(p.statusRefs(), name)
			switch {
			case !ok:
				found = append(found, told(about, fmt.Sprintf("there is no status %q", name), "name one of "+names(p.statusRefs())))
			case p.status(c) != s:
				found = append(found, told(about, fmt.Sprintf("%q counts as %s", name, p.status(c)), "see \"Issue closed\" at \"Administration\", \"Issue statuses\", or name another"))
			}
		}
		if len(p.meaning(s)) == 0 {
			found = append(found, told(about, "none of Redmine's statuses means it", "name one in the configuration: there are "+names(p.statusRefs())))
		}
	}
	if len(found) > 0 {
		return found
	}
	return r.checkWorkflow(ctx, p)
}

func (r *Redmine) checkWorkflow(ctx context.Context, p *place) (found []adapters.Finding) {
	newest, err := r.list(ctx, p, url.Values{"status_id": {"open"}, "sort": {"id:desc"}, "limit": {"1"}})
	if err != nil {
		return []adapters.Finding{finding("the workflow", err)}
	}
	if len(newest.Issues) == 0 {
		return nil
	}
	i, err := r.issue(ctx, p, newest.Issues[0].ID, "allowed_statuses")
	if err != nil {
		return []adapters.Finding{finding("the workflow", err)}
	}
	if i.Allowed == nil || !slices.ContainsFunc(i.Allowed, func(s ref) bool { return s.ID != i.Status.ID }) {
		return []adapters.Finding{told("the workflow", fmt.Sprintf("the key's user cannot move ticket %d from %q", i.ID, i.Status.Name), workflowPage)}
	}
	if p.status(i.Status) == tracker.Open && !slices.ContainsFunc(i.Allowed, func(s ref) bool { return p.status(s) == tracker.Fixed }) {
		found = append(found, told("the workflow", fmt.Sprintf("from %q there is no way to a status that means fixed", i.Status.Name), workflowPage))
	}
	return found
}

const workflowPage = "let the role of the key's user go there at \"Administration\", \"Workflow\""

func (r *Redmine) checkPriorities(p *place) (found []adapters.Finding) {
	for _, level := range []tracker.Priority{tracker.Urgent, tracker.Normal, tracker.Low} {
		name := r.opt.Priorities[level]
		if p.order[level] != 0 || name == "" && level != tracker.Urgent {
			continue
		}
		fault := "none of Redmine's priorities is above its default"
		if name != "" {
			fault = fmt.Sprintf("there is no priority %q", name)
		}
		all := make([]ref, len(p.priorities))
		for i, c := range p.priorities {
			all[i] = c.ref
		}
		found = append(found, told("the priority "+strconv.Quote(firstOf(string(level), "normal")), fault, "name one in the configuration: there are "+names(all)))
	}
	return found
}

func (r *Redmine) checkComponents(p *place, components []string) (found []adapters.Finding) {
	if _, ok := named(p.project.Categories, r.opt.Fallback); !ok && r.opt.Fallback != "" {
		found = append(found, told("the fallback "+strconv.Quote(r.opt.Fallback), "the project has no category of this name", addCategory))
	}
	for _, c := range components {
		if _, ok := named(p.project.Categories, c); !ok {
			found = append(found, told("the component "+strconv.Quote(c), "the project has no category of this name", addCategory))
		}
	}
	return found
}

const addCategory = "add it in the project's settings at \"Issue categories\""
