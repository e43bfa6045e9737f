package jiratest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A clock that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// noon in Tokyo, where Me lives.
func noon() *clock { return &clock{time.Date(2026, 4, 7, 3, 0, 30, 0, time.UTC)} }

// queried makes five issues, a minute apart: OPS-1 in dns with labels a and
// b, OPS-2 under it, OPS-3 done, NET-1 of sato's, and one with odd labels.
func queried(t *testing.T, kind Kind) caller {
	at := noon()
	c := newCaller(t, kind, WithNow(at.now), WithProjects(Project{Key: "OPS", Components: []string{"dns"}}, Project{Key: "NET"}, Project{Key: "DO"}))
	make := func(by string, v Values) string {
		key := c.jira.Create(by, v)
		at.at = at.at.Add(time.Minute)
		return key
	}
	make("", Values{"summary": "one", "labels": []string{"a", "b"}, "components": []any{obj{"name": "dns"}}})
	make("", Values{"summary": "two", "parent": obj{"key": "OPS-1"}, "labels": []string{"b"}})
	done := make("", Values{"summary": "three"})
	c.jira.Transition("", done, map[Kind]string{DataCenter: "Closed", Cloud: "Done"}[kind])
	net := make("sato", Values{"summary": "four", "project": obj{"key": "NET"}})
	c.jira.Assign("", net, "sato")
	make("tanaka", Values{"summary": "five", "labels": []string{`say"hi"\`, "日本"}})
	return c
}

// find gives the keys that a query finds, or the status and the complaint.
func (c caller) find(jql string) string {
	c.t.Helper()
	body := text(obj{"jql": jql, "fields": []string{"summary"}})
	path := map[Kind]string{DataCenter: "search", Cloud: "search/jql"}[c.jira.Kind()]
	status, o := c.call("POST", path, body)
	if status != 200 {
		return fmt.Sprint(status, " ", o["errorMessages"])
	}
	var keys []string
	for _, i := range o["issues"].([]any) {
		keys = append(keys, i.(obj)["key"].(string))
	}
	return strings.Join(keys, " ")
}

func TestJQL(t *testing.T) {
	tests := []struct{ jql, want string }{
		{`project = OPS ORDER BY key`, "OPS-1 OPS-2 OPS-3 OPS-4"},
		{`project = ops ORDER BY key DESC`, "OPS-4 OPS-3 OPS-2 OPS-1"},
		{`project in (OPS, "NET") order by created asc, id`, "OPS-1 OPS-2 OPS-3 NET-1 OPS-4"},
		{`project != OPS`, "NET-1"},
		{`project not in (OPS)`, "NET-1"},
		{`NOT project = OPS`, "NET-1"},
		{`! (project = OPS OR project = DO2)`, "400"},
		{`key = OPS-2`, "OPS-2"},
		{`key in (OPS-1, 10001) ORDER BY id`, "OPS-1 OPS-2"},
		{`id in (10000, 10003) ORDER BY id`, "NET-1 OPS-1"},
		{`issuekey in ("OPS-1")`, "OPS-1"},
		{`project = OPS AND key < OPS-3 ORDER BY key DESC`, "OPS-2 OPS-1"},
		{`parent = OPS-1`, "OPS-2"},
		{`parent in (OPS-1, OPS-3)`, "OPS-2"},
		{`parent != OPS-3`, "OPS-2"},
		{`labels = a`, "OPS-1"},
		{`labels in (a, b) ORDER BY key`, "OPS-1 OPS-2"},
		{`labels = none`, ""},
		{`labels != a ORDER BY key`, "OPS-2 OPS-4"},
		{`NOT labels = b`, "OPS-4"},
		{`labels is EMPTY ORDER BY key`, "NET-1 OPS-3"},
		{`labels IS NOT EMPTY AND project = OPS ORDER BY key`, "OPS-1 OPS-2 OPS-4"},
		{`labels in (EMPTY, a) ORDER BY key`, "NET-1 OPS-1 OPS-3"},
		{`labels = "say\"hi\"\\"`, "OPS-4"},
		{`labels = '\u65e5本'`, "OPS-4"},
		{`component = dns`, "OPS-1"},
		{`component is empty and project = OPS order by key`, "OPS-2 OPS-3 OPS-4"},
		{`assignee = EMPTY ORDER BY key`, "OPS-1 OPS-2 OPS-3 OPS-4"},
		{`assignee = currentUser()`, ""},
		{`reporter = currentUser() order by key`, "OPS-1 OPS-2 OPS-3"},
		{`assignee = "Sato Ken"`, "NET-1"},
		{`issuetype in subTaskIssueTypes()`, "OPS-2"},
		{`project = OPS and issuetype not in subTaskIssueTypes() order by key`, "OPS-1 OPS-3 OPS-4"},
		{`type = "Sub-task"`, "OPS-2"},
		{`statusCategory = Done`, "OPS-3"},
		{`statusCategory != Done AND project = OPS ORDER BY key`, "OPS-1 OPS-2 OPS-4"},
		{`(labels = a OR labels = b) AND NOT key = OPS-1`, "OPS-2"},
		{`labels = a OR labels = b AND key = OPS-9`, "400"},
		{`labels = a || labels = b && key = OPS-2 order by key`, "OPS-1 OPS-2"},
		{`created >= "2026-04-07 12:02" order by key`, "NET-1 OPS-3 OPS-4"},
		{`created > "2026/04/07 12:02" and created <= "2026-04-07 12:04"`, "NET-1 OPS-3"},
		{`created < '2026-04-08' and created >= 2026-04-07 and project = NET`, "NET-1"},
		{`updated >= -1m order by key`, "NET-1 OPS-4"},
		{`updated >= -1h and updated < -3m order by key`, "OPS-1 OPS-2"},
		{``, "all"},
		{`ORDER BY updated`, "all"},
	}
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := queried(t, kind)
		for _, tt := range tests {
			want := tt.want
			if want == "all" {
				want = map[Kind]string{DataCenter: "OPS-4 NET-1 OPS-3 OPS-2 OPS-1", Cloud: "400 [Unbounded JQL queries are not allowed here. Please add a search restriction to your query.]"}[kind]
				if tt.jql != "" && kind == DataCenter {
					want = "OPS-1 OPS-2 OPS-3 OPS-4 NET-1"
				}
			}
			got := c.find(tt.jql)
			if got != want && !(want == "400" && strings.HasPrefix(got, "400 ")) {
				t.Errorf("%s\nfinds %s\nwant  %s", tt.jql, got, want)
			}
		}
	})
}

func TestJQLIsRefused(t *testing.T) {
	tests := []struct{ jql, want string }{
		{`key in (OPS-1, OPS-99)`, "An issue with key 'OPS-99' does not exist for field 'key'."},
		{`id in (10000, 99)`, "A value with ID '99' does not exist for the field 'id'."},
		{`key = nonsense`, "The issue key 'nonsense' for field 'key' is invalid."},
		{`parent = OPS-99`, "An issue with key 'OPS-99' does not exist for field 'parent'."},
		{`project = NO`, "The value 'NO' does not exist for the field 'project'."},
		{`status = Odd`, "The value 'Odd' does not exist for the field 'status'."},
		{`assignee = nobody`, "The value 'nobody' does not exist for the field 'assignee'."},
		{`frobs = 1`, "Field 'frobs' does not exist or you do not have permission to view it."},
		{`summary ~ disk`, "Error in the JQL Query: Expecting operator: '=', '!=', '<', '>', '<=', '>=', 'IN', 'IS', 'NOT IN' but got '~'. (line 1, character 9)"},
		{`project = OPS ORDER BY frobs`, "Field 'frobs' does not exist or you do not have permission to view it."},
		{`labels > a`, "The operator '>' is not supported by the 'labels' field."},
		{`updated in ("2026-04-07")`, "The operator 'in' is not supported by the 'updated' field."},
		{`updated >= "2026-04-07 12:00:30"`, "Date value '2026-04-07 12:00:30' for field 'updated' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."},
		{`project = DO`, "Error in the JQL Query: 'DO' is a reserved JQL word. You must surround it in quotation marks to use it as a value. (line 1, character 11)"},
		{`order = 1`, "Error in the JQL Query: Expecting 'BY' but got '='. (line 1, character 7)"},
		{`project = OPS AND`, "Error in the JQL Query: Expecting either a field name or '(' before the end of the query. (line 1, character 18)"},
		{`project = OPS key = OPS-1`, "Error in the JQL Query: Expecting 'OR', 'AND' or 'ORDER BY' but got 'key'. (line 1, character 15)"},
		{`(project = OPS`, "Error in the JQL Query: Expecting ')' before the end of the query. (line 1, character 15)"},
		{`labels in (a, )`, "Error in the JQL Query: Expecting either a value, list or function but got ')'. (line 1, character 15)"},
		{`labels = "a`, "Error in the JQL Query: The quoted string 'a' has not been completed. (line 1, character 10)"},
		{`labels = "\x"`, `Error in the JQL Query: '\x' is an illegal JQL escape sequence. The valid escape sequences are \', \", \t, \n, \r, \\, '\ ' and \uXXXX. (line 1, character 12)`},
		{`labels = a@b`, `Error in the JQL Query: The character '@' is a reserved JQL character. You must enclose it in a string or use the escape '\u0040' instead. (line 1, character 11)`},
		{`assignee in membersOf("x")`, "Error in the JQL Query: Unable to find JQL function 'membersOf()'. (line 1, character 13)"},
		{`project = currentUser()`, "The function 'currentuser' is not supported by the 'project' field."},
	}
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := queried(t, kind)
		for _, tt := range tests {
			if got, want := c.find(tt.jql), "400 ["+tt.want+"]"; got != want {
				t.Errorf("%s\ngives %s\nwant  %s", tt.jql, got, want)
			}
		}
		got := c.find("parent is EMPTY and project = NET")
		want := map[Kind]string{DataCenter: "400 [The operator 'is' is not supported by the 'parent' field.]", Cloud: "NET-1"}[kind]
		if got != want {
			t.Errorf("parent is EMPTY gives %s, want %s", got, want)
		}
	})
}

// Without validation values that do not exist find nothing and are told.
func TestJQLWithoutValidation(t *testing.T) {
	c := queried(t, DataCenter)
	o := c.want(200, "POST", "search", `{"jql":"key in (OPS-1, OPS-99)","validateQuery":false}`)
	if o["total"] != 1.0 || !slices.Equal(o["warningMessages"].([]any), []any{"An issue with key 'OPS-99' does not exist for field 'key'."}) {
		t.Errorf("the answer is %v", o)
	}
	c.want(400, "POST", "search", `{"jql":"frobs = 1","validateQuery":false}`)
}

// The minute of "updated" is that of the asking user's zone.
func TestJQLIsInTheAskersZone(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := queried(t, kind)
		got := map[string]string{}
		for _, zone := range []string{"Asia/Tokyo", "UTC", "America/New_York"} {
			c.jira.SetZone("", zone)
			got[zone] = c.find(`created >= "2026-04-07 03:04" ORDER BY key`)
		}
		want := map[string]string{"Asia/Tokyo": "NET-1 OPS-1 OPS-2 OPS-3 OPS-4", "UTC": "OPS-4", "America/New_York": ""}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzJQL(f *testing.F) {
	for _, s := range []string{`project = OPS`, `labels in ("a\"", b) AND NOT (key = 1) ORDER BY key DESC`, `"`, `\`, "a\x00", `((((`, `not not !`, "\xff", `updated >= -9d`} {
		f.Add(s)
	}
	j := New(f, DataCenter, WithoutNetwork())
	key := j.Create("", Values{"summary": "one", "labels": []string{"a"}})
	f.Fuzz(func(t *testing.T, jql string) {
		j.mu.Lock()
		defer j.mu.Unlock()
		found, _, err := j.find(query{JQL: jql})
		if err == nil && len(found) > 0 && found[0].key != key {
			t.Errorf("%q finds %s", jql, found[0].key)
		}
	})
}

func TestJQLDeeplyNested(t *testing.T) {
	c := queried(t, DataCenter)
	for _, jql := range []string{strings.Repeat("(", 100000), strings.Repeat("not ", 100000), strings.Repeat("!", 100000)} {
		if got := c.find(jql); !strings.HasPrefix(got, "400 ") {
			t.Errorf("%.20s... gives %s", jql, got)
		}
	}
}
