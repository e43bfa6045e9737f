package slacktest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

// team is a workspace with two people and three channels.
func team(t *testing.T, options ...Option) *Workspace {
	return New(t, append([]Option{
		WithRates(Rates{}),
		WithPeople(
			User{ID: "UTANAKA", Name: "tanaka", RealName: "Tanaka Yuki", Email: "tanaka@example.com", Locale: "ja-JP"},
			User{ID: "USATO", Name: "sato", Email: "sato@example.com"},
			User{ID: "UGONE", Name: "gone", Email: "gone@example.com", Deactivated: true},
		),
		WithChannels(
			Channel{ID: "CINFRA", Name: "infra", Members: []string{"UTANAKA", "USATO", BotUserID}},
			Channel{ID: "COTHER", Name: "other", Members: []string{"UTANAKA"}},
			Channel{ID: "CSECRET", Name: "secret", Private: true, Members: []string{"UTANAKA"}},
			Channel{ID: "COLD", Name: "old", Archived: true, Members: []string{"UTANAKA", BotUserID}},
		)}, options...)...)
}

func text(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }

// wants compares an error's code.
func wants(t *testing.T, what string, err error, code string) {
	t.Helper()
	switch {
	case code == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case code != "" && (err == nil || err.Error() != code):
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestPostUpdateDelete(t *testing.T) {
	ws := team(t)
	api := ws.client()
	meta := slack.SlackMetadata{EventType: "tebiki", EventPayload: map[string]any{"key": "INC-1"}}
	channel, ts, err := api.PostMessage("CINFRA", text("one"), slack.MsgOptionMetadata(meta))
	if err != nil || channel != "CINFRA" {
		t.Fatalf("PostMessage: %s, %v", channel, err)
	}
	_, again, err := api.PostMessage("CINFRA", text("one"))
	if err != nil || again == ts {
		t.Fatalf("the same again: %s, %v; want a second message", again, err)
	}
	if _, _, _, err := api.UpdateMessage("CINFRA", ts, text("two")); err != nil {
		t.Fatalf("UpdateMessage: %v", err)
	}
	_, reply, err := api.PostMessage("CINFRA", text("under it"), slack.MsgOptionTS(ts))
	if err != nil {
		t.Fatalf("a reply: %v", err)
	}
	seen := ws.Person("USATO").See("CINFRA")
	if len(seen) != 2 || seen[0].Text != "two" || !seen[0].Edited || len(seen[0].Replies) != 1 || seen[0].Replies[0].TS != reply {
		t.Errorf("sees %+v", seen)
	}
	if want := `{"event_payload":{"key":"INC-1"},"event_type":"tebiki"}`; string(seen[0].Metadata) != want {
		t.Errorf("metadata %s, want %s", seen[0].Metadata, want)
	}
	if _, _, err := api.DeleteMessage("CINFRA", ts); err != nil {
		t.Errorf("DeleteMessage: %v", err)
	}
	_, _, _, err = api.UpdateMessage("CINFRA", ts, text("three"))
	wants(t, "updating what is gone", err, "message_not_found")
	ws.Person("USATO").Say("CINFRA", "", "mine")
	theirs := ws.Person("USATO").See("CINFRA")
	_, _, _, err = api.UpdateMessage("CINFRA", theirs[len(theirs)-1].TS, text("three"))
	wants(t, "updating another's", err, "cant_update_message")
}

func TestUpdateKeepsWhatIsNotGiven(t *testing.T) {
	ws := team(t)
	api := ws.client()
	block := slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "in a block", false, false), nil, nil)
	_, ts, err := api.PostMessage("UTANAKA", text("one"), slack.MsgOptionBlocks(block))
	if err != nil {
		t.Fatal(err)
	}
	direct := ws.Person("UTANAKA").Direct()
	if _, _, _, err := api.UpdateMessage(direct, ts, text("two")); err != nil {
		t.Fatal(err)
	}
	if m := ws.Person("UTANAKA").See(direct)[0]; m.Text != "two" || m.Shown != "in a block" {
		t.Errorf("sees %q and %q: a text alone must leave the blocks", m.Text, m.Shown)
	}
	if a := ws.form(t, "chat.update", map[string]string{"token": BotToken, "channel": direct, "ts": ts, "text": "three", "blocks": "[]"}); a["ok"] != true {
		t.Fatal(a)
	}
	if m := ws.Person("UTANAKA").See(direct)[0]; m.Shown != "three" {
		t.Errorf("sees %q: empty blocks must go", m.Shown)
	}
}

