package redmine

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// Expect is what the configuration elsewhere relies on.
type Expect struct {
	Components []string // of the know-how
	People     []string // ids of who may get tickets
}

// A Finding is something that is wrong, and what to do about it.
type Finding struct {
	About string // "the key", "the component disk"
	Fault string
	Do    string
}

// Doctor asks Redmine for all that the adapter needs and tells what is wrong;
// nothing means that all is well. It writes nothing. What it cannot see is
// the text formatting: Redmine tells that to nobody.
func (r *Redmine) Doctor(ctx context.Context, e Expect) []Finding {
	p, found := r.examine(ctx)
	if p == nil {
		return found // nothing else can be tried
	}
	found = append(found, r.checkRights(ctx, p)...)
	found = append(found, r.checkTypes(ctx, p)...)
	found = append(found, r.checkStatuses(ctx, p)...)
	found = append(found, r.checkPriorities(p)...)
	found = append(found, r.checkComponents(p, e.Components)...)
	found = append(found, r.checkPeople(ctx, p, e.People)...)
	return append(found, r.checkClock()...)
}

// finding parts an error's sentence: what is wrong, a colon, and what to do.
func finding(about string, err error) Finding {
	f := remote.Of(err)
	if f == nil {
		return Finding{about, err.Error(), "try again"}
	}
	what, do, ok := strings.Cut(f.What, ": ")
	if !ok {
		do = "see what Redmine's administrator knows of it, and try again"
	}
	for _, more := range f.Says {
		what += " (" + more + ")"
	}
	if f.Err != nil {
		what += " (" + f.Err.Error() + ")"
	}
	return Finding{about, what, do}
}

// examine tries the address, the key and the project.
func (r *Redmine) examine(ctx context.Context) (*place, []Finding) {
	me, err := r.whoAmI(ctx)
	switch {
	case remote.Is(err, 401):
		return nil, []Finding{finding("the key", err)}
	case err != nil:
		return nil, []Finding{finding("the address "+r.base.String(), err)}
	case me.ID == 0:
		return nil, []Finding{{"the address " + r.base.String(), "what answers there is no Redmine", "write the address as it is in the browser, up to where /projects begins"}}
	}
	about := "the project " + strconv.Quote(r.opt.Project)
	p, err := r.readPlace(ctx)
	if err != nil {
		return nil, []Finding{finding(about, err)}
	}
	switch p.project.Status {
	case projectClosed:
		return p, []Finding{{about, "it is closed, and takes no tickets", "reopen it in Redmine, or name another"}}
	case projectArchived:
		return p, []Finding{{about, "it is archived", "unarchive it in Redmine, or name another"}}
	}
	return p, nil
}

// needed are the permissions that the key's user must have, and what for.
var needed = []struct{ permission, name, why string }{
	{"view_issues", "View Issues", "tickets are read"},
	{"add_issues", "Add issues", "tickets are made"},
	{"edit_issues", "Edit issues", "tickets are moved and assigned"},
	{"add_issue_notes", "Add notes", "comments are written, and Redmine drops them without a word"},
	{"manage_subtasks", "Manage subtasks", "sub-tickets are made, and Redmine makes tickets of them without a word"},
}

type role struct {
	Name        string   `json:"name"`
	Assignable  *bool    `json:"assignable"` // older Redmines do not say
	Visibility  string   `json:"issues_visibility"`
	Permissions []string `json:"permissions"`
}

func (r *Redmine) role(ctx context.Context, id int) (role, error) {
	var got struct {
		Role role `json:"role"`
	}
	err := r.get(ctx, fmt.Sprintf("/roles/%d.json", id), nil, &got)
	return got.Role, err
}

// checkRights compares what the roles of the key's user may with what is
// needed.
func (r *Redmine) checkRights(ctx context.Context, p *place) (found []Finding) {
	if p.me.Admin {
		return nil
	}
	about := "the user " + strconv.Quote(p.me.Login)
	may, all := map[string]bool{}, false
	member := false
	for _, m := range p.me.Memberships {
		if m.Project.ID != p.project.ID {
			continue
		}
		for _, one := range m.Roles {
			got, err := r.role(ctx, one.ID)
			if err != nil {
				return []Finding{finding(about, err)}
			}
			member, all = true, all || got.Visibility == "all"
			for _, permission := range got.Permissions {
				may[permission] = true
			}
		}
	}
	if !member {
		return []Finding{{about, "it is no member of the project " + strconv.Quote(r.opt.Project), "add it in the project's settings at \"Members\", in a role for bots"}}
	}
	for _, n := range needed {
		if !may[n.permission] {
			found = append(found, Finding{about, fmt.Sprintf("its role lacks the permission %q: %s", n.name, n.why), "give it to the role at \"Administration\", \"Roles and permissions\""})
		}
	}
	if !all {
		found = append(found, Finding{about, "its role does not see all issues, and what it does not see counts as gone", "set \"Issues visibility\" of the role to \"All issues\""})
	}
	return found
}

// checkTypes tries the trackers and their custom fields.
func (r *Redmine) checkTypes(ctx context.Context, p *place) (found []Finding) {
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
				found = append(found, Finding{"the custom field " + strconv.Quote(name), fmt.Sprintf("the issues of tracker %q in this project do not have it", kind.Name),
					"compare its name, and tick the tracker and the project at \"Administration\", \"Custom fields\""})
			}
		}
	}
	return found
}

