package contract

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"tebiki/adapters/tracker/jira/jiratest"
)

// A listener keeps what a test is told.
type listener struct {
	testing.TB
	told []string
}

func (l *listener) Helper() {}
func (l *listener) Errorf(format string, a ...any) {
	l.told = append(l.told, fmt.Sprintf(format, a...))
}

// answering is a Jira that always says the same.
type answering struct {
	status int
	kind   string
	body   string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {a.kind}}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// What the documents do not foresee is told, and nothing else.
func TestTransportTells(t *testing.T) {
	const dc, cloud = jiratest.DataCenter, jiratest.Cloud
	asJSON := func(status int, body string) answering { return answering{status, "application/json", body} }
	tests := map[string]struct {
		kind       jiratest.Kind
		call, body string
		answer     answering
		want       string // "": nothing is told
	}{
		"good":               {dc, "GET issue/OPS-1?fields=summary", "", asJSON(200, `{"key":"OPS-1"}`), ""},
		"unknown path":       {dc, "GET isue/OPS-1", "", asJSON(200, `{}`), "does not know GET"},
		"other kind's path":  {dc, "GET search/jql?jql=x", "", asJSON(404, `{}`), "does not know GET"},
		"unknown parameter":  {dc, "GET issue/OPS-1?field=summary", "", asJSON(200, `{}`), "does not know the parameter field"},
		"cloud's parameter":  {dc, "GET user/search?query=x", "", asJSON(200, `[]`), "does not know the parameter query"},
		"wrong type":         {dc, "POST search", `{"jql":7}`, asJSON(200, `{}`), "does not take POST"},
		"wrong answer":       {dc, "GET issue/OPS-1", "", asJSON(200, `{"key":7}`), "does not answer GET"},
		"no list":            {dc, "GET project/OPS/components", "", asJSON(200, `{"id":"1"}`), "does not answer GET"},
		"wrong status":       {dc, "DELETE issue/OPS-1", "", asJSON(202, ``), "with 202"},
		"time":               {cloud, "GET serverInfo", "", asJSON(200, `{"serverTime":"2026-04-07T03:00:00Z"}`), "does not answer GET"},
		"more than is known": {cloud, "GET myself", "", asJSON(200, `{"username":"x"}`), "does not answer GET"},
		"search":             {cloud, "POST search/jql", `{"jql":"x","maxResults":1}`, asJSON(200, `{"issues":[{"id":"1"}],"isLast":true}`), ""},
		"search's total":     {cloud, "POST search/jql", `{"jql":"x"}`, asJSON(200, `{"issues":[],"total":1}`), "does not answer POST"},
		"search's start":     {cloud, "POST search/jql", `{"jql":"x","startAt":1}`, asJSON(200, `{"issues":[]}`), "does not take POST"},
		"refusal":            {cloud, "POST issue", `{"fields":{}}`, asJSON(400, `{"errorMessages":[],"errors":{"summary":"no"}}`), ""},
		"odd refusal":        {cloud, "POST issue", `{"fields":{}}`, asJSON(400, `{"error":"no"}`), "does not answer POST"},
		"a proxy's page":     {cloud, "GET myself", "", answering{502, "text/html", "<html>"}, ""},
	}
	for name, tt := range tests {
		l := &listener{TB: t}
		client := &http.Client{Transport: Transport(l, tt.kind, tt.answer)}
		method, path, _ := strings.Cut(tt.call, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, "http://jira.test/rest/api/2/"+path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if tt.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || string(body) != tt.answer.body {
			t.Errorf("%s: the answer became %s, %v", name, body, err)
		}
		_ = answer.Body.Close() // it is in memory
		if got := strings.Join(l.told, "\n"); (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: told %q, want %q", name, got, tt.want)
		}
	}
}
