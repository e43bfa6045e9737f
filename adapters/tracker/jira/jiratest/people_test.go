package jiratest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMovedIssueKeepsItsOldKey(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := newCaller(t, kind, WithProjects(Project{Key: "OPS", Components: []string{"dns", "web"}}, Project{Key: "NET", Components: []string{"web"}}))
		parent := c.jira.Create("", Values{"summary": "one", "components": []any{obj{"name": "dns"}, obj{"name": "web"}}})
		child := c.jira.Create("", Values{"summary": "two", "parent": obj{"key": parent}})
		if moved := c.jira.Move("sato", parent, "NET"); moved != "NET-1" {
			t.Errorf("it moved to %s", moved)
		}
		if got := c.want(200, "GET", "issue/OPS-1?fields=project", ""); got["key"] != "NET-1" {
			t.Errorf("the old key leads to %v", got["key"])
		}
		if got := c.find("key in (OPS-1, " + child + ") order by key"); got != "NET-1 NET-2" {
			t.Errorf("the old keys find %s", got)
		}
		if got := c.jira.Issue("NET-1"); !cmp.Equal(got.Components, []string{"web"}) || !cmp.Equal(got.Subtasks, []string{"NET-2"}) {
			t.Errorf("the issue is %+v", got)
		}
		if next := c.jira.Create("", Values{"summary": "three"}); next != "OPS-3" {
			t.Errorf("the next key is %s", next) // numbers are not used twice
		}
	})
}

func TestUsersAreFound(t *testing.T) {
	people := WithUsers(User{Name: "tanaka", AccountID: "acc:t", DisplayName: "Tanaka Hanako"}, User{Name: "hidden", AccountID: "acc:h", DisplayName: "Mori", HideEmail: true},
		User{Name: "gone", AccountID: "acc:g", DisplayName: "Tanaka Jiro", Inactive: true}, User{Name: "guest", AccountID: "acc:u", DisplayName: "Tanabe", Unassignable: true})
	tests := []struct {
		kind Kind
		path string
		want string
	}{
		{DataCenter, "user/search?username=tana", "[tanaka guest]"},
		{DataCenter, "user/search?username=tana&includeInactive=true", "[tanaka gone guest]"},
		{DataCenter, "user/search?username=hidden@example.com", "[hidden]"},
		{DataCenter, "user/search?username=.&maxResults=1&startAt=1", "[tanaka]"},
		{DataCenter, "user/search?username=a%2Bb%26c", "[]"},
		{DataCenter, "user/assignable/search?project=OPS&username=tana", "[tanaka]"},
		{Cloud, "user/search?query=hanako", "[acc:t]"},
		{Cloud, "user/search?query=tanaka@example.com", "[acc:t]"},
		{Cloud, "user/search?query=hidden@example.com", "[]"},
		{Cloud, "user/assignable/search?project=OPS&query=ta", "[acc:t]"},
	}
	for _, tt := range tests {
		c := newCaller(t, tt.kind, people)
		got := []any{}
		for _, u := range c.want(200, "GET", tt.path, "")["list"].([]any) {
			got = append(got, u.(obj)[map[Kind]string{DataCenter: "name", Cloud: "accountId"}[tt.kind]])
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("%s finds %v, want %s", tt.path, got, tt.want)
		}
	}
	newCaller(t, DataCenter, people).want(400, "GET", "user/search?query=tana", "")
	newCaller(t, Cloud, people).want(400, "GET", "user/search?username=tana", "")
}

