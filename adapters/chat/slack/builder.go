package slack

import (
	"strings"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/mrkdwn"
)

// What one section may take of a message.
const (
	openShare   = 5000
	foldedShare = 1200
	maxLink     = 1100 // of the sign that something was cut, with its link
)

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
	case *sdk.ContextBlock:
		n += maxLink
	case *sdk.ActionBlock:
		for _, e := range block.Elements.ElementSet {
			n += elementCost(e)
		}
	}
	return n
}

// elementCost is what a button or a list takes, with all its choices.
func elementCost(e sdk.BlockElement) (n int) {
	count := func(t *sdk.TextBlockObject) { n += mrkdwn.Size(t.Text) }
	switch e := e.(type) {
	case *sdk.ButtonBlockElement:
		count(e.Text)
	case *sdk.SelectBlockElement:
		count(e.Placeholder)
		for _, o := range e.Options {
			count(o.Text)
		}
		for _, g := range e.OptionGroups {
			count(g.Label)
			for _, o := range g.Options {
				count(o.Text)
			}
		}
	}
	return n
}

// sections adds the sections, and tells at the end when some had no place.
// What may be folded gets what the others leave.
func (b *builder) sections(list []chat.Section) {
	texts := make([][]string, len(list))
	left := b.left - 2*blockCost - maxLink // for the last sign
	dropped := false
	for _, folded := range []bool{false, true} {
		for i, one := range list {
			if one.Folded == folded {
				var fits bool
				texts[i], fits = b.section(one, left)
				left -= sizeOf(texts[i])
				dropped = dropped || !fits
			}
		}
	}
	for i, one := range list {
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
// take more than its share or than what is left. fits is false when there is
// no place for any of it.
func (b *builder) section(one chat.Section, left int) (texts []string, fits bool) {
	share := openShare
	if one.Folded {
		share = foldedShare
	}
	share = min(share, left-3*blockCost)
	pieces, whole := mrkdwn.Convert(one.Markdown)
	if heading := cutLabel(mrkdwn.Line(one.Heading), maxTitle); heading != "" {
		pieces = append([]mrkdwn.Piece{{Text: mrkdwn.Bold(heading, ""), Break: true}}, pieces...)
	}
	sign := b.more()
	head, all := mrkdwn.Cut(pieces, share-mrkdwn.Size(sign)-1)
	if len(head) == 0 {
		return nil, len(pieces) == 0
	}
	if !all || !whole {
		head = append(head[:len(head):len(head)], mrkdwn.Piece{Text: sign, Break: true})
	}
	return mrkdwn.Pack(head, maxText), true
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
