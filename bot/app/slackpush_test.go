package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/adapters/tracker"
	"tebiki/store"
)

// The operator has the checks run again and sees what they find now; then
// asks the leader, who hears of it once.
func TestPushButtonsInSlack(t *testing.T) {
	found := filepath.Join(t.TempDir(), "found")
	find := func(what string) {
		t.Helper()
		if err := os.WriteFile(found, []byte(what+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	find("the old zone")
	o := openSlackOfficeWith(t, filesWith(t, strings.NewReplacer("[cat, /etc/resolv.conf]", "[cat, '"+found+"']")))
	made, err := o.tracker.Create(t.Context(), tracker.Draft{Label: "form/1", Component: "subdomain", Title: "add shop", Reporter: "suzuki", Assignee: "tanaka",
		Fields: map[string]string{"name": "shop", "zone": "example.jp", "target": "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	push := o.sees("U0TANAKA", "", "the push", shows(made.Key, "the old zone"))

	find("the new zone")
	o.pressIn("U0TANAKA", push, "checks")
	o.sees("U0TANAKA", "", "that they have just run", shows("実行したばかり"))
	o.age(made.Key)
	o.pressIn("U0TANAKA", push, "checks")
	o.sees("U0TANAKA", "", "that they run", shows("もう一度実行しています"))
	o.sees("U0TANAKA", "", "the push with the new results", func(m slacktest.Message) bool {
		return m.TS == push.TS && shows("the new zone")(m) && !shows("the old zone")(m)
	})

	o.pressIn("U0TANAKA", push, "leader")
	o.sees("U0TANAKA", "", "that the leader is told", shows("佐藤 健 さんに伝えます"))
	o.sees("U0SATO", "", "who asks, and for what", shows(made.Key, "田中 葵 さんから相談があります"))
	o.pressIn("U0TANAKA", push, "leader")
	o.sees("U0TANAKA", "", "that the leader was told before", shows("すでに 佐藤 健 さんに伝えてあります"))
}

var started = regexp.MustCompile(`"Started":"[^"]*"`)

// age makes the results of a ticket's checks old, in place of waiting until
// they may run again.
func (o *office) age(ticket string) {
	o.t.Helper()
	err := o.store.Update(o.t.Context(), func(tx store.Writer) error {
		was := tx.Get("request", ticket)
		old := started.ReplaceAll(was, []byte(`"Started":"2020-01-01T00:00:00Z"`))
		if string(was) == string(old) {
			o.t.Errorf("the results of %s have no time: %s", ticket, was)
		}
		return tx.Put("request", ticket, old)
	})
	if err != nil {
		o.t.Fatal(err)
	}
}
