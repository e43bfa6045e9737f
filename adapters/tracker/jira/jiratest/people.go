package jiratest

import (
	"errors"
	"slices"
	"strings"
)

// Values are fields of an issue as the REST API takes them, by id:
// "summary", "components": []any{map[string]any{"name": "dns"}}. Project and
// issue type may be left out when an issue is made by hand.
type Values map[string]any

// act does what a person does, and sends its events. A person who does what
// Jira does not allow fails the test.
func (j *Jira) act(what string, do func() error) {
	j.tb.Helper()
	j.mu.Lock()
	err := do()
	j.mu.Unlock()
	if err != nil {
		j.tb.Errorf("jiratest: %s: %v", what, err)
	}
	j.deliver()
}

// person gives the one whom a test names: by name, account id, key, mail
// address or displayed name; "" is Me.
func (j *Jira) person(who string) (*User, error) {
	if who == "" {
		return j.me, nil
	}
	for _, u := range j.users {
		if slices.Contains([]string{u.Name, u.AccountID, u.Key, u.Email, u.DisplayName}, who) {
			return u, nil
		}
	}
	return nil, errors.New("there is no user " + who)
}

// on does something to an issue for a person.
func (j *Jira) on(what, by, key string, do func(*issue, *User) error) {
	j.tb.Helper()
	j.act(what+" "+key, func() error {
		u, err := j.person(by)
		if err != nil {
			return err
		}
		i := j.stored(key)
		if i == nil {
			return errors.New("there is no such issue")
		}
		return do(i, u)
	})
}

// Create makes an issue by hand and gives its key. Without them it is a Task
// (the first type that is no subtask, or that is one when it has a parent) of
// the first project.
func (j *Jira) Create(by string, values Values) (key string) {
	j.tb.Helper()
	j.act("creating an issue", func() error {
		u, err := j.person(by)
		if err != nil {
			return err
		}
		i, err := j.createByHand(u, values)
		if err == nil {
			key = i.key
		}
		return err
	})
	return key
}

func (j *Jira) createByHand(by *User, values Values) (*issue, error) {
	fields := plain(values)
	p := j.projects[0]
	if key, _, ok := reference(fields["project"], "key", "id"); ok {
		p = j.project(key)
	} else {
		fields["project"] = obj{"key": p.Key}
	}
	if p != nil && fields["issuetype"] == nil {
		kind, _ := p.issueType(func(t IssueType) bool { return t.Subtask == (fields["parent"] != nil) })
		fields["issuetype"] = obj{"id": kind.ID}
	}
	return j.create(by, edit{Fields: fields})
}

// Edit changes fields of an issue.
func (j *Jira) Edit(by, key string, values Values) {
	j.tb.Helper()
	j.on("editing", by, key, func(i *issue, u *User) error {
		after := i.document
		complaints := j.apply(&after, edit{Fields: plain(values)}, func(Field) bool { return true })
		if len(complaints) > 0 {
			return refuseFields(complaints)
		}
		j.commit(i, u, after)
		return nil
	})
}

// SetComponents puts an issue into components, by their names.
func (j *Jira) SetComponents(by, key string, names ...string) {
	j.tb.Helper()
	all := []any{}
	for _, n := range names {
		all = append(all, obj{"name": n})
	}
	j.Edit(by, key, Values{"components": all})
}

// Assign gives an issue to a person, or with "" to nobody.
func (j *Jira) Assign(by, key, to string) {
	j.tb.Helper()
	j.on("assigning", by, key, func(i *issue, u *User) error {
		after := i.document
		after.assignee = ""
		if to != "" {
			assignee, err := j.person(to)
			if err != nil {
				return err
			}
			after.assignee = j.id(assignee)
		}
		j.commit(i, u, after)
		return nil
	})
}

// Comment adds a note to an issue and gives its id.
func (j *Jira) Comment(by, key, body string) (id int) {
	j.tb.Helper()
	j.on("commenting on", by, key, func(i *issue, u *User) error {
		id = j.comment(i, u, commentBody{Body: body}).id
		return nil
	})
	return id
}

// Transition leads an issue to a status by the transition that goes there,
// with a resolution where one is demanded.
func (j *Jira) Transition(by, key, status string) {
	j.tb.Helper()
	j.on("transitioning", by, key, func(i *issue, u *User) error {
		for _, t := range i.project.workflow(i.kind).from(i.status) {
			if !strings.EqualFold(t.To, status) {
				continue
			}
			e := edit{Fields: obj{}}
			if slices.Contains(t.Required, "resolution") {
				e.Fields["resolution"] = obj{"name": "Done"}
			}
			return j.take(i, u, t, e)
		}
		return errors.New("no transition leads from " + i.status + " to " + status)
	})
}

// Delete removes an issue and its subtasks.
func (j *Jira) Delete(by, key string) {
	j.tb.Helper()
	j.on("deleting", by, key, func(i *issue, u *User) error {
		j.remove(i, u)
		return nil
	})
}

// Link relates two issues by a type's name: the first one does to the second
// what the type's outward words say.
func (j *Jira) Link(by, kind, first, second string) {
	j.tb.Helper()
	j.on("linking", by, first, func(i *issue, u *User) error {
		n := slices.IndexFunc(j.linkTypes, func(t LinkType) bool { return t.Name == kind })
		other := j.stored(second)
		if n < 0 || other == nil {
			return errors.New("there is no link type " + kind + " or no issue " + second)
		}
		j.relate(u, j.linkTypes[n], i, other)
		return nil
	})
}
