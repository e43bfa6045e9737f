package slacktest

import (
	"regexp"
	"slices"
)

// mention is what Slack makes a mention of in text; a date looks alike and is
// none.
var mention = regexp.MustCompile(`<(!(?:channel|here|everyone|subteam\^[A-Z0-9]+)|@[UW][A-Z0-9]+)(?:\|[^>]*)?>`)

// mentions are those in a message's text, in the blocks where markup counts,
// and in rich text. The text counts beside blocks too: it is what
// notifications are made of.
func mentions(m *message) (found []string) {
	add := func(text string) {
		for _, hit := range mention.FindAllStringSubmatch(text, -1) {
			found = append(found, hit[1])
		}
	}
	add(m.text)
	each(any(m.blocks), func(o obj) {
		text, _ := o["text"].(string)
		word := func(name string) string { s, _ := o[name].(string); return s }
		switch o["type"] {
		case "mrkdwn", "markdown":
			add(text)
		case "broadcast":
			found = append(found, "!"+word("range"))
		case "user":
			found = append(found, "@"+word("user_id"))
		}
	})
	slices.Sort(found)
	return slices.Compact(found)
}
