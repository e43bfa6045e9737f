package jiratest

import (
	"slices"
	"strings"
)

// A Status is where an issue stands. Its category is "new", "indeterminate"
// or "done".
type Status struct {
	ID       string
	Name     string
	Category string
}

// A Transition leads to a status.
type Transition struct {
	ID         string
	Name       string
	From       []string // names of statuses; nil: all
	To         string
	Fields     []string // ids of what is on its screen
	Required   []string // of Fields
	Resolution string   // that it sets when nothing else does
}

// A Workflow is the statuses of a project, the first one for new issues, and
// the ways between them.
type Workflow struct {
	Statuses    []Status
	Transitions []Transition
}

// Classic is the workflow that Data Center begins with.
func Classic() Workflow {
	open := []string{"Open", "In Progress", "Reopened"}
	return Workflow{
		Statuses: []Status{
			{"1", "Open", "new"}, {"3", "In Progress", "indeterminate"}, {"4", "Reopened", "new"},
			{"5", "Resolved", "done"}, {"6", "Closed", "done"},
		},
		Transitions: []Transition{
			{ID: "4", Name: "Start Progress", From: []string{"Open", "Reopened"}, To: "In Progress"},
			{ID: "301", Name: "Stop Progress", From: []string{"In Progress"}, To: "Open"},
			{ID: "5", Name: "Resolve Issue", From: open, To: "Resolved", Fields: []string{"resolution", "assignee"}, Required: []string{"resolution"}},
			{ID: "2", Name: "Close Issue", From: open, To: "Closed", Fields: []string{"resolution", "assignee"}, Required: []string{"resolution"}},
			{ID: "701", Name: "Close Issue", From: []string{"Resolved"}, To: "Closed"},
			{ID: "3", Name: "Reopen Issue", From: []string{"Resolved", "Closed"}, To: "Reopened", Fields: []string{"assignee"}},
		},
	}
}

// Simplified is the workflow that Cloud begins with: from everywhere to
// everywhere.
func Simplified() Workflow {
	return Workflow{
		Statuses: []Status{{"10000", "To Do", "new"}, {"3", "In Progress", "indeterminate"}, {"10001", "Done", "done"}},
		Transitions: []Transition{
			{ID: "11", Name: "To Do", To: "To Do"},
			{ID: "21", Name: "In Progress", To: "In Progress"},
			{ID: "31", Name: "Done", To: "Done", Resolution: "Done"},
		},
	}
}

// resolutions that an issue may have.
var resolutions = []string{"Fixed", "Won't Fix", "Duplicate", "Incomplete", "Cannot Reproduce", "Done"}

func (w Workflow) status(nameOrID string) (Status, bool) {
	i := slices.IndexFunc(w.Statuses, func(s Status) bool { return s.ID == nameOrID || strings.EqualFold(s.Name, nameOrID) })
	if i < 0 {
		return Status{}, false
	}
	return w.Statuses[i], true
}

// from gives the transitions that leave a status.
func (w Workflow) from(status string) (found []Transition) {
	for _, t := range w.Transitions {
		if t.From == nil || slices.Contains(t.From, status) {
			found = append(found, t)
		}
	}
	return found
}

func (j *Jira) statusJSON(s Status) obj {
	categories := map[string]obj{
		"new":           {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
		"indeterminate": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"},
		"done":          {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
	}
	category := categories[s.Category]
	category["self"] = j.self("statuscategory/" + s.Category)
	return obj{"self": j.self("status/" + s.ID), "id": s.ID, "name": s.Name, "description": "", "iconUrl": j.base + "/status.png", "statusCategory": category}
}

func (j *Jira) getStatuses(*call) (int, any, error) {
	all, seen := []any{}, map[string]bool{}
	for _, p := range j.projects {
		for _, s := range p.statuses() {
			if !seen[s.ID] {
				seen[s.ID] = true
				all = append(all, j.statusJSON(s))
			}
		}
	}
	return 200, all, nil
}
