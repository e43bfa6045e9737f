package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
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
	maxBlocks   = 48 // of 50
	maxKey      = 1 << 10
	maxTitle    = 300 // as the console has it
	maxFallback = 600 // characters of text beside the title for who does not see blocks
)

// What one section may take of a message.
const (
	openShare   = 5000
	foldedShare = 1200
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
	b.reserve(buttons)
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

// builder puts blocks together within what a message, a home or a window may
// hold.
type builder struct {
	lang, link string
	out        []sdk.Block
	left       int // characters
	room       int // blocks
	actions    int // buttons so far: their number keeps their ids apart
}

func (b *builder) add(block sdk.Block) {
	b.out = append(b.out, block)
	b.left -= cost(block)
	b.room--
}

// reserve keeps place for blocks that come at the end.
func (b *builder) reserve(blocks []sdk.Block) {
	for _, block := range blocks {
		b.left -= cost(block)
		b.room--
	}
}

// cost is what a block takes of a message.
func cost(block sdk.Block) int {
	n := blockCost
	switch block := block.(type) {
	case *sdk.SectionBlock:
		n += mrkdwn.Size(block.Text.Text)
	case *sdk.ActionBlock:
		n += len(block.Elements.ElementSet) * maxLabel
	}
	return n
}

// sections adds the sections, and tells at the end when some had no place.
// What may be folded gets what the others leave.
func (b *builder) sections(list []chat.Section) {
	texts := make([][]string, len(list))
	left := b.left - 2*blockCost // for the last sign
	for _, folded := range []bool{false, true} {
		for i, one := range list {
			if one.Folded == folded {
				texts[i] = b.section(one, left)
				left -= sizeOf(texts[i])
			}
		}
	}
	dropped := false
	for i, one := range list {
		dropped = dropped || len(texts[i]) == 0 && (one.Heading != "" || one.Markdown != "")
		for _, text := range texts[i] {
			if b.room <= 1 {
				dropped = true
				break
			}
			b.add(section(text, !one.Folded))
		}
	}
	if dropped {
		b.add(sdk.NewContextBlock("", mrkdwnText(b.more())))
	}
}

func sizeOf(texts []string) (n int) {
	for _, t := range texts {
		n += mrkdwn.Size(t) + blockCost
	}
	return n
}

// section gives the texts of a section, cut after a sentence where it would
// take more than its share or than what is left.
func (b *builder) section(one chat.Section, left int) []string {
	share := openShare
	if one.Folded {
		share = foldedShare
	}
	share = min(share, left-3*blockCost)
	if share < 100 {
		return nil
	}
	pieces, whole := mrkdwn.Convert(one.Markdown)
	if heading := cutLabel(mrkdwn.Line(one.Heading), maxTitle); heading != "" {
		pieces = append([]mrkdwn.Piece{{Text: mrkdwn.Bold(heading, ""), Break: true}}, pieces...)
	}
	sign := b.more()
	head, all := mrkdwn.Cut(pieces, share-mrkdwn.Size(sign)-1)
	if len(head) == 0 && len(pieces) > 0 {
		return nil
	}
	if !all || !whole {
		head = append(head[:len(head):len(head)], mrkdwn.Piece{Text: sign, Break: true})
	}
	return mrkdwn.Pack(head, maxText)
}

// more is the sign that something was cut, and the way to the whole.
func (b *builder) more() string {
	if !mrkdwn.Safe(b.link) {
		return "…"
	}
	return "… " + mrkdwn.Link(say(b.lang).More, b.link)
}

// fallback is what notifications show and screen readers read.
func (b *builder) fallback(m chat.Message, title string) string {
	text := mrkdwn.Text(title)
	if m.Urgent {
		text = say(b.lang).Urgent + ": " + text
	}
	left := maxFallback
	for _, one := range m.Sections {
		if one.Folded {
			continue
		}
		pieces, _ := mrkdwn.Convert(one.Markdown)
		head, whole := mrkdwn.Cut(pieces, left)
		for _, t := range mrkdwn.Pack(head, maxFallback) {
			left -= mrkdwn.Size(t)
			text += "\n" + t
		}
		if !whole || left < 100 {
			break
		}
	}
	return text
}

func section(text string, expand bool) *sdk.SectionBlock {
	block := sdk.NewSectionBlock(mrkdwnText(text), nil, nil)
	block.Expand = expand
	return block
}

// mrkdwnText is text with marks. Verbatim keeps Slack from making links and
// mentions of what only looks like one.
func mrkdwnText(text string) *sdk.TextBlockObject {
	return &sdk.TextBlockObject{Type: sdk.MarkdownType, Text: text, Verbatim: true}
}

// cutLabel cuts at a length in characters, with a sign that it was cut.
func cutLabel(s string, limit int) string {
	if mrkdwn.Size(s) <= limit {
		return s
	}
	n := 1
	for i, r := range s {
		if n += mrkdwn.Size(string(r)); n > limit {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}
