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

// A storm makes one ticket, beside those of the incidents that were open before
// they counted as one, and not a thousand requests.
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
