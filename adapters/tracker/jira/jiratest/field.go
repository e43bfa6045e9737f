package jiratest

import (
	"slices"
	"strings"
)

// A FieldType is what a custom field holds.
type FieldType string

// The types, by what their schema says.
const (
	TextField   FieldType = "textfield"   // one line of at most 255 characters
	TextArea    FieldType = "textarea"    // many
	NumberField FieldType = "float"       //
	SelectField FieldType = "select"      // one of Options
	MultiSelect FieldType = "multiselect" // some of Options
	UserField   FieldType = "userpicker"  //
	LabelsField FieldType = "labels"      //
)

// A Field is a custom one, or a change to a system field of the same ID.
type Field struct {
	ID        string // "customfield_10100"
	Name      string
	Type      FieldType
	Options   []string
	Required  bool // on creation
	OffScreen bool // cannot be set
}

func (f Field) custom() bool { return strings.HasPrefix(f.ID, "customfield_") }

// systemFields are those that an issue can be created with.
func systemFields() []Field {
	return []Field{
		{ID: "project", Name: "Project", Required: true}, {ID: "issuetype", Name: "Issue Type", Required: true},
		{ID: "summary", Name: "Summary", Required: true}, {ID: "description", Name: "Description"},
		{ID: "priority", Name: "Priority"}, {ID: "labels", Name: "Labels"}, {ID: "components", Name: "Component/s"},
		{ID: "assignee", Name: "Assignee"}, {ID: "reporter", Name: "Reporter"}, {ID: "parent", Name: "Parent"},
	}
}

func (j *Jira) setField(f Field) {
	i := slices.IndexFunc(j.fields, func(known Field) bool { return known.ID == f.ID })
	if i < 0 {
		j.fields = append(j.fields, f)
		return
	}
	if f.Name == "" {
		f.Name = j.fields[i].Name
	}
	j.fields[i] = f
}

func (j *Jira) field(id string) (Field, bool) {
	i := slices.IndexFunc(j.fields, func(f Field) bool { return f.ID == id })
	if i < 0 {
		return Field{}, false
	}
	return j.fields[i], true
}

// onScreen tells whether Me can set a field when an issue of a type is made.
func (j *Jira) onScreen(f Field, t IssueType) bool {
	switch {
	case f.OffScreen:
		return false
	case f.ID == "parent":
		return t.Subtask || j.cloud()
	case f.ID == "reporter":
		return j.may("MODIFY_REPORTER")
	case f.ID == "assignee":
		return j.may("ASSIGN_ISSUES")
	}
	return true
}

func (j *Jira) required(f Field, t IssueType) bool {
	return f.Required || f.ID == "parent" && t.Subtask
}

// schema says what a field holds, as Jira does.
func (f Field) schema() obj {
	if !f.custom() {
		return systemSchema(f.ID)
	}
	kinds := map[FieldType]obj{
		TextField: {"type": "string"}, TextArea: {"type": "string"}, NumberField: {"type": "number"}, SelectField: {"type": "option"},
		MultiSelect: {"type": "array", "items": "option"}, UserField: {"type": "user"}, LabelsField: {"type": "array", "items": "string"},
	}
	s := kinds[f.Type]
	if s == nil {
		s = obj{"type": "string"}
	}
	s["custom"] = "com.atlassian.jira.plugin.system.customfieldtypes:" + string(f.Type)
	return s
}

func systemSchema(id string) obj {
	s := obj{"type": "string", "system": id}
	switch id {
	case "project", "issuetype", "priority", "status", "resolution":
		s["type"] = id
	case "assignee", "reporter", "creator":
		s["type"] = "user"
	case "parent":
		s["type"] = "issuelink"
	case "created", "updated":
		s["type"] = "datetime"
	case "labels":
		s["type"], s["items"] = "array", "string"
	case "components":
		s["type"], s["items"] = "array", "component"
	}
	return s
}

func (j *Jira) getFields(*call) (int, any, error) {
	all := []any{}
	known := append(slices.Clone(j.fields), Field{ID: "status", Name: "Status"}, Field{ID: "resolution", Name: "Resolution"},
		Field{ID: "created", Name: "Created"}, Field{ID: "updated", Name: "Updated"}, Field{ID: "creator", Name: "Creator"})
	for _, f := range known {
		o := obj{"id": f.ID, "name": f.Name, "custom": f.custom(), "orderable": true, "navigable": true, "searchable": true, "clauseNames": []string{f.ID}, "schema": f.schema()}
		if j.cloud() {
			o["key"] = f.ID
		}
		all = append(all, o)
	}
	return 200, all, nil
}