func TestWhereTheBotMayWrite(t *testing.T) {
	ws := team(t, WithScopes("chat:write", "im:write", "channels:join"))
	api := ws.client()
	for channel, code := range map[string]string{
		"CINFRA": "", "UTANAKA": "", "COTHER": "not_in_channel", "CSECRET": "channel_not_found", "COLD": "is_archived",
		"CNONE": "channel_not_found", "": "channel_not_found", "#infra": "channel_not_found", "USLACKBOT": "cannot_dm_bot",
		"UGONE": "user_disabled",
	} {
		_, _, err := api.PostMessage(channel, text("hello"))
		wants(t, "posting to "+channel, err, code)
	}
	ws.Invite("CSECRET", BotUserID)
	_, _, err := api.PostMessage("CSECRET", text("hello"))
	wants(t, "posting where it was invited", err, "")
	_, _, _, err = api.JoinConversation("COTHER")
	wants(t, "joining", err, "")
	_, _, err = api.PostMessage("COTHER", text("hello"))
	wants(t, "posting where it joined", err, "")
	ws.Remove("COTHER", BotUserID)
	ws.SetScopes("chat:write", "chat:write.public")
	_, _, err = api.PostMessage("COTHER", text("hello"))
	wants(t, "posting with chat:write.public", err, "")
	_, _, err = api.PostMessage("CINFRA", text(""))
	wants(t, "posting nothing", err, "no_text")
	direct := ws.Person("UTANAKA").Direct()
	ws.Deactivate("UTANAKA")
	_, _, err = api.PostMessage(direct, text("hello"))
	wants(t, "posting to somebody who left", err, "is_archived")
}

func TestEphemeral(t *testing.T) {
	ws := team(t)
	api := ws.client()
	if _, err := api.PostEphemeral("CINFRA", "USATO", text("for you")); err != nil {
		t.Fatal(err)
	}
	if seen := ws.Person("USATO").See("CINFRA"); len(seen) != 1 || !seen[0].Ephemeral {
		t.Errorf("Sato sees %+v", seen)
	}
	if seen := ws.Person("UTANAKA").See("CINFRA"); len(seen) != 0 {
		t.Errorf("Tanaka sees %+v", seen)
	}
	h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "CINFRA"})
	if err != nil || len(h.Messages) != 0 {
		t.Errorf("history has %d, %v", len(h.Messages), err)
	}
	_, err = api.PostEphemeral("CINFRA", "UGONE", text("for you"))
	wants(t, "to somebody else", err, "user_not_in_channel")
}

func TestHistoryIsPagedAndHoldsMetadataWhenAsked(t *testing.T) {
	ws := team(t)
	api := ws.client()
	var want []string
	for i := range 7 {
		meta := slack.SlackMetadata{EventType: "tebiki", EventPayload: map[string]any{"n": i}}
		_, ts, err := api.PostMessage("CINFRA", text(fmt.Sprint(i)), slack.MsgOptionMetadata(meta))
		if err != nil {
			t.Fatal(err)
		}
		want = append([]string{ts}, want...)
	}
	var got []string
	p := slack.GetConversationHistoryParameters{ChannelID: "CINFRA", Limit: 3, IncludeAllMetadata: true}
	for {
		h, err := api.GetConversationHistory(&p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range h.Messages {
			got = append(got, m.Timestamp)
			if m.Metadata.EventType != "tebiki" {
				t.Errorf("message %s has no metadata", m.Timestamp)
			}
		}
		if p.Cursor = h.ResponseMetaData.NextCursor; p.Cursor == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "CINFRA", Oldest: want[3], Latest: want[1]})
	if err != nil || len(h.Messages) != 1 || h.Messages[0].Timestamp != want[2] || h.Messages[0].Metadata.EventType != "" {
		t.Errorf("between two: %+v, %v", h, err)
	}
	p.Cursor = "nonsense"
	_, err = api.GetConversationHistory(&p)
	wants(t, "a wrong cursor", err, "invalid_cursor")
}

