package jiratest

import (
	"slices"
	"strconv"
	"strings"
)

// A view is which parts of an issue an answer has.
type view struct {
	fields    []string // "*all", "summary", "-comment"
	changelog bool
	histories int // at most this many, 0: all
	comments  int
}

func (v view) has(field string) bool {
	if slices.Contains(v.fields, "-"+field) {
		return false
	}
	onlyWithout := !slices.ContainsFunc(v.fields, func(f string) bool { return !strings.HasPrefix(f, "-") })
	if slices.Contains(v.fields, "*navigable") {
		onlyWithout = field != "comment"
	}
	return onlyWithout || slices.Contains(v.fields, "*all") || slices.Contains(v.fields, field)
}

// issueJSON is an issue as a document has it.
func (j *Jira) issueJSON(d *document, v view) obj {
	id := strconv.Itoa(d.id)
	o := obj{"expand": "renderedFields,names,schema,operations,editmeta,changelog", "id": id, "key": d.key, "self": j.self("issue/" + id), "fields": j.fieldsJSON(d, v)}
	if v.changelog {
		o["changelog"] = j.changelogJSON(d, v.histories)
	}
	return o
}

func (j *Jira) fieldsJSON(d *document, v view) obj {
	o := obj{}
	for name, show := range j.views {
		if v.has(name) {
			o[name] = show(j, d)
		}
	}
	if v.has("comment") {
		o["comment"] = j.commentsField(d, v.comments)
	}
	if parent := j.issues[d.parent]; parent != nil && v.has("parent") {
		o["parent"] = j.briefJSON(&parent.document)
	}
	for _, f := range j.fields {
		if f.custom() && v.has(f.ID) {
			o[f.ID] = j.customJSON(f, d.custom[f.ID])
		}
	}
	return o
}

// fieldViews are the fields that every issue shows.
func fieldViews() map[string]func(*Jira, *document) any {
	return map[string]func(*Jira, *document) any{
		"summary":     func(_ *Jira, d *document) any { return d.summary },
		"description": func(_ *Jira, d *document) any { return orNull(d.description) },
		"project":     func(j *Jira, d *document) any { return j.projectJSON(d.project) },
		"issuetype":   func(j *Jira, d *document) any { return j.typeJSON(d.kind) },
		"status":      func(j *Jira, d *document) any { return j.statusJSON(d.statusOf()) },
		"labels":      func(_ *Jira, d *document) any { return append([]string{}, d.labels...) },
		"assignee":    func(j *Jira, d *document) any { return j.userJSON(j.user(d.assignee)) },
		"reporter":    func(j *Jira, d *document) any { return j.userJSON(j.user(d.reporter)) },
		"creator":     func(j *Jira, d *document) any { return j.userJSON(j.user(d.creator)) },
		"created":     func(j *Jira, d *document) any { return j.stamp(d.created) },
		"updated":     func(j *Jira, d *document) any { return j.stamp(d.updated) },
		"issuelinks":  func(j *Jira, d *document) any { return j.linksJSON(d) },
		"priority":    (*Jira).priorityOf,
		"components":  (*Jira).componentsOf,
		"subtasks":    (*Jira).subtasksOf,
		"resolution": func(j *Jira, d *document) any {
			if d.resolution == "" {
				return nil
			}
			return j.resolutionJSON(d.resolution)
		},
	}
}

func (j *Jira) priorityOf(d *document) any {
	i := slices.IndexFunc(j.priorities, func(p Priority) bool { return p.Name == d.priority })
	if i < 0 {
		return nil
	}
	return j.priorityJSON(j.priorities[i])
}

func (j *Jira) componentsOf(d *document) any {
	all := []any{}
	for _, k := range d.components {
		all = append(all, obj{"self": j.self("component/" + k.id), "id": k.id, "name": k.name})
	}
	return all
}

func (j *Jira) subtasksOf(d *document) any {
	all := []any{}
	for _, child := range j.subtasks(d.id) {
		all = append(all, j.briefJSON(&child.document))
	}
	return all
}

// briefJSON is an issue as another one shows it.
func (j *Jira) briefJSON(d *document) obj {
	id := strconv.Itoa(d.id)
	return obj{"id": id, "key": d.key, "self": j.self("issue/" + id), "fields": j.fieldsJSON(d, view{fields: []string{"summary", "status", "priority", "issuetype"}})}
}

// changelogJSON is the history: Cloud's newest first and only the newest,
// Data Center's as it was made.
func (j *Jira) changelogJSON(d *document, most int) obj {
	all := []any{}
	for _, h := range d.history {
		all = append(all, j.historyJSON(h))
	}
	total := len(all)
	if j.cloud() {
		slices.Reverse(all)
		all = window(all, 0, most)
	}
	return obj{"startAt": 0, "maxResults": len(all), "total": total, "histories": all}
}

func (j *Jira) getIssue(c *call) (int, any, error) {
	i, err := j.wanted(c)
	if err != nil {
		return 0, nil, err
	}
	v := view{fields: c.list("fields"), changelog: slices.Contains(c.list("expand"), "changelog"), histories: 100, comments: 100}
	o := j.issueJSON(&i.document, v)
	if wanted := c.list("properties"); len(wanted) > 0 {
		o["properties"] = i.propertiesJSON(wanted)
	}
	return 200, o, nil
}

func (j *Jira) deleteIssue(c *call) (int, any, error) {
	i, err := j.changeable(c)
	if err != nil {
		return 0, nil, err
	}
	if !j.may("DELETE_ISSUES") {
		return 0, nil, refuse(403, "You do not have permission to delete issues in this project.")
	}
	if len(j.subtasks(i.id)) > 0 && !c.flag("deleteSubtasks") {
		return 0, nil, refuse(400, "The issue '%s' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks.", i.key)
	}
	j.remove(i, j.me)
	return 204, nil, nil
}

// remove deletes an issue and its subtasks.
func (j *Jira) remove(i *issue, by *User) {
	for _, child := range j.subtasks(i.id) {
		j.remove(child, by)
	}
	j.tell(i, by, "jira:issue_deleted", "", nil)
	i.deleted = true
	j.index(i)
	delete(j.issues, i.id)
}
