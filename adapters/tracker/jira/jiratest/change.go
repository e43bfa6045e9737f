package jiratest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// history is one change of an issue.
type history struct {
	id    int
	by    *User
	at    time.Time
	items []Item
}

// An Item is one field's part of a change. Ids are "" where the field has
// none.
type Item struct {
	Field      string // as it is called, "Component"
	FieldID    string
	From       string
	FromString string
	To         string
	ToString   string
}

// commit makes an issue what the document says, if that is anything new.
func (j *Jira) commit(i *issue, by *User, after document) {
	items := j.difference(&i.document, &after)
	if len(items) == 0 {
		return
	}
	j.keep(i, by, after, items)
	j.tell(i, by, "jira:issue_updated", j.eventName(items), &i.history[len(i.history)-1])
}

// keep stores a document with the change that led to it.
func (j *Jira) keep(i *issue, by *User, after document, items []Item) {
	after.updated = j.time()
	after.history = append(after.history, history{j.next("history"), by, after.updated, items})
	i.document = after
	j.index(i)
}

// difference of two documents in the history's terms.
func (j *Jira) difference(before, after *document) (items []Item) {
	for _, f := range j.compared() {
		fromID, from := f.value(before)
		toID, to := f.value(after)
		if fromID != toID || from != to {
			items = append(items, Item{f.name, f.id, fromID, from, toID, to})
		}
	}
	items = append(items, componentItems(before, after)...)
	for _, f := range j.fields {
		from, to := shown(before.custom[f.ID]), shown(after.custom[f.ID])
		if f.custom() && from != to {
			items = append(items, Item{f.Name, f.ID, "", from, "", to})
		}
	}
	return items
}

type comparedField struct {
	name, id string
	value    func(*document) (id, text string)
}

func (j *Jira) compared() []comparedField {
	user := func(id string) (string, string) {
		if u := j.user(id); u != nil {
			return id, u.DisplayName
		}
		return "", ""
	}
	plain := func(get func(*document) string) func(*document) (string, string) {
		return func(d *document) (string, string) { return "", get(d) }
	}
	return []comparedField{
		{"project", "project", func(d *document) (string, string) { return d.project.id, d.project.Name }},
		{"Key", "issuekey", plain(func(d *document) string { return d.key })},
		{"issuetype", "issuetype", func(d *document) (string, string) { return d.kind.ID, d.kind.Name }},
		{"status", "status", func(d *document) (string, string) { return d.statusOf().ID, d.status }},
		{"resolution", "resolution", func(d *document) (string, string) { return resolutionID(d.resolution), d.resolution }},
		{"summary", "summary", plain(func(d *document) string { return d.summary })},
		{"description", "description", plain(func(d *document) string { return d.description })},
		{"priority", "priority", plain(func(d *document) string { return d.priority })},
		{"labels", "labels", plain(func(d *document) string { return strings.Join(d.labels, " ") })},
		{"assignee", "assignee", func(d *document) (string, string) { return user(d.assignee) }},
		{"reporter", "reporter", func(d *document) (string, string) { return user(d.reporter) }},
	}
}

func resolutionID(name string) string {
	if name == "" {
		return ""
	}
	return strconv.Itoa(slices.Index(resolutions, name) + 1)
}

// componentItems has one item for each component that came or went.
func componentItems(before, after *document) (items []Item) {
	for _, k := range before.components {
		if !slices.Contains(after.components, k) {
			items = append(items, Item{"Component", "components", k.id, k.name, "", ""})
		}
	}
	for _, k := range after.components {
		if !slices.Contains(before.components, k) {
			items = append(items, Item{"Component", "components", "", "", k.id, k.name})
		}
	}
	return items
}

func shown(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// eventName is what a webhook calls a change. Data Center's classic workflow
// names its steps.
func (j *Jira) eventName(items []Item) string {
	byStatus := map[string]string{
		"Resolved": "issue_resolved", "Closed": "issue_closed", "Reopened": "issue_reopened",
		"In Progress": "issue_work_started", "Open": "issue_work_stopped",
	}
	name := "issue_updated"
	for _, i := range items {
		switch {
		case i.FieldID == "project":
			return "issue_moved"
		case i.FieldID == "status" && !j.cloud() && byStatus[i.ToString] != "":
			name = byStatus[i.ToString]
		case i.FieldID == "status":
			name = "issue_generic"
		case i.FieldID == "assignee" && len(items) == 1:
			name = "issue_assigned"
		}
	}
	return name
}

func (j *Jira) historyJSON(h history) obj {
	return obj{"id": strconv.Itoa(h.id), "author": j.userJSON(h.by), "created": j.stamp(h.at), "items": j.itemsJSON(h.items)}
}

func (j *Jira) itemsJSON(items []Item) []any {
	all := []any{}
	for _, i := range items {
		kind := "jira"
		if strings.HasPrefix(i.FieldID, "customfield_") {
			kind = "custom"
		}
		o := obj{"field": i.Field, "fieldtype": kind, "from": orNull(i.From), "fromString": orNull(i.FromString), "to": orNull(i.To), "toString": orNull(i.ToString)}
		if j.cloud() {
			o["fieldId"] = i.FieldID
		}
		all = append(all, o)
	}
	return all
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