func TestReplies(t *testing.T) {
	ws := team(t)
	api := ws.client()
	_, parent, _ := api.PostMessage("CINFRA", text("parent"))
	for i := range 3 {
		if _, _, err := api.PostMessage("CINFRA", text(fmt.Sprint(i)), slack.MsgOptionTS(parent)); err != nil {
			t.Fatal(err)
		}
	}
	all, _, _, err := api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: "CINFRA", Timestamp: parent})
	if err != nil || len(all) != 4 || all[0].ReplyCount != 3 || all[3].Text != "2" {
		t.Errorf("replies %+v, %v", all, err)
	}
	_, _, _, err = api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: "CINFRA", Timestamp: "1.1"})
	wants(t, "no thread", err, "thread_not_found")
	_, _, err = api.PostMessage("CINFRA", text("lost"), slack.MsgOptionTS("1.1"))
	wants(t, "a reply to nothing", err, "thread_not_found")
}

func TestPeople(t *testing.T) {
	ws := team(t)
	api := ws.client()
	u, err := api.GetUserByEmail("TANAKA@example.com")
	if err != nil || u.ID != "UTANAKA" || u.Profile.Email != "tanaka@example.com" {
		t.Errorf("by mail: %+v, %v", u, err)
	}
	_, err = api.GetUserByEmail("gone@example.com")
	wants(t, "somebody who left", err, "users_not_found")
	gone, err := api.GetUserInfo("UGONE")
	if err != nil || !gone.Deleted {
		t.Errorf("info: %+v, %v", gone, err)
	}
	_, err = api.GetUserInfo("UNOBODY")
	wants(t, "nobody", err, "user_not_found")
	all, err := api.GetUsers(slack.GetUsersOptionLimit(2))
	if err != nil || len(all) != 5 {
		t.Errorf("%d users, %v; want 5 over three pages", len(all), err)
	}
	ch, _, _, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"UTANAKA"}})
	if err != nil || ch.ID != ws.Person("UTANAKA").Direct() {
		t.Errorf("open: %+v, %v", ch, err)
	}
	for user, code := range map[string]string{"UGONE": "user_disabled", "UNOBODY": "user_not_found", BotUserID: "cannot_dm_bot"} {
		_, _, _, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{user}})
		wants(t, "opening with "+user, err, code)
	}
}

func TestTokensAndScopes(t *testing.T) {
	ws := team(t, WithScopes("chat:write", "users:read"))
	if a, err := ws.client().AuthTest(); err != nil || a.BotID != BotID || a.UserID != BotUserID || a.Header.Get("X-OAuth-Scopes") != "chat:write,users:read" {
		t.Errorf("AuthTest: %+v, %v", a, err)
	}
	for token, code := range map[string]string{"": "not_authed", "xoxb-wrong": "invalid_auth", AppToken: "not_allowed_token_type"} {
		_, err := slack.New(token, slack.OptionAPIURL(ws.URL())).AuthTest()
		wants(t, "with token "+token, err, code)
	}
	_, err := ws.client().GetUserByEmail("tanaka@example.com")
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "missing_scope" || refused.Needed != "users:read.email" || refused.Provided != "chat:write,users:read" {
		t.Errorf("without the scope: %#v", err)
	}
	_, err = ws.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "CINFRA"})
	if !errors.As(err, &refused) || refused.Needed != "channels:history" {
		t.Errorf("history without the scope: %#v", err)
	}
	if u, err := ws.client().GetUserInfo("UTANAKA"); err != nil || u.Profile.Email != "" {
		t.Errorf("without users:read.email the mail is %q, %v", u.Profile.Email, err)
	}
	ws.Revoke("token_revoked")
	_, err = ws.client().AuthTest()
	wants(t, "revoked", err, "token_revoked")
	ws.RevokeApp("account_inactive")
	_, _, err = ws.client().StartSocketModeContext(t.Context())
	wants(t, "the app revoked", err, "account_inactive")
}

