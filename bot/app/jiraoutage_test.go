package app

import (
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker/jira/jiratest"
)

// outages are ways in which Jira is away for an hour, and how long after it
// all that waited is made: a refused login is tried again within the hour.
func outages() []struct {
	name  string
	fault jiratest.Fault
	after time.Duration
	told  string // to the leader
} {
	return []struct {
		name  string
		fault jiratest.Fault
		after time.Duration
		told  string
	}{
		{"a page with 503", jiratest.Page(503), 10 * time.Minute, "shortfall/away/"},
		{"CAPTCHA", jiratest.Captcha(), 65 * time.Minute, "shortfall/login/"},
		{"401", refusal(401), 10 * time.Minute, "shortfall/login/"},
	}
}

// Jira is away for an hour, and Tebiki is restarted meanwhile: people are
// paged and answer, the chat says that the ticket follows, the leader hears
// of it, and then all is made, once, and of each incident in order. Incidents
// do not wait for one another.
func TestOutageOfJira(t *testing.T) {
	for _, c := range outages() {
		t.Run(c.name, func(t *testing.T) {
			bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
				o.jira.Fail("*", -1, c.fault)
				began := time.Now()
				first, onCall := o.pagedWithoutJira()
				key := o.request("disk-full", "/var is full", "host: web1.example.jp")
				o.jira.Assign("lee", key, "tanaka")
				o.pause(20 * time.Minute)
				o.stop()
				o.start(o.t)
				second, _ := o.alert(ping("web1.example.jp"))
				o.pause(2 * time.Minute)
				o.has(o.onCall(second), "incident/"+second)
				o.alert(resolved(ping("web1.example.jp")))
				o.alert(resolved(db1Disk()))
				o.has("sato", c.told)
				o.pause(time.Hour - time.Since(began))
				o.hasNot("tanaka", "request/"+key)
				if n := len(o.jira.Issues()); n != 1 {
					o.t.Errorf("within the hour there are %d issues", n)
				}

				o.jira.Mend()
				o.pause(c.after)
				o.madeInOrder(first, onCall, second)
				o.hasOnce("tanaka", "request/"+key)
				if n := len(o.jira.Issues()); n != 2+1+1+3 {
					o.t.Errorf("there are %d issues", n)
				}
			})
		})
	}
}

// pagedWithoutJira is an incident of two alerts whose ticket follows; who is
// on call answers.
func (o *jiraOffice) pagedWithoutJira() (id, onCall string) {
	o.t.Helper()
	id, _ = o.alert(ping("db1.example.jp"))
	o.pause(30 * time.Second)
	onCall = o.onCall(id)
	page := o.has(onCall, "incident/"+id)
	if text := plain(page); !strings.Contains(text, "チケットは追って作成します") {
		o.t.Errorf("the message does not say that the ticket follows:\n%s", text)
	}
	o.alert(db1Disk())
	o.pause(2 * time.Minute)
	if len(o.phone.Calls(onCall)) == 0 {
		o.t.Errorf("the phone of %s does not ring", onCall)
	}
	o.press(page, "ack", id)
	o.pause(time.Minute)
	if inc := o.incident(id); inc.State != "acknowledged" || inc.AcknowledgedBy != onCall || inc.Ticket != "" {
		o.t.Errorf("without Jira the incident is %+v", inc)
	}
	return id, onCall
}

func db1Disk() map[string]any {
	return map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "disk /", "severity": "critical"}
}

// madeInOrder holds that each incident has its ticket, the ticket before its
// sub-tickets, and its news in the order in which they came.
func (o *jiraOffice) madeInOrder(first, onCall, second string) {
	o.t.Helper()
	issue := o.only("the first incident's", ofIncident(first))
	if len(issue.Subtasks) != 1 || issue.Assignee != o.jira.AccountID(onCall) || o.incident(first).Ticket != issue.Key {
		o.t.Fatalf("when Jira is back the issue is %+v", issue)
	}
	if sub := o.jira.Issue(issue.Subtasks[0]); sub.ID < issue.ID {
		o.t.Errorf("the sub-ticket %s was made before its ticket %s", sub.Key, issue.Key)
	}
	if !strings.Contains(plain(o.has(onCall, "incident/"+first)), issue.Key) {
		o.t.Error("the message does not name the ticket")
	}
	over := o.only("the second incident's", ofIncident(second))
	news := []string{"対応を始めました", "復旧しました: db1.example.jp: disk /"}
	for _, c := range issue.Comments {
		if len(news) > 0 && strings.Contains(c.Body, news[0]) {
			news = news[1:]
		}
	}
	if len(news) > 0 || len(over.Comments) == 0 || !strings.Contains(over.Comments[len(over.Comments)-1].Body, "復旧しました") {
		o.t.Errorf("the comments are %+v and %+v", issue.Comments, over.Comments)
	}
}
