package slacktest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

const described = "../../../../../shared/slack/web-api.openapi2.json"

func TestCheckOpenAPI(t *testing.T) {
	ws := team(t)
	api := ws.client()
	_, ts, err := api.PostMessage("CINFRA", text("a"), slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "t", EventPayload: map[string]any{}}))
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, err = api.UpdateMessage("CINFRA", ts, text("b"))
	wants(t, "update", err, "")
	_, err = api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "CINFRA", IncludeAllMetadata: true})
	wants(t, "history", err, "")
	_, err = api.GetUserByEmail("tanaka@example.com")
	wants(t, "lookup", err, "")
	_, err = api.PublishView("UTANAKA", slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}, "")
	wants(t, "publish", err, "")
	ws.CheckOpenAPI(t, described)
}

func TestRequestsThatSlackDoesNotDescribe(t *testing.T) {
	known := readOpenAPI(t, described)["chat.postMessage"]
	r := Request{Method: "chat.postMessage", Token: "none", Params: map[string]string{"text": "a", "colour": "red", "unfurl_links": "perhaps"}}
	got := r.against(known)
	slices.Sort(got)
	want := []string{
		"has no token", "has the parameter colour, which Slack does not know", "lacks the parameter channel",
		`unfurl_links is "perhaps", which is no boolean`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
