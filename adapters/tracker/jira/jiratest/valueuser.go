package jiratest

import (
	"fmt"
)

// userOf gives the user whom a value names; nil for nobody.
func (j *Jira) userOf(value any) (*User, string) {
	if value == nil {
		return nil, ""
	}
	o, ok := value.(obj)
	if !ok {
		return nil, "data was not an object"
	}
	if j.cloud() {
		return j.accountOf(o)
	}
	name, given := o["name"]
	if given && name == nil || name == "" {
		return nil, ""
	}
	text, ok := name.(string)
	if !ok {
		return nil, "expected 'name' property to be a string"
	}
	u := j.named(text)
	if u == nil {
		return nil, fmt.Sprintf("User '%s' does not exist.", text)
	}
	return u, ""
}

func (j *Jira) accountOf(o obj) (*User, string) {
	id, given := o["accountId"]
	if !given {
		id, given = o["id"]
	}
	if !given {
		return nil, "expected 'accountId' property to be present"
	}
	if id == nil {
		return nil, ""
	}
	text, _ := id.(string)
	u := j.named(text)
	if u == nil {
		return nil, fmt.Sprintf("User '%s' does not exist.", text)
	}
	return u, ""
}

func (j *Jira) setAssignee(d *document, value any) string {
	u, complaint := j.userOf(value)
	if complaint != "" {
		return complaint
	}
	if u == nil {
		d.assignee = ""
		return ""
	}
	if !j.assignable(u) {
		return fmt.Sprintf("User '%s' cannot be assigned issues.", j.called(u))
	}
	d.assignee = j.id(u)
	return ""
}

// called is what a request calls a user.
func (j *Jira) called(u *User) string {
	switch {
	case u == nil:
		return ""
	case j.cloud():
		return u.AccountID
	}
	return u.Name
}

func (j *Jira) setReporter(d *document, value any) string {
	u, complaint := j.userOf(value)
	if complaint != "" {
		return complaint
	}
	if u == nil {
		return "Reporter is required."
	}
	d.reporter = j.id(u)
	return ""
}
