package jiratest

import (
	"fmt"
	"strconv"
)

func (j *Jira) postIssue(c *call) (int, any, error) {
	var e edit
	if err := j.decode(c, &e); err != nil {
		return 0, nil, err
	}
	i, err := j.create(j.me, e)
	if err != nil {
		return 0, nil, err
	}
	return 201, obj{"id": strconv.Itoa(i.id), "key": i.key, "self": j.self("issue/" + strconv.Itoa(i.id))}, nil
}

// create makes an issue, or refuses with all complaints.
func (j *Jira) create(by *User, e edit) (*issue, error) {
	d, err := j.place(e)
	if err != nil {
		return nil, err
	}
	d.creator, d.reporter = j.id(by), j.id(by)
	d.status, d.priority = d.project.workflow(d.kind).Statuses[0].Name, j.usualPriority()
	for _, placed := range []string{"project", "issuetype", "parent"} {
		delete(e.Fields, placed)
	}
	complaints := j.apply(&d, e, func(f Field) bool { return f.ID != "resolution" && j.onScreen(f, d.kind) })
	j.missing(&d, complaints)
	if len(complaints) > 0 {
		return nil, refuseFields(complaints)
	}
	i := j.add(d)
	j.setProperties(i, e.Properties)
	j.tell(i, by, "jira:issue_created", "issue_created", nil)
	return i, nil
}

// place finds project, type and parent, without which nothing else is looked
// at.
func (j *Jira) place(e edit) (document, error) {
	var d document
	complaints := map[string]string{}
	d.project = j.projectOf(e.Fields["project"], complaints)
	if d.project == nil {
		return d, refuseFields(complaints)
	}
	if !j.may("CREATE_ISSUES") && j.cloud() {
		return d, refuse(403, "You do not have permission to create issues in this project.")
	}
	if !j.may("CREATE_ISSUES") {
		return d, refuseFields(map[string]string{"project": "You do not have permission to create issues in this project."})
	}
	if d.project.Archived {
		return d, refuseFields(map[string]string{"project": fmt.Sprintf("The project '%s' is archived.", d.project.Key)})
	}
	name, id, _ := reference(e.Fields["issuetype"], "name", "id")
	kind, ok := d.project.issueType(func(t IssueType) bool { return t.ID == id || id == "" && t.Name == name })
	if !ok {
		return d, refuseFields(map[string]string{"issuetype": j.words("valid issue type is required", "Specify a valid issue type")})
	}
	d.kind = kind
	if complaint := j.placeUnder(&d, e.Fields["parent"]); complaint != "" {
		return d, refuseFields(map[string]string{"parent": complaint})
	}
	return d, nil
}

func (j *Jira) projectOf(value any, complaints map[string]string) *project {
	key, id, ok := reference(value, "key", "id")
	p := j.project(key)
	if p == nil {
		p = j.project(id)
	}
	switch {
	case !ok:
		complaints["project"] = "project is required"
	case p == nil:
		complaints["project"] = j.words("valid project is required", "Specify a valid project ID or key")
	}
	return p
}

// placeUnder makes the document a child of its parent.
func (j *Jira) placeUnder(d *document, value any) string {
	key, id, given := reference(value, "key", "id")
	parent := j.issue(key)
	if parent == nil {
		parent = j.issue(id)
	}
	switch {
	case !given && d.kind.Subtask:
		return "Issue type is a sub-task but parent issue key or id not specified."
	case !given:
		return ""
	case parent == nil:
		return "Could not find issue by id or key."
	case !d.kind.Subtask:
		return fmt.Sprintf("Issue type '%s' is not a sub-task but a parent was specified.", d.kind.Name)
	case parent.kind.Subtask:
		return fmt.Sprintf("Given parent issue '%s' is itself a sub-task.", parent.key)
	case parent.project != d.project:
		return "Sub-tasks must be created in the same project as the parent."
	}
	d.parent = parent.id
	return ""
}

// words gives Data Center's words, or Cloud's.
func (j *Jira) words(dataCenter, cloud string) string {
	if j.cloud() {
		return cloud
	}
	return dataCenter
}

func (j *Jira) usualPriority() string {
	if len(j.priorities) == 0 {
		return ""
	}
	return j.priorities[len(j.priorities)/2].Name
}

// missing complains of required fields that are empty.
func (j *Jira) missing(d *document, complaints map[string]string) {
	for _, f := range j.fields {
		if _, told := complaints[f.ID]; told || !f.Required || f.OffScreen || !j.empty(d, f) {
			continue
		}
		complaints[f.ID] = f.Name + " is required."
		if f.ID == "summary" {
			complaints[f.ID] = "You must specify a summary of the issue."
		}
	}
}

func (j *Jira) empty(d *document, f Field) bool {
	switch f.ID {
	case "summary":
		return d.summary == ""
	case "description":
		return d.description == ""
	case "priority":
		return d.priority == ""
	case "labels":
		return len(d.labels) == 0
	case "components":
		return len(d.components) == 0
	case "assignee":
		return d.assignee == ""
	}
	return f.custom() && d.custom[f.ID] == nil
}
