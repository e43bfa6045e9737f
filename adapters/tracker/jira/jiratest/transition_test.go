package jiratest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (c caller) transitions(key string) (names []string) {
	for _, tr := range c.want(200, "GET", "issue/"+key+"/transitions?expand=transitions.fields", "")["transitions"].([]any) {
		names = append(names, tr.(obj)["name"].(string))
	}
	return names
}

func TestClassicWorkflow(t *testing.T) {
	c := filled(t, DataCenter, 1)
	if diff := cmp.Diff([]string{"Start Progress", "Resolve Issue", "Close Issue"}, c.transitions("OPS-1")); diff != "" {
		t.Error(diff)
	}
	refused := c.want(400, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"5"}}`)
	if diff := cmp.Diff(obj{"resolution": "Resolution is required."}, refused["errors"]); diff != "" {
		t.Error(diff)
	}
	c.want(400, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"4"},"fields":{"resolution":{"name":"Fixed"}}}`)
	c.want(204, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"5"},"fields":{"resolution":{"name":"Fixed"}},"update":{"comment":[{"add":{"body":"done"}}]}}`)
	if got := c.jira.Issue("OPS-1"); got.Status != "Resolved" || got.Resolution != "Fixed" || got.Comments[0].Body != "done" {
		t.Errorf("the issue is %+v", got)
	}
	c.want(400, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"4"}}`)
	c.want(204, "POST", "issue/OPS-1/transitions", `{"transition":{"id":3}}`)
	if got := c.jira.Issue("OPS-1"); got.Status != "Reopened" || got.Resolution != "" {
		t.Errorf("the issue is %s, %q", got.Status, got.Resolution)
	}
	c.jira.Forbid("TRANSITION_ISSUES")
	if got := c.transitions("OPS-1"); got != nil {
		t.Errorf("without permission there are %v", got)
	}
}

func TestSimplifiedWorkflow(t *testing.T) {
	c := filled(t, Cloud, 1)
	if diff := cmp.Diff([]string{"To Do", "In Progress", "Done"}, c.transitions("OPS-1")); diff != "" {
		t.Error(diff)
	}
	c.want(204, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"31"}}`)
	if got := c.jira.Issue("OPS-1"); got.Status != "Done" || got.Resolution != "Done" {
		t.Errorf("the issue is %s, %q", got.Status, got.Resolution)
	}
	c.want(204, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"11"}}`)
	if got := c.jira.Issue("OPS-1"); got.Resolution != "" {
		t.Errorf("reopened it has the resolution %q", got.Resolution)
	}
	c.want(400, "POST", "issue/OPS-1/transitions", `{}`)
}

// A transition may demand what a project's people have put on its screen.
func TestTransitionDemandsAField(t *testing.T) {
	w := Simplified()
	w.Transitions[2].Required = []string{"customfield_1"}
	c := filled(t, Cloud, 1, WithProjects(Project{Key: "OPS", Workflow: w}), WithFields(Field{ID: "customfield_1", Name: "Cause", Type: TextField}))
	refused := c.want(400, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"31"}}`)
	if diff := cmp.Diff(obj{"customfield_1": "Cause is required."}, refused["errors"]); diff != "" {
		t.Error(diff)
	}
	c.want(204, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"31"},"fields":{"customfield_1":"a cable"}}`)
	c.want(204, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"11"}}`)
	c.want(204, "POST", "issue/OPS-1/transitions", `{"transition":{"id":"31"}}`) // it is set already
	fields := c.want(200, "GET", "issue/OPS-1/transitions?expand=transitions.fields&transitionId=31", "")["transitions"].([]any)[0].(obj)["fields"].(obj)
	if fields["customfield_1"].(obj)["required"] != true {
		t.Errorf("the screen is %v", fields)
	}
}

func TestProjectStatuses(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind)
		var got []string
		for _, s := range c.want(200, "GET", "project/OPS/statuses", "")["list"].([]any)[0].(obj)["statuses"].([]any) {
			got = append(got, s.(obj)["name"].(string))
		}
		want := map[Kind][]string{DataCenter: {"Open", "In Progress", "Reopened", "Resolved", "Closed"}, Cloud: {"To Do", "In Progress", "Done"}}[kind]
		if !slices.Equal(got, want) {
			t.Errorf("the statuses are %v, want %v", got, want)
		}
	})
}
