package jiratest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func demanding() Option {
	return WithFields(
		Field{ID: "customfield_1", Name: "Host", Type: TextField, Required: true},
		Field{ID: "customfield_2", Name: "Site", Type: SelectField, Options: []string{"tyo"}},
		Field{ID: "customfield_3", Name: "Hidden", Type: TextField, OffScreen: true},
		Field{ID: "customfield_4", Name: "Count", Type: NumberField},
	)
}

// What cannot be is refused by field, all at once.
func TestCreationIsRefused(t *testing.T) {
	const place = `"project":{"key":"OPS"},"issuetype":{"name":"Task"},"customfield_1":"web01"`
	tests := map[string]struct {
		fields string
		want   map[string]any
	}{
		"no project":      {`"summary":"x"`, obj{"project": "project is required"}},
		"parent missing":  {`"project":{"key":"OPS"},"issuetype":{"name":"Sub-task"},"summary":"x"`, obj{"parent": "Issue type is a sub-task but parent issue key or id not specified."}},
		"parent unknown":  {`"project":{"key":"OPS"},"issuetype":{"name":"Sub-task"},"summary":"x","parent":{"key":"OPS-9"}`, obj{"parent": "Could not find issue by id or key."}},
		"newline":         {place + `,"summary":"a\nb"`, obj{"summary": "The summary is invalid because it contains newline characters."}},
		"long summary":    {place + `,"summary":"` + strings.Repeat("日", 256) + `"`, obj{"summary": "Summary can't exceed 255 characters."}},
		"astral summary":  {place + `,"summary":"` + strings.Repeat("😀", 128) + `"`, obj{"summary": "Summary can't exceed 255 characters."}},
		"no summary":      {place, obj{"summary": "You must specify a summary of the issue."}},
		"long text":       {place + `,"summary":"x","description":"` + strings.Repeat("x", 32768) + `"`, obj{"description": "The entered text is too long. It exceeds the allowed limit of 32,767 characters."}},
		"component":       {place + `,"summary":"x","components":[{"name":"no"}]`, obj{"components": "Component name 'no' is not valid"}},
		"priority":        {place + `,"summary":"x","priority":{"name":"no"}`, obj{"priority": "Priority name 'no' is not valid"}},
		"label":           {place + `,"summary":"x","labels":["a b"]`, obj{"labels": "The label 'a b' contains spaces which is invalid."}},
		"labels":          {place + `,"summary":"x","labels":"a"`, obj{"labels": "data was not an array"}},
		"unknown field":   {place + `,"summary":"x","customfield_9":"x"`, obj{"customfield_9": "Field 'customfield_9' cannot be set. It is not on the appropriate screen, or unknown."}},
		"off the screen":  {place + `,"summary":"x","customfield_3":"x"`, obj{"customfield_3": "Field 'customfield_3' cannot be set. It is not on the appropriate screen, or unknown."}},
		"option":          {place + `,"summary":"x","customfield_2":{"value":"osa"}`, obj{"customfield_2": "Option value 'osa' is not valid"}},
		"number":          {place + `,"summary":"x","customfield_4":"7"`, obj{"customfield_4": "Operation value must be a number"}},
		"required, twice": {`"project":{"key":"OPS"},"issuetype":{"name":"Task"}`, obj{"customfield_1": "Host is required.", "summary": "You must specify a summary of the issue."}},
		"wrong types":     {place + `,"summary":7,"description":{},"priority":[],"components":{}`, obj{"summary": "Operation value must be a string", "description": "Operation value must be a string", "priority": "Could not find valid 'id' or 'name' in priority object.", "components": "data was not an array"}},
	}
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind, demanding())
		for name, tt := range tests {
			got := c.want(400, "POST", "issue", `{"fields":{`+tt.fields+`}}`)
			if diff := cmp.Diff(tt.want, got["errors"]); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		c.want(400, "POST", "issue", `{"fields":`)
		c.want(400, "POST", "issue", ``)
		if all := c.jira.Issues(); len(all) != 0 {
			t.Errorf("there are issues: %+v", all)
		}
	})
}

