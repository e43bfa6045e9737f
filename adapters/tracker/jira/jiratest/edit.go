package jiratest

import (
	"fmt"
	"slices"
)

// An edit is what the body of a creation, a change and a transition says.
type edit struct {
	Fields     obj              `json:"fields"`
	Update     map[string][]obj `json:"update"`
	Transition struct{ ID any } `json:"transition"`
	Properties []property       `json:"properties"`
}

// apply makes the changes of an edit to a document, those that the screen
// has, and gives the complaints by field.
func (j *Jira) apply(d *document, e edit, onScreen func(Field) bool) map[string]string {
	complaints := map[string]string{}
	for id, value := range e.Fields {
		j.put(d, id, onScreen, complaints, func(f Field) string { return j.set(d, f, value) })
	}
	for id, operations := range e.Update {
		if id == "comment" {
			continue
		}
		for _, o := range operations {
			j.put(d, id, onScreen, complaints, func(f Field) string { return j.operate(d, f, o) })
		}
	}
	return complaints
}

func (j *Jira) put(d *document, id string, onScreen func(Field) bool, complaints map[string]string, set func(Field) string) {
	f, known := j.field(id)
	if id == "resolution" {
		f, known = Field{ID: id, Name: "Resolution"}, true
	}
	if !known || !onScreen(f) {
		complaints[id] = fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", id)
		return
	}
	if complaint := set(f); complaint != "" {
		complaints[id] = complaint
	}
}

// operate does one operation of an update.
func (j *Jira) operate(d *document, f Field, operation obj) string {
	for name, value := range operation {
		complaint := ""
		switch {
		case !slices.Contains(operations(f), name):
			complaint = fmt.Sprintf("Field with id '%s' and name '%s' does not support operation '%s' Supported operation(s) are: %v", f.ID, f.Name, name, operations(f))
		case name == "set":
			complaint = j.set(d, f, value)
		case f.ID == "labels":
			complaint = operateLabels(d, name, value)
		case f.ID == "components":
			complaint = operateComponents(d, name, value)
		}
		if complaint != "" {
			return complaint
		}
	}
	return ""
}

func operateLabels(d *document, name string, value any) string {
	given, complaint := labels([]any{value})
	if complaint != "" {
		return complaint
	}
	rest := slices.DeleteFunc(slices.Clone(d.labels), func(l string) bool { return l == given[0] })
	if name == "add" {
		rest = append(rest, given[0])
		slices.Sort(rest)
	}
	d.labels = rest
	return ""
}

func operateComponents(d *document, name string, value any) string {
	given, complaint := d.project.pick([]any{value})
	if complaint != "" {
		return complaint
	}
	rest := slices.DeleteFunc(slices.Clone(d.components), func(k component) bool { return k == given[0] })
	if name == "add" {
		rest = append(rest, given[0])
	}
	d.components = rest
	return ""
}

// remarks are the comments that an edit adds.
func (j *Jira) remarks(i *issue, e edit) ([]commentBody, error) {
	var all []commentBody
	for _, o := range e.Update["comment"] {
		added, _ := o["add"].(obj)
		body, _ := added["body"].(string)
		b := commentBody{Body: body}
		if err := j.checkComment(b); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func (j *Jira) putIssue(c *call) (int, any, error) {
	var e edit
	i, err := j.changing(c, &e)
	if err != nil {
		return 0, nil, err
	}
	if !j.may("EDIT_ISSUES") {
		return 0, nil, refuse(j.status(400, 403), "You do not have permission to edit issues in this project.")
	}
	after := i.document
	complaints := j.apply(&after, e, func(f Field) bool { return f.ID != "project" && f.ID != "resolution" && j.onScreen(f, i.kind) })
	if len(complaints) > 0 {
		return 0, nil, refuseFields(complaints)
	}
	remarks, err := j.remarks(i, e)
	if err != nil {
		return 0, nil, err
	}
	j.commit(i, j.me, after)
	j.setProperties(i, e.Properties)
	for _, r := range remarks {
		j.comment(i, j.me, r)
	}
	return 204, nil, nil
}

func (j *Jira) putAssignee(c *call) (int, any, error) {
	var given obj
	i, err := j.changing(c, &given)
	if err != nil {
		return 0, nil, err
	}
	if !j.may("ASSIGN_ISSUES") {
		return 0, nil, refuse(j.status(403, 401), "You do not have permission to assign issues.")
	}
	if _, named := given["name"]; j.cloud() && named {
		return 0, nil, refuse(400, "'accountId' must be the only user identifying query parameter in GDPR strict mode.")
	}
	after := i.document
	if complaint := j.setAssignee(&after, given); complaint != "" {
		return 0, nil, refuseFields(map[string]string{"assignee": complaint})
	}
	j.commit(i, j.me, after)
	return 204, nil, nil
}
