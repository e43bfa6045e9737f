package slack_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

func TestWhoActsIsNamedAsTheRosterDoes(t *testing.T) {
	w := newWorld(t)
	w.s = w.open(func(o *slack.Options) {
		o.Knows = func(address string) bool { return address == "tanaka@example.com" }
	})
	w.run()
	w.s.SetHandler(w.h)
	for _, id := range []string{tanaka, tanaka, sato, sato} {
		w.ws.Person(id).Command("/oncall", "", infra)
	}
	w.until("all are heard", func() bool { return len(w.h.heard()) == 4 })
	count := map[string]int{}
	for _, c := range w.h.heard() {
		count[c.From]++
	}
	if diff := cmp.Diff(map[string]int{"tanaka@example.com": 2, sato: 2}, count); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(w.ws.Requests("users.info")); n != 2 {
		t.Errorf("Slack was asked %d times who two people are", n)
	}
}

func TestWhoActsCannotBeFound(t *testing.T) {
	w := newWorld(t)
	w.s = w.open(func(o *slack.Options) { o.Knows = func(string) bool { return false } })
	w.run()
	w.s.SetHandler(w.h)
	w.ws.Break("users.info", 3, slacktest.Fault{Code: "internal_error"})
	w.ws.Person(tanaka).Command("/oncall", "", infra)
	w.lastSeen("#infra-jp", "did not work")
	if diff := cmp.Diff([]chat.Command(nil), w.h.heard()); diff != "" {
		t.Errorf("heard of somebody nobody knows: %s", diff)
	}
}
