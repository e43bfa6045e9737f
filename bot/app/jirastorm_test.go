package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker/jira/jiratest"
)

// A storm of 1,000 hosts costs Jira 59 requests in ten minutes: 33 for the
// tickets of the ten incidents before it is known as one, and for its own; 21
// polls; 5 to bring its ticket's list of alerts up to date and to look for
// what is gone.
const stormIssues, stormRequests = 11, 65

// A storm makes one ticket, and not a thousand requests.
func TestStormInJira(t *testing.T) {
	bothJiras(t, jiraSetting{replace: patient}, func(o *jiraOffice) {
		o.line.watch(true, nil)
		for i := range 1000 {
			o.alert(ping(fmt.Sprintf("storm%d.example.jp", i)))
		}
		o.pause(10 * time.Minute)
		n, sent := o.line.counted()
		issues := o.jira.Issues()
		storms := slices.DeleteFunc(slices.Clone(issues), func(i *jiratest.Issue) bool { return !strings.Contains(i.Summary, "アラート多発") })
		if n > stormRequests || len(issues) != stormIssues || len(storms) != 1 {
			o.t.Errorf("%d requests, %d issues, %d of a storm:\n%s", n, len(issues), len(storms), strings.Join(sent, "\n"))
		}
	})
}

// Jira is away for ten minutes: people are paged and answer, pages say how it
// is, the chat says that the ticket follows, and then all is made in order.
func TestOutageOfJira(t *testing.T) {
	bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
		o.jira.Fail("*", -1, jiratest.Page(503))
		id, _ := o.alert(ping("db1.example.jp"))
		o.pause(30 * time.Second)
		onCall := o.onCall(id)
		page := o.has(onCall, "incident/"+id)
		if text := plain(page); !strings.Contains(text, "チケットは追って作成します") {
			o.t.Errorf("the message does not say that the ticket follows:\n%s", text)
		}
		o.alert(map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "disk /", "severity": "critical"})
		o.pause(2 * time.Minute)
		if len(o.phone.Calls(onCall)) == 0 {
			o.t.Errorf("the phone of %s does not ring", onCall)
		}
		o.press(page, "ack", id)
		o.pause(time.Minute)
		if inc := o.incident(id); inc.State != "acknowledged" || inc.AcknowledgedBy != onCall || inc.Ticket != "" {
			o.t.Errorf("without Jira the incident is %+v", inc)
		}
		key := o.request("disk-full", "/var is full", "host: web1.example.jp")
		o.jira.Assign("lee", key, "tanaka")
		o.pause(7 * time.Minute)
		o.hasNot("tanaka", "request/"+key)

		o.jira.Mend()
		o.pause(5 * time.Minute)
		issue := o.only("the incident's", ofIncident(id))
		if len(issue.Subtasks) != 1 || issue.Assignee != o.jira.AccountID(onCall) || o.incident(id).Ticket != issue.Key {
			o.t.Errorf("when Jira is back the issue is %+v", issue)
		}
		if !strings.Contains(plain(o.has(onCall, "incident/"+id)), issue.Key) {
			o.t.Error("the message does not name the ticket")
		}
		o.has("tanaka", "request/"+key)
		if n := len(o.jira.Issues()); n != 2+1+3 {
			o.t.Errorf("there are %d issues", n)
		}
	})
}
