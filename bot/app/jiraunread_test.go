package app

import (
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker/jira/jiratest"
)

// unreadable are ways in which the changes cannot be read for a while.
func unreadable() []struct {
	name       string
	begin, end func(o *jiraOffice)
	words      string // of what the leader reads
} {
	answered := func(f jiratest.Fault) func(o *jiraOffice) {
		return func(o *jiraOffice) {
			o.jira.Fail("POST search", -1, f)
			o.jira.Fail("POST search/jql", -1, f)
		}
	}
	everything := func(f jiratest.Fault) func(o *jiraOffice) {
		return func(o *jiraOffice) { o.jira.Fail("*", -1, f) }
	}
	mend := func(o *jiraOffice) { o.jira.Mend() }
	json := map[string]string{"Content-Type": "application/json"}
	return []struct {
		name       string
		begin, end func(o *jiraOffice)
		words      string
	}{
		{"Browse taken", func(o *jiraOffice) { o.jira.Forbid("BROWSE_PROJECTS") }, func(o *jiraOffice) { o.jira.Permit("BROWSE_PROJECTS") }, "not visible"},
		{"archived", func(o *jiraOffice) { o.jira.Archive("OPS") }, func(o *jiraOffice) { o.jira.Restore("OPS") }, "archived"},
		{"400", answered(jiratest.Refuse(400, map[string]string{"jql": "The value 'OPS' does not exist for the field 'project'."})), mend, "does not exist for the field"},
		{"404", answered(jiratest.Fault{Status: 404, Body: `{"errorMessages":["gone"],"errors":{}}`, Header: json}), mend, "somewhere else"},
		{"400 page", everything(jiratest.Page(400)), mend, "not what answers"},
		{"403 page", everything(jiratest.Page(403)), mend, "does not permit"},
		{"405 page", everything(jiratest.Page(405)), mend, "does not let the request through"},
		{"451", everything(jiratest.Fault{Status: 451, Body: "{}", Header: json}), mend, "status 451"},
		{"CAPTCHA", everything(jiratest.Captcha()), mend, "CAPTCHA"},
	}
}

// A request that is made while the changes cannot be read is prepared when
// they can be again, once, and the leader has heard what is wrong; a restart
// in between changes nothing.
func TestRequestWhileChangesCannotBeRead(t *testing.T) {
	for _, c := range unreadable() {
		t.Run(c.name, func(t *testing.T) {
			bothJiras(t, jiraSetting{}, func(o *jiraOffice) {
				key := o.request("disk-full", "/var is full", "host: web1.example.jp")
				o.jira.Assign("lee", key, "tanaka")
				c.begin(o)
				o.pause(6 * time.Minute)
				o.stop()
				o.start(o.t)
				o.pause(6 * time.Minute)
				o.hasNot("tanaka", "request/")
				if text := plain(o.has("sato", "shortfall/")); !strings.Contains(text, c.words) {
					o.t.Errorf("the leader reads\n%s", text)
				}
				c.end(o)
				o.pause(65 * time.Minute) // a refused login is tried again within the hour
				if n := len(o.jira.Issue(key).Subtasks); n != 3 || len(o.jira.Issues()) != 4 {
					o.t.Errorf("there are %d sub-tasks of %d issues", n, len(o.jira.Issues()))
				}
				o.hasOnce("tanaka", "request/"+key)
			})
		})
	}
}

// hasOnce holds that a person has one message of a key.
func (o *jiraOffice) hasOnce(person, key string) {
	o.t.Helper()
	n := 0
	for _, m := range o.messages(person) {
		if strings.HasPrefix(m.Key, key) {
			n++
		}
	}
	if n != 1 {
		o.t.Errorf("%s has %d messages %s", person, n, key)
	}
}