func TestHostileRequests(t *testing.T) {
	ws := team(t)
	post := func(kind, body string) obj {
		r, err := http.Post(ws.URL()+"chat.postMessage", kind, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		return read(t, r)
	}
	for _, c := range []struct{ kind, body, code string }{
		{"application/json", "{", "invalid_json"},
		{"application/json", "[1]", "json_not_object"},
		{"application/json", `{"token":"` + BotToken + `"}`, "not_authed"}, // a JSON body holds no token
		{"text/plain", "hello", "invalid_post_type"},
		{"application/x-www-form-urlencoded", "a=%zz", "invalid_form_data"},
		{"multipart/form-data; boundary=x", "no parts", "invalid_form_data"},
		{"application/x-www-form-urlencoded", "channel=" + strings.Repeat("C", 1<<16), "not_authed"},
		{"application/x-www-form-urlencoded", strings.Repeat("a", maxBody+1), "request_too_large"},
		{"application/x-www-form-urlencoded", "token=" + BotToken + "&channel=CINFRA&text=a&thread_ts=x", "thread_not_found"},
		{"application/x-www-form-urlencoded", "token=" + BotToken + "&channel=CINFRA&text=a&metadata=x", "invalid_metadata_format"},
		{"application/x-www-form-urlencoded", "token=" + BotToken + "&channel=CINFRA&text=a&metadata={\"event_type\":\"a\",\"event_payload\":{\"k\":\"" + strings.Repeat("a", mostMetadata) + "\"}}", "metadata_too_large"},
	} {
		if a := post(c.kind, c.body); a["error"] != c.code {
			t.Errorf("%s %.40s: %v, want %s", c.kind, c.body, a, c.code)
		}
	}
	if a := ws.form(t, "chat.explode", map[string]string{"token": BotToken}); a["error"] != "unknown_method" {
		t.Errorf("an unknown method: %v", a)
	}
}

func TestJSONBodies(t *testing.T) {
	ws := team(t)
	r, _ := http.NewRequest("POST", ws.URL()+"chat.postMessage", strings.NewReader(`{"channel":"CINFRA","text":"a","blocks":[{"type":"divider"}]}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+BotToken)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if a := read(t, resp); a["ok"] != true || a["warning"] != "missing_charset" {
		t.Errorf("answer %v", a)
	}
	if rec := ws.Requests("chat.postMessage"); len(rec) != 1 || !rec[0].JSON || !rec[0].InHeader || rec[0].Token != "bot" || rec[0].Params["blocks"] != `[{"type":"divider"}]` {
		t.Errorf("recorded %+v", rec)
	}
}

func TestRates(t *testing.T) {
	ws := team(t, WithRates(Rates{Channel: Rate{time.Hour, 2}, Tier3: Rate{time.Hour, 1}}))
	api := ws.client()
	for i := range 2 {
		_, _, err := api.PostMessage("CINFRA", text("hello"))
		wants(t, fmt.Sprint("post ", i), err, "")
	}
	_, _, err := api.PostMessage("CINFRA", text("hello"))
	var limited *slack.RateLimitedError
	if !errors.As(err, &limited) || limited.RetryAfter < 59*time.Minute {
		t.Errorf("the third: %v", err)
	}
	_, ts, err := api.PostMessage("UTANAKA", text("hello"))
	wants(t, "another channel", err, "")
	direct := ws.Person("UTANAKA").Direct()
	_, _, err = api.PostMessage(direct, text("hello"))
	wants(t, "the same by its other name", err, "")
	if _, _, err = api.PostMessage(direct, text("hello")); !errors.As(err, &limited) {
		t.Errorf("the third by its other name: %v", err)
	}
	_, _, _, err = api.UpdateMessage(direct, ts, text("new"))
	wants(t, "an update", err, "")
	if _, _, _, err := api.UpdateMessage(direct, ts, text("new")); !errors.As(err, &limited) {
		t.Errorf("the second update: %v", err)
	}
	if len(ws.Person("UTANAKA").See("CINFRA")) != 2 {
		t.Error("a refused post is there")
	}
}

func TestBucketFillsAgain(t *testing.T) {
	at := time.Unix(0, 0)
	b, r := bucket{left: 1, at: at}, Rate{time.Second, 1}
	if w := b.take(r, at); w != 0 {
		t.Errorf("the first waits %v", w)
	}
	if w := b.take(r, at.Add(400*time.Millisecond)); w != 600*time.Millisecond {
		t.Errorf("after 0.4 s waits %v, want 0.6 s", w)
	}
	if w := b.take(r, at.Add(time.Second)); w != 0 {
		t.Errorf("after 1 s waits %v", w)
	}
}
