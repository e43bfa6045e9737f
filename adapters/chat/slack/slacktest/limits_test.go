package slacktest

import (
	"errors"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// TestLimits holds each limit of a message at its edge: what is just allowed
// and what is just refused, with the words and the place that Slack gives.
func TestLimits(t *testing.T) {
	section := func(n int) string { return `[{"type":"section","text":` + words("mrkdwn", n) + `}]` }
	button := func(members string) string {
		return `[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"x"},` + members + `}]}]`
	}
	menu := func(options string) string {
		return `[{"type":"actions","elements":[{"type":"static_select","action_id":"a","options":` + options + `}]}]`
	}
	for _, c := range []struct {
		name    string
		good    string
		bad     string
		message string
	}{
		{"section text", section(3000), section(3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"empty text", section(1), section(0), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{"characters, not bytes", strings.ReplaceAll(section(3000), "xxx", "手手手"), strings.ReplaceAll(section(3001), "xxx", "手手手"), "must be less than 3001 characters"},
		{"header", `[{"type":"header","text":` + words("plain_text", 150) + `}]`, `[{"type":"header","text":` + words("plain_text", 151) + `}]`, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		{"header in markup", `[{"type":"header","text":` + words("plain_text", 1) + `}]`, `[{"type":"header","text":` + words("mrkdwn", 1) + `}]`, "must be a valid enum value [json-pointer:/blocks/0/text/type]"},
		{"fields", `[{"type":"section","fields":` + many(10, words("mrkdwn", 10)) + `}]`, `[{"type":"section","fields":` + many(11, words("mrkdwn", 10)) + `}]`, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{"field text", `[{"type":"section","fields":` + many(1, words("mrkdwn", 2000)) + `}]`, `[{"type":"section","fields":` + many(1, words("mrkdwn", 2001)) + `}]`, "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"},
		{"neither text nor fields", section(1), `[{"type":"section"}]`, "must define either `text` or `fields` [json-pointer:/blocks/0/type]"},
		{"blocks", many(50, `{"type":"divider"}`), many(51, `{"type":"divider"}`), "no more than 50 items allowed [json-pointer:/blocks]"},
		{"context", `[{"type":"context","elements":` + many(10, words("mrkdwn", 1)) + `}]`, `[{"type":"context","elements":` + many(11, words("mrkdwn", 1)) + `}]`, "no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
		{"actions", `[{"type":"actions","elements":` + buttons(25) + `}]`, `[{"type":"actions","elements":` + buttons(26) + `}]`, "no more than 25 items allowed [json-pointer:/blocks/0/elements]"},
		{"no actions", `[{"type":"actions","elements":` + buttons(1) + `}]`, `[{"type":"actions","elements":[]}]`, "must provide at least 1 items [json-pointer:/blocks/0/elements]"},
		{"button label", `[{"type":"actions","elements":[{"type":"button","text":` + words("plain_text", 75) + `}]}]`, `[{"type":"actions","elements":[{"type":"button","text":` + words("plain_text", 76) + `}]}]`, "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
		{"button value", button(`"value":` + quoted(2000)), button(`"value":` + quoted(2001)), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"button style", button(`"style":"danger"`), button(`"style":"default"`), "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"},
		{"button link", button(`"url":` + quoted(3000)), button(`"url":` + quoted(3001)), "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]"},
		{"action_id", button(`"action_id":` + quoted(255)), button(`"action_id":` + quoted(256)), "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"},
		{"block_id", `[{"type":"divider","block_id":` + quoted(255) + `}]`, `[{"type":"divider","block_id":` + quoted(256) + `}]`, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"},
		{"block_id twice", `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"b"}]`, `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}]`, "`block_id` \"a\" already exists [json-pointer:/blocks/1/block_id]"},
		{"action_id twice", `[{"type":"actions","elements":` + buttons(2) + `}]`, `[{"type":"actions","elements":` + buttons(1) + `},{"type":"actions","elements":` + buttons(1) + `}]`, "already exists [json-pointer:/blocks/1/elements/0/action_id]"},
		{"options", menu(options(100, 5, 5)), menu(options(101, 5, 5)), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"no options", menu(options(1, 1, 1)), menu(`[]`), "must provide at least 1 items [json-pointer:/blocks/0/elements/0/options]"},
		{"option text", menu(options(1, 75, 5)), menu(options(1, 76, 5)), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]"},
		{"option value", menu(options(1, 5, 150)), menu(options(1, 5, 151)), "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]"},
		{"overflow", `[{"type":"actions","elements":[{"type":"overflow","options":` + options(5, 5, 5) + `}]}]`, `[{"type":"actions","elements":[{"type":"overflow","options":` + options(6, 5, 5) + `}]}]`, "no more than 5 items allowed"},
		{"confirm", button(`"confirm":{"title":` + words("plain_text", 100) + `,"text":` + words("mrkdwn", 300) + `,"confirm":` + words("plain_text", 30) + `,"deny":` + words("plain_text", 30) + `}`), button(`"confirm":{"title":` + words("plain_text", 100) + `,"text":` + words("mrkdwn", 301) + `,"confirm":` + words("plain_text", 30) + `,"deny":` + words("plain_text", 30) + `}`), "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]"},
		{"unknown block", section(1), `[{"type":"banner"}]`, "unsupported type: banner [json-pointer:/blocks/0/type]"},
		{"no type", section(1), `[{}]`, "missing required field: type [json-pointer:/blocks/0]"},
		{"unknown member", button(`"value":"a"`), button(`"colour":"red"`), "invalid additional property: colour [json-pointer:/blocks/0/elements/0/colour]"},
		{"markdown", `[{"type":"markdown","text":` + quoted(12000) + `}]`, `[{"type":"markdown","text":` + quoted(12001) + `}]`, "must be less than 12001 characters [json-pointer:/blocks/0/text]"},
		{"typing only in input", section(1), `[{"type":"actions","elements":[{"type":"plain_text_input"}]}]`, "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"},
		{"image", `[{"type":"image","image_url":"http://a/b.png","alt_text":"b"}]`, `[{"type":"image","image_url":"http://a/b.png"}]`, "missing required field: alt_text [json-pointer:/blocks/0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ws := New(t, WithRates(Rates{}), WithPeople(User{ID: "U1"}))
			if err := ws.tryBlocks(t, c.good); err != nil {
				t.Errorf("just allowed: %v", err)
			}
			var refused slack.SlackErrorResponse
			if err := ws.tryBlocks(t, c.bad); !errors.As(err, &refused) || refused.Err != "invalid_blocks" {
				t.Fatalf("just refused: %v, want invalid_blocks", err)
			}
			if all := strings.Join(refused.ResponseMetadata.Messages, "\n"); !strings.Contains(all, c.message) {
				t.Errorf("says %q, want %q in it", all, c.message)
			}
		})
	}
}

func TestLimitsOfTheWholeMessage(t *testing.T) {
	section := `{"type":"section","text":` + words("mrkdwn", 2500) + `}`
	ws := New(t, WithRates(Rates{}), WithPeople(User{ID: "U1"}))
	api := ws.client()
	if err := ws.tryBlocks(t, many(5, section)); err != nil {
		t.Errorf("13,000 with the blocks: %v", err)
	}
	if err := ws.tryBlocks(t, many(6, section)); err == nil || err.Error() != "msg_blocks_too_long" {
		t.Errorf("15,600 with the blocks: %v", err)
	}
	_, ts, err := api.PostMessage("U1", slack.MsgOptionText(strings.Repeat("手", 40_000), false))
	if err != nil {
		t.Fatalf("40,000 characters: %v", err)
	}
	if _, _, err := api.PostMessage("U1", slack.MsgOptionText(strings.Repeat("手", 40_001), false)); err == nil || err.Error() != "msg_too_long" {
		t.Errorf("40,001 characters: %v", err)
	}
	direct := ws.Person("U1").Direct()
	if _, _, _, err := api.UpdateMessage(direct, ts, slack.MsgOptionText(strings.Repeat("x", 4000), false)); err != nil {
		t.Errorf("update with 4,000 bytes: %v", err)
	}
	if _, _, _, err := api.UpdateMessage(direct, ts, slack.MsgOptionText(strings.Repeat("手", 1334), false)); err == nil || err.Error() != "msg_too_long" {
		t.Errorf("update with 4,002 bytes: %v", err)
	}
	for text, want := range map[string]string{`{"a":1}`: "invalid_blocks_format", `"text"`: "invalid_blocks_format", `[`: "invalid_blocks_format", `[]`: "no_text"} {
		if err := ws.tryBlocks(t, text); err == nil || err.Error() != want {
			t.Errorf("blocks %s: %v, want %s", text, err, want)
		}
	}
}

func TestLimitsOfViews(t *testing.T) {
	input := `{"type":"input","label":` + words("plain_text", 5) + `,"element":{"type":"plain_text_input"}}`
	modal := func(members string) string {
		return `{"type":"modal","title":` + words("plain_text", 24) + `,"submit":` + words("plain_text", 24) + `,` + members + `}`
	}
	for _, c := range []struct{ name, good, bad, message string }{
		{"title", modal(`"blocks":[]`), `{"type":"modal","title":` + words("plain_text", 25) + `,"blocks":[]}`, "must be less than 25 characters [json-pointer:/view/title/text]"},
		{"submit", modal(`"blocks":[]`), `{"type":"modal","title":` + words("plain_text", 4) + `,"submit":` + words("plain_text", 25) + `,"blocks":[]}`, "must be less than 25 characters [json-pointer:/view/submit/text]"},
		{"private_metadata", modal(`"blocks":[],"private_metadata":` + quoted(3000)), modal(`"blocks":[],"private_metadata":` + quoted(3001)), "must be less than 3001 characters [json-pointer:/view/private_metadata]"},
		{"callback_id", modal(`"blocks":[],"callback_id":` + quoted(255)), modal(`"blocks":[],"callback_id":` + quoted(256)), "must be less than 256 characters [json-pointer:/view/callback_id]"},
		{"blocks", modal(`"blocks":` + many(100, `{"type":"divider"}`)), modal(`"blocks":` + many(101, `{"type":"divider"}`)), "no more than 100 items allowed [json-pointer:/view/blocks]"},
		{"input without submit", modal(`"blocks":` + many(1, input)), `{"type":"modal","title":` + words("plain_text", 4) + `,"blocks":` + many(1, input) + `}`, "must define `submit` to use an `input` block in modals [json-pointer:/view]"},
		{"no blocks", modal(`"blocks":[]`), modal(`"clear_on_close":true`), "missing required field: blocks [json-pointer:/view]"},
		{"a home page is no modal", modal(`"blocks":[]`), `{"type":"home","blocks":[]}`, "unsupported type: home [json-pointer:/view/type]"},
		{"markdown", modal(`"blocks":[]`), modal(`"blocks":[{"type":"markdown","text":"a"}]`), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ws := New(t, WithRates(Rates{}), WithPeople(User{ID: "U1"}))
			open := func(view string) obj {
				ws.mu.Lock()
				trigger := ws.newTrigger("U1", "")
				ws.mu.Unlock()
				return ws.form(t, "views.open", map[string]string{"token": BotToken, "trigger_id": trigger, "view": view})
			}
			if a := open(c.good); a["ok"] != true {
				t.Errorf("just allowed: %v", a)
			}
			a := open(c.bad)
			if a["error"] != "invalid_arguments" || !strings.Contains(asText(a["response_metadata"]), strings.ReplaceAll(c.message, `"`, `\"`)) {
				t.Errorf("just refused: %v, want %q", asText(a), c.message)
			}
		})
	}
}
