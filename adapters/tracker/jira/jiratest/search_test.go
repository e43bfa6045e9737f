package jiratest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// filled is an instance with n issues, OPS-1 to OPS-n.
func filled(t *testing.T, kind Kind, n int, options ...Option) caller {
	t.Helper()
	c := newCaller(t, kind, options...)
	for i := range n {
		c.jira.Create("", Values{"summary": fmt.Sprint("issue ", i+1)})
	}
	return c
}

func keysOf(o obj) (keys []string) {
	for _, i := range o["issues"].([]any) {
		key, _ := i.(obj)["key"].(string)
		keys = append(keys, key)
	}
	return keys
}

func TestPagesOfDataCenter(t *testing.T) {
	c := filled(t, DataCenter, 7, WithMaxPage(3))
	o := c.want(200, "GET", "search?jql=project%3DOPS+order+by+key&startAt=2&maxResults=50&fields=summary", "")
	if o["total"] != 7.0 || o["maxResults"] != 3.0 || o["startAt"] != 2.0 {
		t.Errorf("the page is %v of %v from %v", o["maxResults"], o["total"], o["startAt"])
	}
	if diff := cmp.Diff([]string{"OPS-3", "OPS-4", "OPS-5"}, keysOf(o)); diff != "" {
		t.Error(diff)
	}
	o = c.want(200, "POST", "search", `{"jql":"project=OPS","startAt":100,"maxResults":0}`)
	if o["total"] != 7.0 || o["maxResults"] != 0.0 || len(keysOf(o)) != 0 {
		t.Errorf("the page behind the end is %v", o)
	}
	c.want(404, "GET", "search/jql?jql=project%3DOPS", "")
	c.want(400, "POST", "search", `{"jql":"project=OPS","fieldsByKeys":true}`)
	c.want(400, "POST", "search", `{"jql":"project=OPS","frobs":true}`)
}

func TestPagesOfCloud(t *testing.T) {
	c := filled(t, Cloud, 7)
	var all []string
	token := ""
	for page := 0; ; page++ {
		o := c.want(200, "GET", "search/jql?jql=project%3DOPS+order+by+key&maxResults=3&fields=summary&nextPageToken="+token, "")
		if _, given := o["total"]; given || page > 2 {
			t.Fatalf("page %d is %v", page, o)
		}
		all = append(all, keysOf(o)...)
		if o["isLast"] == true {
			break
		}
		token = url.QueryEscape(o["nextPageToken"].(string))
	}
	if diff := cmp.Diff([]string{"OPS-1", "OPS-2", "OPS-3", "OPS-4", "OPS-5", "OPS-6", "OPS-7"}, all); diff != "" {
		t.Error(diff)
	}
	c.want(400, "GET", "search/jql?jql=project%3DOPS&nextPageToken="+token, "") // of another query
	c.want(400, "GET", "search/jql?jql=project%3DOPS&nextPageToken=garbage", "")
	c.want(410, "GET", "search?jql=project%3DOPS", "")
}

// Cloud gives ids only, unless fields are named.
func TestCloudGivesWhatIsNamed(t *testing.T) {
	c := filled(t, Cloud, 1)
	for fields, want := range map[string]string{
		``:                             `{"id":"10000"}`,
		`"fields":["key"],`:            `{"id":"10000","key":"OPS-1","self":"http://jira.test/rest/api/2/issue/10000"}`,
		`"fields":["summary"],`:        `"fields":{"summary":"issue 1"}`,
		`"fields":["*all","-labels"],`: `"summary":"issue 1"`,
	} {
		o := c.want(200, "POST", "search/jql", `{`+fields+`"jql":"project=OPS"}`)
		got := text(o["issues"].([]any)[0])
		if !strings.Contains(got, want) || fields == "" && got != want || strings.Contains(got, `"labels"`) {
			t.Errorf("%s gives %s, want %s", fields, got, want)
		}
	}
}

// The index shows an issue as it was, until the lag is over.
func TestIndexLags(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		at := noon()
		c := newCaller(t, kind, WithNow(at.now), WithLag(5*time.Second))
		key := c.jira.Create("", Values{"summary": "one", "labels": []string{"old"}})
		look := func(when, oldLabel, newLabel string) {
			t.Helper()
			if o, n := c.find("labels = old"), c.find("labels = new"); o != oldLabel || n != newLabel {
				t.Errorf("%s: labels old finds %q and new %q, want %q and %q", when, o, n, oldLabel, newLabel)
			}
		}
		look("just created", "", "")
		if got := c.find("key = " + key); got != "" {
			t.Errorf("its key finds %q", got) // but is known to be one
		}
		at.at = at.at.Add(5 * time.Second)
		look("after the lag", key, "")
		c.jira.Edit("", key, Values{"labels": []string{"new"}})
		at.at = at.at.Add(4 * time.Second)
		look("changed", key, "")
		c.jira.Delete("", key)
		at.at = at.at.Add(time.Second)
		look("deleted, the change known", "", key)
		at.at = at.at.Add(4 * time.Second)
		look("deletion known", "", "")
	})
}

func TestReconciledIssuesDoNotLag(t *testing.T) {
	c := newCaller(t, Cloud, WithLag(time.Hour))
	c.jira.Create("", Values{"summary": "one", "labels": []string{"a"}})
	c.jira.Create("", Values{"summary": "two", "labels": []string{"a"}})
	o := c.want(200, "POST", "search/jql", `{"jql":"labels = a","fields":["key"],"reconcileIssues":[10001]}`)
	if diff := cmp.Diff([]string{"OPS-2"}, keysOf(o)); diff != "" {
		t.Error(diff)
	}
}

// Histories come with a search: Cloud's newest first.
func TestChangelogOfSearch(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := filled(t, kind, 1)
		c.jira.Assign("sato", "OPS-1", "tanaka")
		c.jira.SetComponents("sato", "OPS-1", "dns")
		path, expand := "search", `["changelog"]`
		if kind == Cloud {
			path, expand = "search/jql", `"changelog"`
		}
		o := c.want(200, "POST", path, `{"jql":"project=OPS","fields":["summary"],"expand":`+expand+`}`)
		log := o["issues"].([]any)[0].(obj)["changelog"].(obj)["histories"].([]any)
		var got []string
		for _, h := range log {
			item := h.(obj)["items"].([]any)[0].(obj)
			got = append(got, fmt.Sprint(item["field"], " ", item["fromString"], " ", item["toString"]))
		}
		want := []string{"assignee <nil> Tanaka Hanako", "Component <nil> dns"}
		if kind == Cloud {
			want[0], want[1] = want[1], want[0]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func BenchmarkSearchByLabel(b *testing.B) {
	j := New(b, DataCenter, WithoutNetwork(), WithoutRecord())
	for i := range 10000 {
		j.Create("", Values{"summary": "issue", "labels": []string{fmt.Sprint("tebiki-", i)}})
	}
	for b.Loop() {
		found, _, err := j.find(query{JQL: "project = OPS AND labels = tebiki-77"})
		if err != nil || len(found) != 1 {
			b.Fatal(found, err)
		}
	}
}