// checkStatuses compares the names with what there is, and asks the newest
// open issue where the workflow lets it go.
func (r *Redmine) checkStatuses(ctx context.Context, p *place) (found []Finding) {
	for _, s := range []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed} {
		about := "the status " + string(s)
		for _, name := range r.opt.Statuses[s] {
			c, ok := named(p.statusRefs(), name)
			switch {
			case !ok:
				found = append(found, Finding{about, fmt.Sprintf("there is no status %q", name), "name one of " + names(p.statusRefs())})
			case p.status(c) != s:
				found = append(found, Finding{about, fmt.Sprintf("%q counts as %s", name, p.status(c)), "see \"Issue closed\" at \"Administration\", \"Issue statuses\", or name another"})
			}
		}
		if len(p.meaning(s)) == 0 {
			found = append(found, Finding{about, "none of Redmine's statuses means it", "name one in the configuration: there are " + names(p.statusRefs())})
		}
	}
	if len(found) > 0 {
		return found
	}
	return r.checkWorkflow(ctx, p)
}

func (r *Redmine) checkWorkflow(ctx context.Context, p *place) (found []Finding) {
	newest, err := r.list(ctx, p, url.Values{"status_id": {"open"}, "sort": {"id:desc"}, "limit": {"1"}})
	if err != nil {
		return []Finding{finding("the workflow", err)}
	}
	if len(newest.Issues) == 0 {
		return nil
	}
	i, err := r.issue(ctx, p, newest.Issues[0].ID, "allowed_statuses")
	if err != nil {
		return []Finding{finding("the workflow", err)}
	}
	if i.Allowed == nil || !slices.ContainsFunc(i.Allowed, func(s ref) bool { return s.ID != i.Status.ID }) {
		return []Finding{{"the workflow", fmt.Sprintf("the key's user cannot move ticket %d from %q", i.ID, i.Status.Name), workflowPage}}
	}
	if p.status(i.Status) == tracker.Open && !slices.ContainsFunc(i.Allowed, func(s ref) bool { return p.status(s) == tracker.Fixed }) {
		found = append(found, Finding{"the workflow", fmt.Sprintf("from %q there is no way to a status that means fixed", i.Status.Name), workflowPage})
	}
	return found
}

const workflowPage = "let the role of the key's user go there at \"Administration\", \"Workflow\""

func (r *Redmine) checkPriorities(p *place) (found []Finding) {
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
		found = append(found, Finding{"the priority " + strconv.Quote(firstOf(string(level), "normal")), fault, "name one in the configuration: there are " + names(all)})
	}
	return found
}

func (r *Redmine) checkComponents(p *place, components []string) (found []Finding) {
	if _, ok := named(p.project.Categories, r.opt.Fallback); !ok && r.opt.Fallback != "" {
		found = append(found, Finding{"the fallback " + strconv.Quote(r.opt.Fallback), "the project has no category of this name", addCategory})
	}
	for _, c := range components {
		if _, ok := named(p.project.Categories, c); !ok {
			found = append(found, Finding{"the component " + strconv.Quote(c), "the project has no category of this name", addCategory})
		}
	}
	return found
}

const addCategory = "add it in the project's settings at \"Issue categories\""

// checkPeople looks whether people are members who can be assigned.
func (r *Redmine) checkPeople(ctx context.Context, p *place, people []string) (found []Finding) {
	if len(people) == 0 {
		return nil
	}
	members, err := r.members(ctx)
	if err != nil {
		return []Finding{finding("the members", err)}
	}
	var known []string
	for _, m := range members {
		if m.User.ID != 0 && m.User.ID != p.me.ID {
			known = append(known, fmt.Sprintf("%d is %s", m.User.ID, m.User.Name))
		}
	}
	const most = 30
	if len(known) > most {
		known = append(known[:most], "and others")
	}
	for _, who := range people {
		i := slices.IndexFunc(members, func(m membership) bool { return m.User.id() == who && who != "" })
		if i < 0 {
			found = append(found, Finding{"the person " + strconv.Quote(who), "the project has no such member, so that no ticket can be theirs",
				"add them in the project's settings at \"Members\", and write the number that Redmine has for them: " + strings.Join(known, ", ")})
		} else if !r.assignable(ctx, members[i].Roles) {
			found = append(found, Finding{"the person " + strconv.Quote(who), "nobody may assign tickets to " + members[i].User.Name,
				"tick \"Issues can be assigned to this role\" for their role at \"Administration\", \"Roles and permissions\""})
		}
	}
	return found
}

func (r *Redmine) members(ctx context.Context) (out []membership, err error) {
	for {
		var got struct {
			All   []membership `json:"memberships"`
			Total int          `json:"total_count"`
		}
		err := r.get(ctx, "/projects/"+r.opt.Project+"/memberships.json", url.Values{"limit": {strconv.Itoa(r.page)}, "offset": {strconv.Itoa(len(out))}}, &got)
		if err != nil {
			return nil, err
		}
		if out = append(out, got.All...); len(got.All) == 0 || len(out) >= got.Total {
			return out, nil
		}
	}
}

// assignable tells whether one of the roles is; one that cannot be read is
// taken to be.
func (r *Redmine) assignable(ctx context.Context, roles []ref) bool {
	return slices.ContainsFunc(roles, func(one ref) bool {
		got, err := r.role(ctx, one.ID)
		return err != nil || got.Assignable == nil || *got.Assignable
	})
}

// mostApart is how far clocks may be apart before times on pages are wrong.
const mostApart = time.Minute

func (r *Redmine) checkClock() []Finding {
	here := time.Now()
	there, known := r.clock.there(here)
	if d := there.Sub(here); known && d.Abs() > mostApart {
		return []Finding{{"the clock", fmt.Sprintf("Redmine's clock is %v from this machine's", d.Round(time.Second)), "set both by NTP: nothing is missed, but the times of tickets and alerts do not fit together"}}
	}
	return nil
}
