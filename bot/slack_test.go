package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/bot/sample"
)

func TestManifestIsWhatSlackTakes(t *testing.T) {
	for _, test := range []struct {
		args   []string
		socket bool
		url    string
	}{
		{nil, true, ""},
		{[]string{"--lang", "ja", "--name", "手引き"}, true, ""},
		{[]string{"--url", "https://tebiki.example.jp/slack"}, false, "https://tebiki.example.jp/slack"},
	} {
		s := command(t, append([]string{"slack", "manifest"}, test.args...)...)
		var m struct {
			Features struct {
				Commands []struct{ Command, URL, Description string } `json:"slash_commands"`
			}
			Settings struct {
				Socket bool `json:"socket_mode_enabled"`
			}
		}
		if err := json.Unmarshal([]byte(s.out), &m); err != nil || s.code != 0 {
			t.Fatalf("%v: %v %+v", test.args, err, s)
		}
		var names []string
		for _, c := range m.Features.Commands {
			names = append(names, c.Command)
			if c.URL != test.url || c.Description == "" {
				t.Errorf("%v: %+v", test.args, c)
			}
		}
		if want := []string{"/knowhow", "/oncall", "/ack", "/alert", "/request", "/tebiki"}; !slices.Equal(names, want) || m.Settings.Socket != test.socket {
			t.Errorf("%v: commands %q, socket %v", test.args, names, m.Settings.Socket)
		}
	}
}

// inSlack is a workspace on disk whose people are in a fake Slack.
func inSlack(t *testing.T, people ...string) (file string, env map[string]string, ws *slacktest.Workspace) {
	t.Helper()
	var users []slacktest.User
	for i, mail := range people {
		users = append(users, slacktest.User{ID: fmt.Sprint("U0P", i), Name: mail, Email: mail})
	}
	ws = slacktest.New(t, slacktest.WithPeople(users...), slacktest.WithRates(slacktest.Rates{}),
		slacktest.WithChannels(slacktest.Channel{ID: "C0JP", Name: "infra-jp", Members: []string{slacktest.BotUserID}},
			slacktest.Channel{ID: "C0EN", Name: "platform", Members: []string{slacktest.BotUserID}}))
	file = filepath.Join(ours(t), sample.Config)
	replace(t, file, "\nteams:\n", "\nslack: {bot_token: {env: BOT}, app_token: {env: APP}, api: \""+ws.URL()+"\"}\nteams:\n")
	return file, map[string]string{"BOT": slacktest.BotToken, "APP": slacktest.AppToken}, ws
}

var everybody = []string{"tanaka@example.jp", "sato@example.jp", "suzuki@example.jp", "smith@example.com", "garcia@example.com", "lee@example.com"}

func TestDoctorSlack(t *testing.T) {
	file, env, ws := inSlack(t, everybody...)
	commandIn(t.Context(), env, "doctor", "slack", "--config", file).expect(t, 0, "all 8 people and channels were found", "")
	ws.Revoke("token_revoked")
	commandIn(t.Context(), env, "doctor", "slack", "--config", file).expect(t, 1, "the bot token", "faults: 1")
}

func TestDoctorMissesSomebody(t *testing.T) {
	file, env, _ := inSlack(t, everybody[1:]...)
	commandIn(t.Context(), env, "doctor", "slack", "--config", file).expect(t, 1, "田中 葵 (tanaka@example.jp)", "faults: 1")
}

func TestDoctorWithoutSlack(t *testing.T) {
	commandIn(t.Context(), nil, "doctor", "slack", "--config", filepath.Join(ours(t), sample.Config)).expect(t, 1, "", "no slack section")
}

func TestManifestOfAConfiguration(t *testing.T) {
	file := filepath.Join(ours(t), sample.Config)
	commandIn(t.Context(), nil, "slack", "manifest", "--config", file).expect(t, 1, "", "no slack section")
	replace(t, file, "\nteams:\n", "\nslack: {mode: http, bot_token: {env: BOT}, signing_secret: {env: SIGN}, url: \"https://bot.example.jp/slack\"}\nteams:\n")
	env := map[string]string{"BOT": slacktest.BotToken, "SIGN": "0123456789abcdef"}
	commandIn(t.Context(), env, "slack", "manifest", "--config", file).expect(t, 0, `"request_url": "https://bot.example.jp/slack"`, "")
	socket, env, _ := inSlack(t)
	commandIn(t.Context(), env, "slack", "manifest", "--config", socket).expect(t, 0, `"socket_mode_enabled": true`, "")
}
