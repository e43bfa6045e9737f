package jiratest

import (
	"slices"
	"strconv"
	"strings"
)

// A Project holds issues. What is empty is the kind's own: types Task, Bug and
// Sub-task, and its workflow.
type Project struct {
	Key        string
	Name       string
	Types      []IssueType
	Components []string
	Workflow   Workflow
	Archived   bool
}

// An IssueType is a kind of issue; a subtask has a parent.
type IssueType struct {
	ID      string
	Name    string
	Subtask bool

	Workflow *Workflow // of its own; the project\'s when it is nil
}

// project is a Project with what it has got since.
type project struct {
	Project
	id         string
	components []component
	last       int // number of the newest issue
}

type component struct{ id, name string }

// workflow is that of a type.
func (p *project) workflow(kind IssueType) Workflow {
	if kind.Workflow != nil {
		return *kind.Workflow
	}
	return p.Workflow
}

// statuses are those of all types, each once.
func (p *project) statuses() (all []Status) {
	for _, t := range p.Types {
		for _, s := range p.workflow(t).Statuses {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

func (j *Jira) addProject(given Project) *project {
	p := &project{Project: given, id: strconv.Itoa(j.next("project"))}
	if p.Name == "" {
		p.Name = p.Key
	}
	if p.Types == nil {
		p.Types = []IssueType{{Name: "Task"}, {Name: "Bug"}, {Name: "Sub-task", Subtask: true}}
	}
	p.Types = slices.Clone(p.Types)
	for i, t := range p.Types {
		if t.ID == "" {
			p.Types[i].ID = j.typeID(t.Name)
		}
	}
	if p.Workflow.Statuses == nil && j.cloud() {
		p.Workflow = Simplified()
	} else if p.Workflow.Statuses == nil {
		p.Workflow = Classic()
	}
	for _, name := range given.Components {
		p.components = append(p.components, component{strconv.Itoa(j.next("component")), name})
	}
	j.projects = append(j.projects, p)
	return p
}

// typeID is the same for a type's name in all projects.
func (j *Jira) typeID(name string) string {
	for _, p := range j.projects {
		for _, t := range p.Types {
			if t.Name == name {
				return t.ID
			}
		}
	}
	return strconv.Itoa(j.next("type"))
}

// project gives the one with an id or key; nil when there is none that Me may
// see.
func (j *Jira) project(idOrKey string) *project {
	i := slices.IndexFunc(j.projects, func(p *project) bool { return p.id == idOrKey || strings.EqualFold(p.Key, idOrKey) })
	if i < 0 || !j.may("BROWSE_PROJECTS") || j.cloud() && j.projects[i].Archived {
		return nil
	}
	return j.projects[i]
}

func (p *project) component(match func(component) bool) (component, bool) {
	i := slices.IndexFunc(p.components, match)
	if i < 0 {
		return component{}, false
	}
	return p.components[i], true
}

func (p *project) issueType(match func(IssueType) bool) (IssueType, bool) {
	i := slices.IndexFunc(p.Types, match)
	if i < 0 {
		return IssueType{}, false
	}
	return p.Types[i], true
}

func (j *Jira) wantProject(idOrKey string) (*project, error) {
	p := j.project(idOrKey)
	if p == nil {
		return nil, refuse(404, "No project could be found with key '%s'.", idOrKey)
	}
	return p, nil
}

func (j *Jira) getProject(c *call) (int, any, error) {
	p, err := j.wantProject(c.path[0])
	if err != nil {
		return 0, nil, err
	}
	o := j.projectJSON(p)
	types, components := []any{}, []any{}
	for _, t := range p.Types {
		types = append(types, j.typeJSON(t))
	}
	for _, k := range p.components {
		components = append(components, j.componentJSON(p, k))
	}
	o["issueTypes"], o["components"], o["lead"], o["archived"] = types, components, j.userJSON(j.me), p.Archived
	return 200, o, nil
}

func (j *Jira) getProjectStatuses(c *call) (int, any, error) {
	p, err := j.wantProject(c.path[0])
	if err != nil {
		return 0, nil, err
	}
	found := []any{}
	for _, t := range p.Types {
		statuses := []any{}
		for _, s := range p.workflow(t).Statuses {
			statuses = append(statuses, j.statusJSON(s))
		}
		found = append(found, obj{"self": j.self("issuetype/" + t.ID), "id": t.ID, "name": t.Name, "subtask": t.Subtask, "statuses": statuses})
	}
	return 200, found, nil
}

func (j *Jira) getComponents(c *call) (int, any, error) {
	p, err := j.wantProject(c.path[0])
	if err != nil {
		return 0, nil, err
	}
	found := []any{}
	for _, k := range p.components {
		found = append(found, j.componentJSON(p, k))
	}
	return 200, found, nil
}

func (j *Jira) projectJSON(p *project) obj {
	return obj{"self": j.self("project/" + p.id), "id": p.id, "key": p.Key, "name": p.Name, "projectTypeKey": "software", "avatarUrls": obj{"48x48": j.base + "/avatar"}}
}

func (j *Jira) typeJSON(t IssueType) obj {
	return obj{"self": j.self("issuetype/" + t.ID), "id": t.ID, "name": t.Name, "subtask": t.Subtask, "description": "", "iconUrl": j.base + "/type.png"}
}

func (j *Jira) componentJSON(p *project, k component) obj {
	id, _ := strconv.Atoi(p.id) // a project's id is a number
	return obj{"self": j.self("component/" + k.id), "id": k.id, "name": k.name, "assigneeType": "PROJECT_DEFAULT", "project": p.Key, "projectId": id, "isAssigneeTypeValid": false}
}
