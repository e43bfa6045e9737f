package jiratest

import (
	"slices"
	"strconv"
	"strings"
)

// attributes are what a document has for a field, as resolve gives it.
func (d *document) attributes(field string) []string {
	switch field {
	case "project":
		return []string{d.project.id}
	case "key":
		return []string{strconv.Itoa(d.id)}
	case "labels":
		return d.labels
	case "status":
		return []string{d.status}
	case "statusCategory":
		return []string{d.statusOf().Category}
	case "issuetype":
		return []string{d.kind.ID}
	case "component":
		return d.componentIDs()
	case "assignee":
		return given(d.assignee)
	case "reporter":
		return given(d.reporter)
	case "parent":
		if d.parent != 0 {
			return []string{strconv.Itoa(d.parent)}
		}
	}
	return nil
}

func (d *document) componentIDs() (ids []string) {
	for _, k := range d.components {
		ids = append(ids, k.id)
	}
	return ids
}

func given(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// resolve gives what a value stands for, or complains that nothing does.
func (b *builder) resolve(c clause, v value) (found []string) {
	switch {
	case c.field == "labels" && !v.function:
		return []string{v.text}
	case (c.field == "key" || c.field == "parent") && !v.function:
		id, ok := b.issue(c, v.text)
		if !ok {
			return nil
		}
		return []string{id}
	case v.function:
		found = b.call(c.field, v.text)
	case c.field == "assignee" || c.field == "reporter":
		found = b.people(v.text)
	case c.field == "statusCategory":
		found = given(categories[strings.ToLower(v.text)])
	default:
		found = b.inProjects(c.field, v.text)
	}
	if len(found) == 0 && v.function {
		b.complain("The function '%s' is not supported by the '%s' field.", v.text, c.name)
		b.fatal = true
	} else if len(found) == 0 {
		b.complain("The value '%s' does not exist for the field '%s'.", v.text, c.name)
	}
	return found
}

// categories of statuses by what they can be called.
var categories = map[string]string{
	"to do": "new", "new": "new", "2": "new", "in progress": "indeterminate", "indeterminate": "indeterminate", "4": "indeterminate",
	"done": "done", "3": "done",
}

// inProjects looks through all projects that can be searched.
func (b *builder) inProjects(field, text string) (found []string) {
	for _, p := range b.jira.projects {
		if p.Archived || !b.jira.may("BROWSE_PROJECTS") {
			continue
		}
		switch field {
		case "project":
			if p.id == text || strings.EqualFold(p.Key, text) || strings.EqualFold(p.Name, text) {
				found = append(found, p.id)
			}
		case "status":
			if s, ok := (Workflow{Statuses: p.statuses()}).status(text); ok {
				found = append(found, s.Name)
			}
		case "component":
			if k, ok := p.component(func(k component) bool { return k.id == text || strings.EqualFold(k.name, text) }); ok {
				found = append(found, k.id)
			}
		case "issuetype":
			if t, ok := p.issueType(func(t IssueType) bool { return t.ID == text || strings.EqualFold(t.Name, text) }); ok {
				found = append(found, t.ID)
			}
		}
	}
	return found
}

func (b *builder) people(text string) []string {
	for _, u := range b.jira.users {
		known := []string{u.AccountID, u.DisplayName}
		if !b.jira.cloud() {
			known = []string{u.Name, u.Key, u.DisplayName, u.Email}
		}
		if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, text) }) {
			return []string{b.jira.id(u)}
		}
	}
	return nil
}

// call gives the values of a function.
func (b *builder) call(field, function string) (found []string) {
	if function == "currentuser" && (field == "assignee" || field == "reporter") {
		return []string{b.jira.id(b.jira.me)}
	}
	if function == "currentuser" || field != "issuetype" {
		return nil
	}
	for _, p := range b.jira.projects {
		for _, t := range p.Types {
			if t.Subtask == (function == "subtaskissuetypes") {
				found = append(found, t.ID)
			}
		}
	}
	if found == nil {
		return []string{""} // there is no such type, which is no error
	}
	return found
}

func (b *builder) issue(c clause, text string) (string, bool) {
	i := b.jira.issue(text)
	if i != nil {
		return strconv.Itoa(i.id), true
	}
	_, err := strconv.Atoi(text)
	project, number, dashed := strings.Cut(text, "-")
	switch {
	case err == nil:
		b.complain("A value with ID '%s' does not exist for the field '%s'.", text, c.name)
	case !dashed || project == "" || strings.Trim(number, "0123456789") != "" || number == "":
		b.complain("The issue key '%s' for field '%s' is invalid.", text, c.name)
	default:
		b.complain("An issue with key '%s' does not exist for field '%s'.", text, c.name)
	}
	return "", false
}
