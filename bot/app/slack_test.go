package app

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/bot/sample"
)

// secrets is an environment that holds those of the fake vendors.
func secrets(name string) (string, bool) {
	v, ok := map[string]string{"SLACK_BOT_TOKEN": slacktest.BotToken, "SLACK_APP_TOKEN": slacktest.AppToken,
		"JIRA_TOKEN": jiratest.Token, "JIRA_HOOK": jiraHook}[name]
	return v, ok
}

// A slackOffice is an office whose people chat in Slack.
type slackOffice struct {
	*office
	ws *slacktest.Workspace
}

func openSlackOffice(t *testing.T, replace ...string) *slackOffice {
	t.Helper()
	return openSlackOfficeWith(t, sample.FS(), replace...)
}

// openSlackOfficeWith is openSlackOffice with an inventory and know-how of
// the test's own.
func openSlackOfficeWith(t *testing.T, files fs.FS, replace ...string) *slackOffice {
	t.Helper()
	var people []slacktest.User
	var ids []string
	for _, name := range []string{"tanaka", "sato", "suzuki"} {
		people = append(people, slacktest.User{ID: "U0" + strings.ToUpper(name), Name: name, Email: name + "@example.jp"})
		ids = append(ids, "U0"+strings.ToUpper(name))
	}
	people = append(people, slacktest.User{ID: "U0STRANGER", Name: "stranger", Email: "stranger@example.net"})
	ws := slacktest.New(t, slacktest.WithPeople(people...), slacktest.WithRates(slacktest.Rates{}),
		slacktest.WithChannels(slacktest.Channel{ID: "C0INFRA", Name: "infra-jp", Members: append(ids, "U0STRANGER", slacktest.BotUserID)}))
	opt := officeOptions(t, append(replace, "\nteams:\n", "\nslack: {bot_token: {env: SLACK_BOT_TOKEN}, app_token: {env: SLACK_APP_TOKEN}, api: \""+ws.URL()+"\"}\nteams:\n")...)
	opt.Files = files
	o := runOffice(t, opt)
	o.eventually("Tebiki is connected to Slack", func() bool { return ws.Connections() > 0 })
	return &slackOffice{o, ws}
}

// eventually waits for what happens beyond a connection, of which nothing here tells.
func (o *office) eventually(what string, holds func() bool) {
	o.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(patienceOfTests); !holds(); {
		select {
		case <-tick.C:
		case <-late:
			o.t.Fatalf("not within %s: %s", patienceOfTests, what)
		}
	}
}

// sees waits for a message that somebody sees in a channel; "" is their direct one.
func (o *slackOffice) sees(id, channel, what string, is func(slacktest.Message) bool) (found slacktest.Message) {
	o.t.Helper()
	p := o.ws.Person(id)
	if channel == "" {
		channel = p.Direct()
	}
	o.eventually(id+" sees "+what, func() bool {
		for _, m := range p.See(channel) {
			for _, m := range append([]slacktest.Message{m}, m.Replies...) {
				if is(m) {
					found = m
					return true
				}
			}
		}
		return false
	})
	return found
}

func shows(words ...string) func(slacktest.Message) bool {
	return func(m slacktest.Message) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(m.Shown, w) })
	}
}

// isButton finds a button by what it does: its action has a number in front.
func isButton(name string) func(slacktest.Control) bool {
	return func(c slacktest.Control) bool { return strings.HasSuffix(c.Action, "/"+name) }
}

func (o *slackOffice) pressIn(id string, m slacktest.Message, button string) {
	o.t.Helper()
	i := slices.IndexFunc(m.Controls, isButton(button))
	if i < 0 {
		o.t.Fatalf("%q has no button %q", m.Shown, button)
	}
	if r := o.ws.Person(id).PressSeen(m, m.Controls[i].Action); !r.Acked {
		o.t.Errorf("%s pressed %s: %+v", id, button, r)
	}
}

func TestUrgentInSlack(t *testing.T) {
	o := openSlackOffice(t)
	id, _ := o.alert(map[string]any{"source": "zabbix", "host": "web1.example.jp", "check": "http", "severity": "critical", "summary": "web1 does not answer <!channel>"})
	onCall := "U0" + strings.ToUpper(o.onCall(id))
	page := o.sees(onCall, "", "the page", func(m slacktest.Message) bool { return len(m.Controls) > 0 && shows("web1 does not answer")(m) })
	if len(page.Wakes) > 0 {
		t.Errorf("an alert's text wakes %v", page.Wakes)
	}
	o.ws.Person("U0STRANGER").Command("/ack", id, "C0INFRA")
	o.sees("U0STRANGER", "C0INFRA", "the refusal", func(m slacktest.Message) bool { return m.Ephemeral })
	o.incidentIs(id, "open")

	team := o.sees("U0SUZUKI", "C0INFRA", "the team's message", shows(id))
	o.pressIn("U0SUZUKI", team, "call")
	o.until(o.phone.Watch, "the phone rings before its time", func() bool { return len(o.phone.Calls(o.onCall(id))) > 0 })
	o.pressIn("U0SUZUKI", team, "call")
	o.sees("U0SUZUKI", "C0INFRA", "that it rings already", func(m slacktest.Message) bool { return m.Ephemeral && shows("もう電話を鳴らしています")(m) })

	o.pressIn(onCall, page, "ack")
	o.incidentIs(id, "acknowledged")
	o.sees(onCall, "", "the page without the button", func(m slacktest.Message) bool {
		return m.TS == page.TS && !slices.ContainsFunc(m.Controls, isButton("ack"))
	})
	o.sees("U0SUZUKI", "C0INFRA", "the team's message, with its timeline below", func(m slacktest.Message) bool {
		return shows("対応中", id)(m) && strings.Contains(string(m.Blocks), "!date^") && len(m.Replies) > 0 && slices.ContainsFunc(m.Replies, shows("対応開始"))
	})
}

func TestSlackIsWatched(t *testing.T) {
	o := openSlackOffice(t)
	if page := o.page("/metrics"); !strings.Contains(page, "tebiki_slack_connected 1") || !strings.Contains(page, `tebiki_slack_messages_total{what="posted"} 0`) {
		t.Errorf("the metrics say nothing of Slack:\n%s", page)
	}
}

func TestKnowHowInSlack(t *testing.T) {
	o := openSlackOffice(t)
	o.ws.Person("U0TANAKA").Command("/knowhow", "disk", "C0INFRA")
	o.sees("U0TANAKA", "C0INFRA", "the know-how", func(m slacktest.Message) bool { return m.Ephemeral && shows("disk-full")(m) })
}
