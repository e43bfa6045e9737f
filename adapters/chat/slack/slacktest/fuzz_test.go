package slacktest

import (
	"encoding/json"
	"testing"
)

// FuzzBlocks: nothing that a bot sends breaks the workspace, and what is
// accepted stays acceptable once its parts are named.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[null]`, `[1]`, `{}`, `[{"type":"section"}]`, `[{"type":"divider","block_id":""}]`,
		`[{"type":"section","text":{"type":"mrkdwn","text":"<!channel>"},"accessory":{"type":"button","text":{"type":"plain_text","text":"a"}}}]`,
		`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"button","action_id":5}]}]}]`,
		`[{"type":"image","alt_text":"a","slack_file":{"type":"button","action_id":[]}}]`,
		`[{"type":"actions","elements":[{"type":"static_select","option_groups":[{"label":{"type":"plain_text","text":"a"},"options":[{"text":{"type":"plain_text","text":"a"},"value":"b"}]}]}]}]`,
		`[{"type":"input","label":{"type":"plain_text","text":"a"},"element":{"type":"conversations_select","filter":{"type":"checkboxes","action_id":{}}}}]`,
		`[{"type":"context","elements":[{"type":"image"}]}]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		all, err := checkBlocks(v)
		if err != nil {
			return
		}
		named := (&Workspace{}).nameParts(all)
		if _, err := checkBlocks(named); err != nil {
			t.Errorf("named: %v", err)
		}
		m := &message{blocks: named}
		m.seen()
		for _, e := range controls(named, nil) {
			(&Workspace{lastTS: 1}).use(named, "here", e.Action, nil)
		}
		v2 := &view{raw: obj{"type": "modal", "blocks": named}}
		v2.fill(nil)
		v2.fill(v2.values)
		v2.seen()
		v2.unfilled()
	})
}
