package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker/jira/jiratest"

	chatconsole "tebiki/adapters/chat/console"
)

// jiraHook is the secret of the fake's webhook.
const jiraHook = "a-secret-of-the-webhook"

// request makes one by hand in Jira.
func (o *jiraOffice) request(component, title, text string) (key string) {
	o.t.Helper()
	return o.jira.Create("lee", jiratest.Values{"summary": title, "description": text, "components": []any{map[string]any{"name": component}}})
}

// has gives a person's message; of its key the beginning is enough.
func (o *jiraOffice) has(person, key string) chatconsole.Stored {
	o.t.Helper()
	for _, m := range o.messages(person) {
		if strings.HasPrefix(m.Key, key) {
			return m
		}
	}
	o.t.Fatalf("%s has no message %s", person, key)
	return chatconsole.Stored{}
}

// plain is all of a message that is read, without escapes.
func plain(m chatconsole.Stored) string { return strings.ReplaceAll(textOf(m), `\`, "") }

func (o *jiraOffice) hasNot(person, key string) {
	o.t.Helper()
	if slices.ContainsFunc(o.messages(person), func(m chatconsole.Stored) bool { return strings.HasPrefix(m.Key, key) }) {
		o.t.Errorf("%s has a message %s", person, key)
	}
}

// only gives the one issue that is as it should be.
func (o *jiraOffice) only(what string, is func(*jiratest.Issue) bool) *jiratest.Issue {
	o.t.Helper()
	found := slices.DeleteFunc(o.jira.Issues(), func(i *jiratest.Issue) bool { return !is(i) })
	if len(found) != 1 {
		o.t.Fatalf("there are %d issues that are %s", len(found), what)
	}
	return found[0]
}

// A request that somebody makes by hand in Jira is prepared there, and the
// one who has it gets it all in one message, which follows what people do.
func TestRequestInJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		key := o.request("subdomain", "a name for the shop", "host: web1.example.jp\nname: shop\nzone: example.jp\ntarget: web1\n\nPlease *soon*.")
		o.jira.Assign("lee", key, "tanaka")
		o.settle()
		subs := o.jira.Issue(key).Subtasks
		if len(subs) != 2 {
			o.t.Fatalf("the sub-tasks are %v", subs)
		}
		for _, k := range subs {
			sub := o.jira.Issue(k)
			if !strings.Contains(sub.Description, "h2. やること\n\n* ") || !strings.Contains(sub.Description, "|http://127.0.0.1:8420/knowhow/subdomain]") || sub.Assignee != o.jira.AccountID("tanaka") || len(sub.Remote) != 1 {
				o.t.Errorf("the sub-task %s is %+v", k, sub)
			}
		}
		push := o.has("tanaka", "request/"+key)
		if text := textOf(push); !strings.Contains(text, subs[0]) || !strings.Contains(text, "shop") || strings.Contains(text, "[x]") {
			o.t.Errorf("the message says\n%s", text)
		}
		o.transitionByHand(subs[0])
		o.settle()
		if text := plain(o.has("tanaka", "request/"+key)); strings.Count(text, "[x]") != 1 {
			o.t.Errorf("with one sub-task done the message says\n%s", text)
		}
		o.jira.Assign("sato", key, "suzuki")
		o.settle()
		o.has("suzuki", "request/"+key)
		if got := o.jira.Issue(subs[1]).Assignee; got != o.jira.AccountID("suzuki") {
			o.t.Errorf("the sub-task that is left is %s's", got)
		}
		o.review(key)
	})
}

// transitionByHand has suzuki say in Jira that an issue's work is done.
func (o *jiraOffice) transitionByHand(key string) {
	o.t.Helper()
	o.jira.Transition("suzuki", key, map[jiratest.Kind]string{jiratest.DataCenter: "Resolved", jiratest.Cloud: "Done"}[o.jira.Kind()])
}

// review resolves a ticket by hand; the leader sends it back once.
func (o *jiraOffice) review(key string) {
	o.t.Helper()
	names := map[jiratest.Kind][3]string{jiratest.DataCenter: {"Reopened", "Resolved", "Closed"}, jiratest.Cloud: {"To Do", "Done", "Done"}}[o.jira.Kind()]
	o.transitionByHand(key)
	o.settle()
	if err := o.sendBack(key); err != nil {
		o.t.Error(err)
	}
	if got := o.jira.Issue(key).Status; got != names[0] {
		o.t.Errorf("sent back it is %s", got)
	}
	o.settle()
	o.has("suzuki", "review back/"+key)
	o.transitionByHand(key)
	o.settle()
	o.press(o.has("sato", "review/"+key), "close", key)
	o.settle()
	if got := o.jira.Issue(key); got.Status != names[2] || o.jira.Kind() == jiratest.Cloud && !slices.Contains(got.Labels, "reviewed") {
		o.t.Errorf("closed by the leader it is %s with %v", got.Status, got.Labels)
	}
	if m := o.has("sato", "review/"+key); len(m.Buttons) != 0 {
		o.t.Errorf("the question is still open: %+v", m)
	}
}

func ofIncident(id string) func(*jiratest.Issue) bool {
	return func(i *jiratest.Issue) bool {
		return slices.ContainsFunc(i.Labels, func(l string) bool { return strings.HasPrefix(l, "tebiki/"+id+"/ticket") })
	}
}

func ping(host string) map[string]any {
	return map[string]any{"source": "zabbix", "host": host, "check": "ping", "severity": "critical", "summary": host + " does not answer {panel}"}
}

// An urgent alert has an issue with all that Jira can take, matching alerts
// are its sub-tasks, and what people write and do there counts.
func TestUrgentInJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		id, _ := o.alert(ping("db1.example.jp"))
		o.pause(10 * time.Second)
		issue := o.only("the incident's", ofIncident(id))
		if issue.Priority != "Highest" || !slices.Equal(issue.Components, []string{"host-down"}) || len(issue.Remote) != 1 || !strings.HasSuffix(issue.Remote[0].URL, "/knowhow/host-down") ||
			strings.Contains(issue.Description, "answer {panel}") {
			o.t.Errorf("the issue is %+v", issue)
		}
		o.alert(map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "disk /", "severity": "critical"})
		o.pause(10 * time.Second)
		if subs := o.jira.Issue(issue.Key).Subtasks; len(subs) != 1 {
			o.t.Errorf("the second alert's sub-tasks are %v", subs)
		}
		o.jira.Comment("stranger", issue.Key, "/ack I take it")
		o.settle()
		if got := o.jira.Issue(issue.Key).Comments; len(got) != 2 || o.incident(id).State != "open" {
			o.t.Errorf("a stranger's /ack: %s, and the comments are %+v", o.incident(id).State, got)
		}
		o.jira.Comment("suzuki", issue.Key, "/ack")
		o.settle()
		if inc := o.incident(id); inc.State != "acknowledged" || inc.AcknowledgedBy != "suzuki" || o.jira.Issue(issue.Key).Assignee != o.jira.AccountID("suzuki") {
			o.t.Errorf("acknowledged in Jira it is %s, the issue %s's", inc.State, o.jira.Issue(issue.Key).Assignee)
		}
		o.transitionByHand(issue.Key)
		o.settle()
		if got := o.incident(id).State; got != "resolved" {
			o.t.Errorf("done in Jira it is %s", got)
		}
	})
}

// People whose profiles hide the mail address by which the roster names them
// go on being known: an assignment is theirs, and so is a comment.
func TestHiddenMailInJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		o.jira.HideEmail("tanaka")
		o.jira.HideEmail("suzuki")
		key := o.request("disk-full", "/var is full", "host: web1.example.jp")
		o.jira.Assign("lee", key, "tanaka")
		id, _ := o.alert(ping("db1.example.jp"))
		o.settle()
		o.hasOnce("tanaka", "request/"+key)
		o.jira.Comment("suzuki", o.only("the incident's", ofIncident(id)).Key, "/ack")
		o.settle()
		if inc := o.incident(id); inc.State != "acknowledged" || inc.AcknowledgedBy != "suzuki" {
			o.t.Errorf("it is %s by %q", inc.State, inc.AcknowledgedBy)
		}
	})
}

// Deleted in Jira, an incident says so, and people are paged on.
func TestDeletedInJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		id, _ := o.alert(ping("db1.example.jp"))
		o.pause(40 * time.Second)
		onCall := o.onCall(id)
		before := len(o.incident(id).Timeline)
		o.jira.Delete("suzuki", o.only("the incident's", ofIncident(id)).Key)
		o.pause(12 * time.Minute)
		text := plain(o.has(onCall, "incident/"+id))
		if inc := o.incident(id); inc.State != "open" || len(inc.Timeline) <= before || !strings.Contains(text, "OPS-1") {
			o.t.Errorf("it is %s after %d events; the message says\n%s", inc.State, len(inc.Timeline), text)
		}
		if !strings.Contains(text, "削除") && !strings.Contains(text, "deleted") {
			o.t.Errorf("the message does not say that the ticket is gone:\n%s", text)
		}
		if n := len(o.jira.Issues()); n != 0 {
			o.t.Errorf("%d issues were made for it after that", n)
		}
	})
}

// The morning: one issue for each kind of alert and day, its owner's.
func TestMorningInJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		for _, low := range [][2]string{{"web1.example.jp", "disk /"}, {"web1.example.jp", "disk /"}, {"web1.example.jp", "load"}, {"old-wiki.example.jp", "load"}} {
			o.alert(map[string]any{"source": "munin", "host": low[0], "check": low[1], "severity": "warning"})
			o.pause(time.Minute)
		}
		o.pause(2*24*time.Hour + 10*time.Hour) // until Monday, after nine
		counts := map[string]int{}
		for _, i := range o.jira.Issues() {
			counts[i.Assignee+" "+strings.Join(i.Components, ",")]++
		}
		tanaka := o.jira.AccountID("tanaka")
		if len(counts) != 3 || counts[tanaka+" disk-full"] != 1 || counts[tanaka+" capacity"] != 1 || counts[" capacity"] != 1 {
			o.t.Errorf("the issues are %v", counts)
		}
		o.has("tanaka", "digest/")
		o.has("sato", "digest/")
	})
}

// Without sub-tasks the pieces of the work are linked issues.
func TestLinkedInJira(t *testing.T) {
	project := jiratest.WithProjects(jiratest.Project{Key: "OPS", Types: []jiratest.IssueType{{Name: "Task"}}, Components: jiraComponents()})
	bothJiras(t, jiraSetting{jira: []jiratest.Option{project}}, func(o *jiraOffice) {
		key := o.request("disk-full", "/var is full", "host: web1.example.jp")
		o.jira.Assign("lee", key, "tanaka")
		o.settle()
		issue := o.jira.Issue(key)
		if len(issue.Links) != 3 || len(o.jira.Issues()) != 4 {
			o.t.Fatalf("the links are %v, the issues %d", issue.Links, len(o.jira.Issues()))
		}
		o.transitionByHand(issue.Links[1].Key)
		o.settle()
		if text := plain(o.has("tanaka", "request/"+key)); strings.Count(text, "[x]") != 1 {
			o.t.Errorf("with one linked issue done the message says\n%s", text)
		}
		for _, l := range issue.Links {
			o.hasNot("tanaka", "request/"+l.Key)
		}
	})
}

// What Jira does not take is left out, and the leader hears which it was.
func TestLeftOutInJira(t *testing.T) {
	project := jiratest.WithProjects(jiratest.Project{Key: "OPS", Components: []string{"other"}})
	bothJiras(t, jiraSetting{jira: []jiratest.Option{project}, config: ", component: other"}, func(o *jiraOffice) {
		id, _ := o.alert(ping("db1.example.jp"))
		o.pause(10 * time.Second)
		if issue := o.only("the incident's", ofIncident(id)); !slices.Equal(issue.Components, []string{"other"}) {
			o.t.Errorf("its components are %v", issue.Components)
		}
		if text := plain(o.has("sato", "shortfall/")); !strings.Contains(text, "host-down") || !strings.Contains(text, "Component") {
			o.t.Errorf("the leader's message says\n%s", text)
		}
	})
}

// A field that Jira demands and nobody has configured is named.
func TestDemandedInJira(t *testing.T) {
	field := jiratest.WithFields(jiratest.Field{ID: "customfield_10100", Name: "Cost Centre", Type: jiratest.TextField, Required: true})
	bothJiras(t, jiraSetting{jira: []jiratest.Option{field}}, func(o *jiraOffice) {
		o.alert(ping("db1.example.jp"))
		o.pause(time.Minute)
		if text := plain(o.has("sato", "shortfall/")); !strings.Contains(text, "Cost Centre") {
			o.t.Errorf("the leader's message says\n%s", text)
		}
		o.phoneRings()
	})
}

func (o *jiraOffice) phoneRings() {
	o.t.Helper()
	o.pause(90 * time.Second)
	for _, p := range o.cfg.Roster.People() {
		if len(o.phone.Calls(p.Phone))+len(o.phone.Recent(p.Phone)) > 0 {
			return
		}
	}
	o.t.Error("nobody's phone rang")
}
