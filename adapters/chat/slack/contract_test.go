package slack_test

import (
	"testing"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

// Each method is called as Slack's own description of its API has it.
func TestRequestsAreAsSlackDescribesThem(t *testing.T) {
	w := withForm(t)
	w.h.home = []chat.Block{{Section: chat.Section{Markdown: "home"}}}
	w.s.Doctor(t.Context(), []slack.Person{{Address: tanaka}, {Address: infra}})
	for _, to := range []string{"#infra-jp", "sato@example.com", tanaka} {
		w.send(chat.Message{Key: "root", To: to, Title: "root"})
		for _, thread := range []string{"", "root"} {
			m := chat.Message{Key: "k" + thread, To: to, Thread: thread, Title: "open"}
			w.ws.Break("chat.postMessage", 1, slacktest.Fault{LoseAnswer: true})
			if err := w.s.Send(t.Context(), m); err == nil {
				t.Error("the answer was not lost")
			}
			m.Title = "closed"
			w.send(m)
		}
	}
	p := w.ws.Person(tanaka)
	p.OpenHome()
	p.Command("/request", "", infra)
	v := w.modal("What do you need?")
	p.Submit(v.ID, map[string]string{"component": "dns"})
	w.lastSeen("#infra-jp", "created")
	w.until("the home is there", func() bool { return p.Home() != nil })
	w.ws.CheckOpenAPI(t, "../../../../shared/slack/web-api.openapi2.json")
}
