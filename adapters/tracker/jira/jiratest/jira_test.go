package jiratest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A caller talks to an instance with Me's credentials.
type caller struct {
	t    *testing.T
	jira *Jira
	http *http.Client
}

func newCaller(t *testing.T, kind Kind, options ...Option) caller {
	t.Helper()
	j := New(t, kind, append([]Option{WithoutNetwork()}, options...)...)
	return caller{t, j, j.HTTPClient()}
}

func bothKinds(t *testing.T, test func(*testing.T, Kind)) {
	for _, kind := range []Kind{DataCenter, Cloud} {
		t.Run(string(kind), func(t *testing.T) { test(t, kind) })
	}
}

func (c caller) request(method, path, body string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.jira.URL()+prefix+"/"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	c.jira.Authorize(r)
	return r
}

func (c caller) call(method, path, body string) (int, obj) {
	c.t.Helper()
	answer, err := c.http.Do(c.request(method, path, body))
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var v any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &v); err != nil {
			c.t.Fatalf("%s %s answered %s", method, path, raw)
		}
	}
	if list, ok := v.([]any); ok {
		return answer.StatusCode, obj{"list": list}
	}
	o, _ := v.(obj)
	return answer.StatusCode, o
}

// want makes a request that must be answered with a status.
func (c caller) want(status int, method, path, body string) obj {
	c.t.Helper()
	got, o := c.call(method, path, body)
	if got != status {
		c.t.Fatalf("%s %s answered %d %s, want %d", method, path, got, text(o), status)
	}
	return o
}

func TestCreatedIssueIsSeen(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind)
		made := c.want(201, "POST", "issue", `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Task"},"summary":"disk full","components":[{"name":"dns"}],"labels":["b","a"]}}`)
		if made["key"] != "OPS-1" {
			t.Errorf("the key is %v", made["key"])
		}
		got := c.jira.Issue("OPS-1")
		if got.Summary != "disk full" || got.Labels[0] != "a" || got.Components[0] != "dns" || got.Priority != "Medium" {
			t.Errorf("the issue is %+v", got)
		}
		fields := c.want(200, "GET", "issue/OPS-1?fields=summary,status", "")["fields"].(obj)
		if len(fields) != 2 || fields["summary"] != "disk full" {
			t.Errorf("the fields are %v", fields)
		}
	})
}
