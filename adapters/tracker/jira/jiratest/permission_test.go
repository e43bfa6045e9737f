package jiratest

import (
	"net/http"
	"testing"
)

// What Me may not do is refused, in each kind's way.
func TestPermissions(t *testing.T) {
	const issue = `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Task"},"summary":"x"}}`
	tests := []struct {
		permission, method, path, body string
		dataCenter, cloud              int
	}{
		{"CREATE_ISSUES", "POST", "issue", issue, 400, 403},
		{"EDIT_ISSUES", "PUT", "issue/OPS-1", `{"fields":{"summary":"y"}}`, 403, 400},
		{"EDIT_ISSUES", "PUT", "issue/OPS-1/properties/k", `1`, 403, 403},
		{"ASSIGN_ISSUES", "PUT", "issue/OPS-1/assignee", `{}`, 401, 403},
		{"TRANSITION_ISSUES", "POST", "issue/OPS-1/transitions", `{"transition":{"id":"4"}}`, 400, 400},
		{"ADD_COMMENTS", "POST", "issue/OPS-1/comment", `{"body":"x"}`, 400, 403},
		{"LINK_ISSUES", "POST", "issueLink", `{"type":{"name":"Blocks"},"inwardIssue":{"key":"OPS-1"},"outwardIssue":{"key":"OPS-2"}}`, 401, 404},
		{"LINK_ISSUES", "POST", "issue/OPS-1/remotelink", `{"object":{"url":"https://kb.example.com","title":"t"}}`, 403, 403},
		{"DELETE_ISSUES", "DELETE", "issue/OPS-1", ``, 403, 403},
		{"BROWSE_PROJECTS", "GET", "issue/OPS-1", ``, 403, 404},
		{"BROWSE_PROJECTS", "GET", "project/OPS", ``, 404, 404},
	}
	bothKinds(t, func(t *testing.T, kind Kind) {
		for _, tt := range tests {
			c := filled(t, kind, 2)
			c.jira.Forbid(tt.permission)
			want := map[Kind]int{DataCenter: tt.dataCenter, Cloud: tt.cloud}[kind]
			o := c.want(want, tt.method, tt.path, tt.body)
			if len(o["errorMessages"].([]any))+len(o["errors"].(obj)) == 0 {
				t.Errorf("%s without %s gives no reason", tt.path, tt.permission)
			}
			if tt.permission != "BROWSE_PROJECTS" {
				asked := c.want(200, "GET", "mypermissions?projectKey=OPS"+map[Kind]string{Cloud: "&permissions=" + tt.permission}[kind], "")
				if asked["permissions"].(obj)[tt.permission].(obj)["havePermission"] != false {
					t.Errorf("mypermissions says %v", asked)
				}
			}
			c.jira.Permit(tt.permission)
			c.want(200, "GET", "issue/OPS-1", "")
			if n := len(c.jira.Issues()); n != 2 {
				t.Errorf("without %s there are %d issues, want 2", tt.permission, n)
			}
		}
	})
}

func TestCredentials(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind)
		for name, set := range map[string]func(*http.Request){
			"wrong token": func(r *http.Request) { r.Header.Set("Authorization", "Bearer wrong") },
			"wrong mail":  func(r *http.Request) { r.SetBasicAuth("tanaka@example.com", Token) },
			"other kind's": func(r *http.Request) {
				if kind == Cloud {
					r.Header.Set("Authorization", "Bearer "+Token)
				} else {
					r.SetBasicAuth("tebiki@example.com", Token)
				}
			},
		} {
			for _, path := range []string{"myself", "serverInfo"} {
				r := c.request("GET", path, "")
				set(r)
				if got := c.status(r); got != 401 {
					t.Errorf("%s: %s is answered %d", name, path, got)
				}
			}
		}
		for path, want := range map[string]int{"serverInfo": 200, "myself": 401, "nowhere": 404} {
			r := c.request("GET", path, "")
			r.Header.Del("Authorization")
			if got := c.status(r); got != want {
				t.Errorf("without credentials %s is answered %d, want %d", path, got, want)
			}
		}
		c.want(405, "DELETE", "myself", "")
		c.jira.Revoke()
		c.want(401, "GET", "myself", "")
	})
}

func (c caller) status(r *http.Request) int {
	c.t.Helper()
	answer, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = answer.Body.Close() // it is in memory
	return answer.StatusCode
}
