package jiratest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Move brings an issue and its subtasks into another project and gives its
// new key; the old one goes on leading to it. Components that the other
// project does not have are lost.
func (j *Jira) Move(by, key, project string) (moved string) {
	j.tb.Helper()
	j.on("moving", by, key, func(i *issue, u *User) error {
		to := j.project(project)
		if to == nil {
			return errors.New("there is no project " + project)
		}
		if i.parent != 0 {
			return errors.New("a subtask moves with its parent")
		}
		for _, one := range append([]*issue{i}, j.subtasks(i.id)...) {
			if err := j.move(one, u, to); err != nil {
				return err
			}
		}
		moved = i.key
		return nil
	})
	return moved
}

func (j *Jira) move(i *issue, by *User, to *project) error {
	after := i.document
	kind, ok := to.issueType(func(t IssueType) bool { return t.Name == i.kind.Name })
	if !ok {
		kind, ok = to.issueType(func(t IssueType) bool { return t.Subtask == i.kind.Subtask })
	}
	if !ok {
		return errors.New("the project has no type for it")
	}
	to.last++
	after.project, after.kind, after.key = to, kind, fmt.Sprintf("%s-%d", to.Key, to.last)
	if _, ok := to.workflow(kind).status(after.status); !ok {
		after.status, after.resolution = to.workflow(kind).Statuses[0].Name, ""
	}
	after.components = nil
	for _, k := range i.components {
		if same, ok := to.component(func(other component) bool { return other.name == k.name }); ok {
			after.components = append(after.components, same)
		}
	}
	j.byKey[after.key] = i.id
	j.commit(i, by, after)
	return nil
}

// Rename gives a user another name, as Data Center's administrators can; the
// key stays.
func (j *Jira) Rename(who, name string) {
	j.tb.Helper()
	j.administer("renaming", who, func(u *User) { u.Name = name })
}

// Deactivate ends a user's account.
func (j *Jira) Deactivate(who string) {
	j.tb.Helper()
	j.administer("deactivating", who, func(u *User) { u.Inactive = true })
}

// SetZone changes the zone of a user's profile; "" is Me.
func (j *Jira) SetZone(who, zone string) {
	j.tb.Helper()
	j.administer("changing the zone of", who, func(u *User) { u.Zone = zone })
}

func (j *Jira) administer(what, who string, change func(*User)) {
	j.tb.Helper()
	j.act(what+" "+who, func() error {
		u, err := j.person(who)
		if err == nil {
			change(u)
		}
		return err
	})
}

// Lag lets the search index know what happens to an issue from now on only
// after d, where that is more than for all.
func (j *Jira) Lag(key string, d time.Duration) {
	j.tb.Helper()
	j.on("delaying the index of", "", key, func(i *issue, _ *User) error {
		i.lag = d
		return nil
	})
}

// Archive puts a project away: its issues can be searched no more, and not be
// changed; Cloud hides them altogether.
func (j *Jira) Archive(project string) { j.archive(project, true) }

// Restore brings an archived project back.
func (j *Jira) Restore(project string) { j.archive(project, false) }

func (j *Jira) archive(project string, away bool) {
	j.tb.Helper()
	j.act("archiving "+project, func() error {
		for _, p := range j.projects {
			if p.Key == project {
				p.Archived = away
				return nil
			}
		}
		return errors.New("there is no such project")
	})
}

// RenameComponent gives a component of a project another name; with "" it is
// deleted, from its issues too.
func (j *Jira) RenameComponent(project, old, name string) {
	j.tb.Helper()
	j.act("renaming component "+old, func() error {
		p := j.project(project)
		if p == nil {
			return errors.New("there is no project " + project)
		}
		k, ok := p.component(func(k component) bool { return k.name == old })
		if !ok {
			return errors.New("the project has no such component")
		}
		p.components = replaced(p.components, k, name)
		for _, i := range j.order {
			if !i.deleted && slices.Contains(i.components, k) {
				i.components = replaced(i.components, k, name)
				j.index(i)
			}
		}
		return nil
	})
}

// replaced gives the components with one of them renamed, or left out.
func replaced(all []component, k component, name string) []component {
	var rest []component
	for _, other := range all {
		switch {
		case other != k:
			rest = append(rest, other)
		case name != "":
			rest = append(rest, component{k.id, name})
		}
	}
	return rest
}

// Forbid takes permissions from Me, Permit gives them back.
func (j *Jira) Forbid(permissions ...string) { j.permit(true, permissions) }

// Permit gives permissions back to Me.
func (j *Jira) Permit(permissions ...string) { j.permit(false, permissions) }

func (j *Jira) permit(denied bool, permissions []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, p := range permissions {
		j.denied[p] = denied
	}
}

// Revoke ends the token.
func (j *Jira) Revoke() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.revoked = true
}

// Many copies the first issue n times; of each so many one is closed.
func (j *Jira) Many(n, each int) {
	j.tb.Helper()
	j.act("copying an issue", func() error {
		if len(j.order) == 0 {
			return errors.New("there is none")
		}
		last := j.order[0].project.workflow(j.order[0].kind).Statuses
		for k := range n {
			d := j.order[0].document
			if k%each == 0 {
				d.status = last[len(last)-1].Name
			}
			j.add(d)
		}
		return nil
	})
}

// HideEmail lets a user's profile show the mail address to nobody, as Cloud's
// may.
func (j *Jira) HideEmail(who string) {
	j.tb.Helper()
	j.administer("hiding the mail address of", who, func(u *User) { u.HideEmail = true })
}
