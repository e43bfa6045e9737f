package jiratest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/adapters/tracker/jira/jiratest/contract"
)

// A step of the walk: "POST issue", the status that it is answered with, and
// a body; "" is for both kinds.
type step struct {
	kind   jiratest.Kind
	call   string
	status int
	body   string
}

// walk goes to every endpoint, and to most of their refusals.
func walk() []step {
	const dc, cloud = jiratest.DataCenter, jiratest.Cloud
	return []step{
		{"", "GET serverInfo", 200, ""},
		{"", "GET myself", 200, ""},
		{dc, "GET mypermissions?projectKey=OPS", 200, ""},
		{cloud, "GET mypermissions?projectKey=OPS&permissions=CREATE_ISSUES,LINK_ISSUES", 200, ""},
		{cloud, "GET mypermissions", 400, ""},
		{"", "GET mypermissions?projectKey=NO&permissions=CREATE_ISSUES", 404, ""},
		{"", "GET field", 200, ""},
		{"", "GET status", 200, ""},
		{"", "GET priority", 200, ""},
		{"", "GET issueLinkType", 200, ""},
		{"", "GET project/OPS", 200, ""},
		{"", "GET project/NO", 404, ""},
		{"", "GET project/OPS/statuses", 200, ""},
		{"", "GET project/OPS/components", 200, ""},
		{"", "GET issue/createmeta/OPS/issuetypes?startAt=0&maxResults=1", 200, ""},
		{"", "GET issue/createmeta/OPS/issuetypes/10000", 200, ""},
		{"", "GET issue/createmeta/NO/issuetypes", 400, ""},
		{"", "POST issue", 201, `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Task"},"summary":"disk full","description":"h3. web01","components":[{"name":"dns"}],"labels":["tebiki-1"],"priority":{"name":"High"},"customfield_10100":"web01","customfield_10101":{"value":"tyo"}},"properties":[{"key":"tebiki","value":"1"}]}`},
		{"", "POST issue", 201, `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Sub-task"},"summary":"look","parent":{"key":"OPS-1"}}}`},
		{"", "POST issue", 400, `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Task"},"components":[{"name":"no"}]}}`},
		{"", "GET issue/OPS-1", 200, ""},
		{"", "GET issue/OPS-99", 404, ""},
		{"", "PUT issue/OPS-1", 204, `{"fields":{"summary":"disk nearly full"},"update":{"labels":[{"add":"x"}]}}`},
		{"", "PUT issue/OPS-1", 400, `{"fields":{"priority":{"name":"Odd"}}}`},
		{dc, "PUT issue/OPS-1/assignee", 204, `{"name":"tanaka"}`},
		{cloud, "PUT issue/OPS-1/assignee", 204, `{"accountId":"557058:10001"}`},
		{cloud, "PUT issue/OPS-1/assignee", 400, `{"name":"tanaka"}`},
		{"", "POST issue/OPS-1/comment", 201, `{"body":"seen","properties":[{"key":"tebiki","value":"c1"}]}`},
		{"", "GET issue/OPS-1/comment?startAt=0&maxResults=10&orderBy=-created&expand=properties", 200, ""},
		{"", "PUT issue/OPS-1/properties/tebiki.x", 201, `{"a":[1]}`},
		{"", "PUT issue/OPS-1/properties/tebiki.x", 200, `"plain"`},
		{"", "GET issue/OPS-1/properties/tebiki.x", 200, ""},
		{"", "GET issue/OPS-1/properties/none", 404, ""},
		{"", "GET issue/OPS-1/transitions?expand=transitions.fields", 200, ""},
		{dc, "POST issue/OPS-1/transitions", 204, `{"transition":{"id":"5"},"fields":{"resolution":{"name":"Fixed"}},"update":{"comment":[{"add":{"body":"done"}}]}}`},
		{cloud, "POST issue/OPS-1/transitions", 204, `{"transition":{"id":"31"}}`},
		{"", "POST issue/OPS-1/transitions", 400, `{"transition":{"id":"999"}}`},
		{"", "POST issue/OPS-1/remotelink", 201, `{"globalId":"tebiki:1","object":{"url":"https://kb.example.com/dns","title":"dns"}}`},
		{"", "POST issue/OPS-1/remotelink", 200, `{"globalId":"tebiki:1","relationship":"know-how","object":{"url":"https://kb.example.com/dns","title":"DNS"}}`},
		{"", "GET issue/OPS-1/remotelink", 200, ""},
		{"", "POST issue", 201, `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Bug"},"summary":"other"}}`},
		{"", "POST issueLink", 201, `{"type":{"name":"Relates"},"inwardIssue":{"key":"OPS-3"},"outwardIssue":{"key":"OPS-1"}}`},
		{dc, "POST search", 200, `{"jql":"project = OPS ORDER BY updated","startAt":0,"maxResults":2,"fields":["*all"],"expand":["changelog"]}`},
		{dc, "GET search?jql=project+%3D+OPS&fields=summary,status&maxResults=1", 200, ""},
		{dc, "GET search?jql=nonsense", 400, ""},
		{cloud, "POST search", 410, `{"jql":"project = OPS"}`},
		{cloud, "POST search/jql", 200, `{"jql":"project = OPS ORDER BY updated","maxResults":2,"fields":["*all"],"expand":"changelog","reconcileIssues":[10000]}`},
		{cloud, "GET search/jql?jql=project+%3D+OPS", 200, ""},
		{cloud, "POST search/jql", 400, `{"jql":"order by key"}`},
		{"", "GET issue/OPS-1?fields=*all&expand=changelog&properties=tebiki", 200, ""},
		{dc, "GET user/search?username=tana", 200, ""},
		{cloud, "GET user/search?query=tana", 200, ""},
		{dc, "GET user/assignable/search?project=OPS&username=tana", 200, ""},
		{cloud, "GET user/assignable/search?project=OPS&query=tana", 200, ""},
		{"", "DELETE issue/OPS-1", 400, ""},
		{"", "DELETE issue/OPS-1?deleteSubtasks=true", 204, ""},
	}
}

// Every endpoint takes and answers what Atlassian's documents say.
func TestKeepsAtlassiansContract(t *testing.T) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		t.Run(string(kind), func(t *testing.T) {
			j := jiratest.New(t, kind, jiratest.WithoutNetwork(), jiratest.WithFields(
				jiratest.Field{ID: "customfield_10100", Name: "Host", Type: jiratest.TextField},
				jiratest.Field{ID: "customfield_10101", Name: "Site", Type: jiratest.SelectField, Options: []string{"tyo", "osa"}},
			))
			client := &http.Client{Transport: contract.Transport(t, kind, j.Transport())}
			for _, s := range walk() {
				if s.kind == "" || s.kind == kind {
					s.take(t, j, client)
				}
			}
		})
	}
}

func (s step) take(t *testing.T, j *jiratest.Jira, client *http.Client) {
	t.Helper()
	method, path, _ := strings.Cut(s.call, " ")
	if j.Kind() == jiratest.DataCenter && strings.HasPrefix(path, "mypermissions") {
		path, _, _ = strings.Cut(path, "&permissions")
	}
	r, err := http.NewRequestWithContext(t.Context(), method, j.URL()+"/rest/api/2/"+path, strings.NewReader(s.body))
	if err != nil {
		t.Fatal(err)
	}
	if s.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	j.Authorize(r)
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != s.status {
		t.Errorf("%s was answered %s, want %d", s.call, fmt.Sprint(answer.StatusCode, " ", string(body)), s.status)
	}
}
