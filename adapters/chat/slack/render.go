package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/mrkdwn"
)

// Slack's limits, a little below where it counts otherwise than we do.
const (
	maxText     = 2900   // characters of a section's text, of 3,000
	maxMessage  = 12_800 // of all blocks, with blockCost for each; 13,200 is where Slack refuses
	blockCost   = 100
	minMessage  = 6_000 // what the buttons leave for title and text
	maxBlocks   = 48    // of 50
	maxKey      = 1 << 10
	maxTitle    = 300 // as the console has it
	maxFallback = 600 // characters of text beside the title for who does not see blocks
)

// content is a message as Slack gets it.
type content struct {
	text   string // for notifications and screen readers
	blocks []sdk.Block
	hash   string
}

// render makes blocks of m: a mark that it is urgent, the title, the
// sections, the buttons.
func (s *Slack) render(m chat.Message) (content, error) {
	title := cutLabel(mrkdwn.Line(m.Title), maxTitle)
	switch {
	case m.Key == "" || len(m.Key) > maxKey || !utf8.ValidString(m.Key):
		return content{}, refused("the key %.80q is empty, too long or not UTF-8", m.Key)
	case title == "":
		return content{}, refused("the message has no title: a notification would show nothing")
	}
	b := builder{lang: s.lang(m.Lang), link: m.Link, left: maxMessage, room: maxBlocks}
	buttons, err := b.buttons(m.Buttons)
	if err != nil {
		return content{}, err
	}
	buttons = b.opening(buttons, m.Link)
	if b.reserve(buttons); b.left < minMessage {
		return content{}, refused("the buttons of the message have too many or too long choices: %d characters are too many", maxMessage-b.left)
	}
	if m.Urgent {
		b.add(sdk.NewContextBlock("", mrkdwnText(":rotating_light: *"+say(b.lang).Urgent+"*")))
	}
	b.add(section(mrkdwn.Bold(title, m.Link), true))
	b.sections(m.Sections)
	c := content{text: b.fallback(m, title), blocks: append(b.out, buttons...)}
	c.hash, err = hashOf(c, m.Thread)
	return c, err
}

func (s *Slack) lang(of string) string {
	if of == "" {
		return s.opt.Lang
	}
	return of
}

// hashOf names what is shown, so that the same is not sent twice.
func hashOf(c content, thread string) (string, error) {
	data, err := json.Marshal(struct {
		Text, Thread string
		Blocks       []sdk.Block
	}{c.text, thread, c.blocks})
	if err != nil {
		return "", fmt.Errorf("write the blocks of a message: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12]), nil
}
