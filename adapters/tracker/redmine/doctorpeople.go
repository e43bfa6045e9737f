package redmine

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"tebiki/adapters"
)

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
func (r *Redmine) checkRights(ctx context.Context, p *place) (found []adapters.Finding) {
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
				return []adapters.Finding{finding(about, err)}
			}
			member, all = true, all || got.Visibility == "all"
			for _, permission := range got.Permissions {
				may[permission] = true
			}
		}
	}
	if !member {
		return []adapters.Finding{told(about, "it is no member of the project "+strconv.Quote(r.opt.Project), "add it in the project's settings at \"Members\", in a role for bots")}
	}
	for _, n := range needed {
		if !may[n.permission] {
			found = append(found, told(about, fmt.Sprintf("its role lacks the permission %q: %s", n.name, n.why), "give it to the role at \"Administration\", \"Roles and permissions\""))
		}
	}
	if !all {
		found = append(found, told(about, "its role does not see all issues, and what it does not see counts as gone", "set \"Issues visibility\" of the role to \"All issues\""))
	}
	return found
}

// checkPeople looks whether people are members who can be assigned.
func (r *Redmine) checkPeople(ctx context.Context, p *place, people []string) (found []adapters.Finding) {
	if len(people) == 0 {
		return nil
	}
	members, err := r.members(ctx)
	if err != nil {
		return []adapters.Finding{finding("the members", err)}
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
			found = append(found, told("the person "+strconv.Quote(who), "the project has no such member, so that no ticket can be theirs",
				"add them in the project's settings at \"Members\", and write the number that Redmine has for them: "+strings.Join(known, ", ")))
		} else if !r.assignable(ctx, members[i].Roles) {
			found = append(found, told("the person "+strconv.Quote(who), "nobody may assign tickets to "+members[i].User.Name,
				"tick \"Issues can be assigned to this role\" for their role at \"Administration\", \"Roles and permissions\""))
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
