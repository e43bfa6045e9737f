package slack_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

func TestDoctor(t *testing.T) {
	people := []slack.Person{
		{Name: "Tanaka", Address: tanaka}, {Name: "Sato", Address: "sato@example.com"}, {Name: "the team", Address: "#infra-jp"}, {Name: "the team", Address: infra},
	}
	for name, c := range map[string]struct {
		spoil  func(w *world)
		people []slack.Person
		want   []string // of each finding, in order
	}{
		"all is well": {func(*world) {}, people, nil},
		"revoked":     {func(w *world) { w.ws.Revoke("token_revoked") }, people, []string{"the bot token"}},
		"app token":   {func(w *world) { w.ws.RevokeApp("invalid_auth") }, people, []string{"the app token"}},
		"scopes": {func(w *world) {
			w.ws.SetScopes(slices.DeleteFunc(slack.Scopes(), func(s string) bool { return s == "im:history" })...)
		}, nil, []string{"im:history"}},
		"nobody":          {func(*world) {}, []slack.Person{{Name: "X", Address: "x@example.com"}, {Name: "Y", Address: "U0NOBODY"}, {Name: "Z", Address: "z"}}, []string{"x@example.com", "U0NOBODY", "correct the roster"}},
		"deactivated":     {func(w *world) { w.ws.Deactivate(tanaka) }, []slack.Person{{Name: "Tanaka", Address: tanaka}}, []string{"deactivated"}},
		"a bot":           {func(*world) {}, []slack.Person{{Name: "Bot", Address: slacktest.BotUserID}}, []string{"bot's"}},
		"archived":        {func(w *world) { w.ws.Archive(infra) }, []slack.Person{{Name: "the team", Address: "#infra-jp"}, {Name: "the team", Address: infra}}, []string{"unarchive", "unarchive"}},
		"not a member":    {func(w *world) { w.ws.Remove(infra, slacktest.BotUserID) }, []slack.Person{{Name: "the team", Address: infra}}, []string{"/invite"}},
		"no such channel": {func(*world) {}, []slack.Person{{Name: "the team", Address: "#nowhere"}}, []string{"no such channel"}},
		"Slack is away":   {func(w *world) { w.ws.Break("*", -1, slacktest.Fault{Cut: true}) }, people, []string{"the bot token", "Socket Mode"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.spoil(w)
			found := w.s.Doctor(t.Context(), c.people)
			if len(found) != len(c.want) {
				t.Fatalf("found %+v", found)
			}
			for i, f := range found {
				if f.About == "" || f.Fault == "" || f.Do == "" || !strings.Contains(fmt.Sprint(f), c.want[i]) {
					t.Errorf("%+v does not speak of %q", f, c.want[i])
				}
			}
			if n := len(w.ws.Requests("chat.postMessage", "conversations.join", "conversations.open")); n != 0 {
				t.Errorf("the doctor made %d calls that people see", n)
			}
		})
	}
}

func TestManifest(t *testing.T) {
	text, err := slack.Manifest(slack.ManifestOptions{
		Description: "Brings what you need", Commands: []slack.SlashCommand{{Name: "/knowhow", Description: "What to do", Usage: "<component or words>"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		OAuth struct {
			Scopes struct{ Bot []string } `json:"scopes"`
		} `json:"oauth_config"`
		Features struct {
			Commands []struct{ Command, URL string } `json:"slash_commands"`
		}
		Settings struct {
			Socket bool `json:"socket_mode_enabled"`
			Events struct {
				Bot []string `json:"bot_events"`
			} `json:"event_subscriptions"`
		}
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if !m.Settings.Socket || len(m.Features.Commands) != 1 || m.Features.Commands[0].URL != "" || len(m.Settings.Events.Bot) != 3 || !slices.Equal(m.OAuth.Scopes.Bot, slack.Scopes()) {
		t.Errorf("%+v", m)
	}
	if _, err := slack.Manifest(slack.ManifestOptions{Mode: slack.HTTP}); err == nil {
		t.Error("a manifest for HTTP without an address")
	}
	text, err = slack.Manifest(slack.ManifestOptions{Mode: slack.HTTP, URL: "https://bot.example/slack", Commands: []slack.SlashCommand{{Name: "/x"}}})
	if err != nil || strings.Count(string(text), "https://bot.example/slack") != 4 || strings.Contains(string(text), `"socket_mode_enabled": true`) {
		t.Errorf("%v\n%s", err, text)
	}
}

// With exactly the scopes of the manifest everything works, and each scope is
// needed: without it something fails.
func TestScopesAreThoseThatAreNeeded(t *testing.T) {
	everything := func(t *testing.T, scopes []string) (denied []string) {
		w := newWorld(t, slacktest.WithScopes(scopes...), slacktest.WithChannels(
			slacktest.Channel{ID: "C0OPEN", Name: "open", Members: []string{tanaka}},
			slacktest.Channel{ID: "G0PRIV", Name: "priv", Private: true, Members: []string{tanaka, slacktest.BotUserID}},
		))
		w.s.Doctor(t.Context(), []slack.Person{{Address: tanaka}, {Address: infra}, {Address: "G0PRIV"}})
		for _, to := range []string{"#open", infra, "G0PRIV", "sato@example.com"} {
			for _, title := range []string{"a", "b"} {
				w.ws.Break("chat.postMessage", map[string]int{"a": 1}[title], slacktest.Fault{LoseAnswer: true})
				_ = w.s.Send(t.Context(), chat.Message{Key: "k", To: to, Title: title})
			}
		}
		for _, r := range w.ws.Requests() {
			if r.Err == "missing_scope" {
				denied = append(denied, r.Method)
			}
		}
		return denied
	}
	if denied := everything(t, slack.Scopes()); len(denied) > 0 {
		t.Errorf("with the scopes of the manifest these are denied: %v", denied)
	}
	for _, scope := range slack.Scopes() {
		switch scope {
		case "commands", "app_mentions:read": // what Slack sends, not what is called
			continue
		}
		left := slices.DeleteFunc(slack.Scopes(), func(s string) bool { return s == scope })
		if denied := everything(t, left); len(denied) == 0 {
			t.Errorf("nothing needs %s", scope)
		}
	}
}
