package slacktest

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func TestConversations(t *testing.T) {
	ws := team(t)
	api := ws.client()
	ch, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "CINFRA", IncludeNumMembers: true})
	if err != nil || ch.Name != "infra" || !ch.IsMember || ch.NumMembers != 3 {
		t.Errorf("info: %+v, %v", ch, err)
	}
	im, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: ws.Person("USATO").Direct()})
	if err != nil || !im.IsIM || im.User != "USATO" {
		t.Errorf("info of direct messages: %+v, %v", im, err)
	}
	_, err = api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "CSECRET"})
	wants(t, "a private channel without the bot", err, "channel_not_found")
	ws.Invite("CSECRET", BotUserID)
	var names []string
	params := slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}, ExcludeArchived: true, Limit: 1}
	for {
		page, next, err := api.GetConversations(&params)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range page {
			names = append(names, ch.Name)
		}
		if params.Cursor = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"infra", "other", "secret"}, names); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	ws.SetScopes("channels:read")
	_, _, err = api.GetConversations(&params)
	wants(t, "a list by a wrong cursor", err, "missing_scope")
	var refused slack.SlackErrorResponse
	if errors.As(err, &refused) && refused.Needed != "groups:read" {
		t.Errorf("needs %s", refused.Needed)
	}
}

func TestJoining(t *testing.T) {
	ws := team(t)
	api := ws.client()
	for channel, code := range map[string]string{"COTHER": "", "CINFRA": "", "COLD": "is_archived", "CNONE": "channel_not_found", ws.Person("USATO").Direct(): "method_not_supported_for_channel_type"} {
		_, _, _, err := api.JoinConversation(channel)
		wants(t, "joining "+channel, err, code)
	}
}

func TestAChannelComesAndGoes(t *testing.T) {
	ws := team(t, WithScopes("chat:write"))
	api := ws.client()
	_, ts, err := api.PostMessage("CINFRA", text("a"))
	wants(t, "posting", err, "")
	ws.Archive("CINFRA")
	_, _, err = api.PostMessage("CINFRA", text("b"))
	wants(t, "posting to the archived channel", err, "is_archived")
	_, _, _, err = api.UpdateMessage("CINFRA", ts, text("b"))
	wants(t, "updating there", err, "is_archived")
	ws.Unarchive("CINFRA")
	_, _, err = api.PostMessage("CINFRA", text("b"))
	wants(t, "posting once it is back", err, "not_in_channel")
	ws.Reactivate("UGONE")
	_, _, err = api.PostMessage("UGONE", text("welcome back"))
	wants(t, "posting to somebody who is back", err, "")
}

func TestReactions(t *testing.T) {
	ws := team(t)
	api := ws.client()
	_, ts, err := api.PostMessage("CINFRA", text("a"))
	wants(t, "posting", err, "")
	for _, c := range []struct{ name, ts, code string }{
		{"eyes", ts, ""}, {"eyes", ts, "already_reacted"}, {"", ts, "invalid_name"}, {"eyes", "1.1", "message_not_found"},
	} {
		a := ws.form(t, "reactions.add", map[string]string{"token": BotToken, "channel": "CINFRA", "timestamp": c.ts, "name": c.name})
		if code, _ := a["error"].(string); code != c.code {
			t.Errorf("%q at %s: %v, want %q", c.name, c.ts, a, c.code)
		}
	}
	h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "CINFRA"})
	if err != nil || len(h.Messages[0].Reactions) != 1 || h.Messages[0].Reactions[0].Name != "eyes" {
		t.Errorf("history %+v, %v", h, err)
	}
}

func TestBot(t *testing.T) {
	ws := team(t)
	b, err := ws.client().GetBotInfo(slack.GetBotInfoParameters{Bot: BotID})
	if err != nil || b.UserID != BotUserID {
		t.Errorf("%+v, %v", b, err)
	}
	_, err = ws.client().GetBotInfo(slack.GetBotInfoParameters{Bot: "BOTHER"})
	wants(t, "another bot", err, "bot_not_found")
}

func TestEmitAndNoRecord(t *testing.T) {
	ws := team(t, WithoutRecord())
	b := listen(t, ws, acks)
	if r := ws.Emit(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"bot": []string{BotUserID}}}); !r.Acked {
		t.Errorf("%+v", r)
	}
	if e := b.wait(t, socketmode.EventTypeEventsAPI); !strings.Contains(string(e.Request.Payload), "tokens_revoked") {
		t.Errorf("%s", e.Request.Payload)
	}
	if len(ws.Requests()) != 0 || len(ws.Repeat(1)) != 0 {
		t.Error("something was recorded")
	}
}