func TestAssignees(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := filled(t, kind, 1)
		key := map[Kind]string{DataCenter: "name", Cloud: "accountId"}[kind]
		body := func(who any) string { return text(obj{key: who}) }
		tanaka := c.jira.AccountID("tanaka")
		c.want(204, "PUT", "issue/OPS-1/assignee", body(tanaka))
		c.want(400, "PUT", "issue/OPS-1/assignee", body("nobody"))
		if got := c.jira.Issue("OPS-1").Assignee; got != tanaka {
			t.Errorf("the assignee is %s", got)
		}
		c.jira.Rename("tanaka", "yamada")
		want := map[Kind]string{DataCenter: "yamada", Cloud: tanaka}[kind]
		if got := c.jira.Issue("OPS-1").Assignee; got != want {
			t.Errorf("renamed the assignee is %s, want %s", got, want)
		}
		c.want(204, "PUT", "issue/OPS-1/assignee", body(nil))
		if got := c.jira.Issue("OPS-1").Assignee; got != "" {
			t.Errorf("the assignee is %s, want nobody", got)
		}
		c.jira.Deactivate("sato")
		refused := c.want(400, "PUT", "issue/OPS-1/assignee", body(c.jira.AccountID("sato")))
		if diff := cmp.Diff(obj{"assignee": fmt.Sprintf("User '%s' cannot be assigned issues.", c.jira.AccountID("sato"))}, refused["errors"]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLinksAndProperties(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := filled(t, kind, 2)
		for range 2 {
			c.want(201, "POST", "issueLink", `{"type":{"name":"Blocks"},"inwardIssue":{"key":"OPS-1"},"outwardIssue":{"key":"OPS-2"}}`)
		}
		got := [][]Link{c.jira.Issue("OPS-1").Links, c.jira.Issue("OPS-2").Links}
		if diff := cmp.Diff([][]Link{{{"Blocks", "blocks", "OPS-2"}}, {{"Blocks", "is blocked by", "OPS-1"}}}, got); diff != "" {
			t.Error(diff)
		}
		c.want(404, "POST", "issueLink", `{"type":{"name":"Odd"},"inwardIssue":{"key":"OPS-1"},"outwardIssue":{"key":"OPS-2"}}`)
		c.want(404, "POST", "issueLink", `{"type":{"name":"Blocks"},"inwardIssue":{"key":"OPS-1"},"outwardIssue":{"key":"OPS-9"}}`)
		link := `{"globalId":"k","object":{"url":"https://kb.example.com/%s","title":"t"}}`
		c.want(201, "POST", "issue/OPS-1/remotelink", fmt.Sprintf(link, "1"))
		c.want(200, "POST", "issue/OPS-1/remotelink", fmt.Sprintf(link, "2"))
		c.want(400, "POST", "issue/OPS-1/remotelink", `{"object":{"url":"nonsense","title":"t"}}`)
		if remote := c.jira.Issue("OPS-1").Remote; len(remote) != 1 || remote[0].URL != "https://kb.example.com/2" {
			t.Errorf("the remote links are %+v", remote)
		}
		c.want(400, "PUT", "issue/OPS-1/properties/k", `{`)
		c.want(201, "PUT", "issue/OPS-1/properties/k", `{"a":"日本"}`)
		if got := c.want(200, "GET", "issue/OPS-1/properties/k", "")["value"]; !cmp.Equal(got, any(obj{"a": "日本"})) {
			t.Errorf("the property is %v", got)
		}
	})
}

func TestCommentsInPages(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := filled(t, kind, 1)
		for i := range 3 {
			c.jira.Comment("sato", "OPS-1", fmt.Sprint("note ", i))
		}
		o := c.want(200, "GET", "issue/OPS-1/comment?orderBy=-created&maxResults=2&startAt=0", "")
		first := o["comments"].([]any)[0].(obj)
		if o["total"] != 3.0 || len(o["comments"].([]any)) != 2 || first["body"] != "note 2" {
			t.Errorf("the page is %v", o)
		}
		c.want(400, "POST", "issue/OPS-1/comment", `{"body":"  "}`)
		c.want(400, "GET", "issue/OPS-1/comment?orderBy=body", "")
	})
}

func TestArchivedProject(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := filled(t, kind, 1, WithProjects(Project{Key: "OPS"}, Project{Key: "NET"}))
		c.jira.Archive("OPS")
		seen, changed := 200, 400
		if kind == Cloud {
			seen, changed = 404, 404
		}
		c.want(seen, "GET", "issue/OPS-1", "")
		c.want(changed, "POST", "issue/OPS-1/comment", `{"body":"x"}`)
		c.want(400, "POST", "issue", `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Task"},"summary":"x"}}`)
		if got := c.find("project = OPS"); got != "400 [The value 'OPS' does not exist for the field 'project'.]" {
			t.Errorf("a search gives %s", got)
		}
	})
}

func TestRenamedComponent(t *testing.T) {
	c := newCaller(t, DataCenter)
	c.jira.Create("", Values{"summary": "one", "components": []any{obj{"name": "dns"}}})
	c.jira.RenameComponent("OPS", "dns", "names")
	if got := c.jira.Issue("OPS-1").Components; !cmp.Equal(got, []string{"names"}) {
		t.Errorf("the components are %v", got)
	}
	c.jira.RenameComponent("OPS", "names", "")
	if got := c.jira.Issue("OPS-1").Components; got != nil {
		t.Errorf("the components are %v", got)
	}
}