// A project may have no type for subtasks, or call it as its people do.
func TestSubtaskTypes(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind, WithProjects(
			Project{Key: "JA", Types: []IssueType{{Name: "作業"}, {Name: "サブタスク", Subtask: true}}},
			Project{Key: "NONE", Types: []IssueType{{Name: "Task"}}},
		))
		parent := c.jira.Create("", Values{"summary": "one"})
		child := c.jira.Create("", Values{"summary": "two", "parent": obj{"key": parent}})
		if diff := cmp.Diff([]string{child}, c.jira.Issue(parent).Subtasks); diff != "" {
			t.Error(diff)
		}
		for project, want := range map[string]int{"JA": 1, "NONE": 0} {
			n := 0
			for _, kind := range c.want(200, "GET", "project/"+project, "")["issueTypes"].([]any) {
				if kind.(obj)["subtask"] == true {
					n++
				}
			}
			if n != want {
				t.Errorf("%s has %d types of subtasks, want %d", project, n, want)
			}
		}
		c.want(400, "DELETE", "issue/"+parent, "")
		c.want(204, "DELETE", "issue/"+parent+"?deleteSubtasks=true", "")
		c.want(404, "GET", "issue/"+child, "")
	})
}

func TestCreateMeta(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind, demanding())
		o := c.want(200, "GET", "issue/createmeta/OPS/issuetypes/10000", "")
		list := o[map[Kind]string{DataCenter: "values", Cloud: "fields"}[kind]].([]any)
		required := map[string]bool{}
		for _, f := range list {
			required[f.(obj)["fieldId"].(string)] = f.(obj)["required"].(bool)
		}
		for id, want := range map[string]bool{"summary": true, "description": false, "customfield_1": true, "customfield_2": false} {
			if got, on := required[id]; !on || got != want {
				t.Errorf("%s: on the screen %v, required %v, want %v", id, on, got, want)
			}
		}
		if _, on := required["customfield_3"]; on {
			t.Error("the hidden field is on the screen")
		}
		c.jira.Forbid("CREATE_ISSUES")
		c.want(400, "GET", "issue/createmeta/OPS/issuetypes", "")
	})
}

func TestEditing(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind, WithProjects(Project{Key: "OPS", Components: []string{"dns", "web"}}))
		c.jira.Create("", Values{"summary": "one", "labels": []string{"a", "b"}, "components": []any{obj{"name": "dns"}}})
		c.want(204, "PUT", "issue/OPS-1", `{"fields":{"summary":"two"},"update":{"labels":[{"add":"c"},{"remove":"a"}],"components":[{"set":[{"name":"web"}]}],"comment":[{"add":{"body":"see"}}]}}`)
		got := c.jira.Issue("OPS-1")
		if got.Summary != "two" || !cmp.Equal(got.Labels, []string{"b", "c"}) || !cmp.Equal(got.Components, []string{"web"}) || len(got.Comments) != 1 || len(got.History) != 1 {
			t.Errorf("the issue is %+v", got)
		}
		c.want(204, "PUT", "issue/OPS-1", `{"fields":{"summary":"two"}}`)
		if n := len(c.jira.Issue("OPS-1").History); n != 1 {
			t.Errorf("an edit that changes nothing is in the history: %d", n)
		}
		c.want(400, "PUT", "issue/OPS-1", `{"update":{"summary":[{"add":"x"}]}}`)
		c.want(400, "PUT", "issue/OPS-1", `{"fields":{"summary":"three"},"update":{"comment":[{"add":{"body":" "}}]}}`)
		if got := c.jira.Issue("OPS-1").Summary; got != "two" {
			t.Errorf("what was refused was done: %q", got)
		}
	})
}
