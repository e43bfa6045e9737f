package console

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tebiki/adapters/chat"
)

// The limits. What a person reads is cut, because a cut message is better
// than none; what the program must find again is refused.
const (
	maxName     = 1 << 10 // bytes of an address or a key
	maxTitle    = 300     // runes
	maxMarkdown = 64 << 10
	maxSections = 50
	maxButtons  = 25
	maxChoices  = 100
	maxValue    = 2000 // bytes of a button's id and value
)

// cutMark stands in a section of its own after what was cut, so that no open
// code block can take it in. It is words in no language.
const cutMark = `\[…\]`

// fit holds m against the limits and gives it as it will be kept. The
// caller's slices are not written to.
func fit(m chat.Message) (chat.Message, error) {
	if !isAddress(m.To) {
		return m, nobody
	}
	if m.Key == "" || len(m.Key) > maxName || !utf8.ValidString(m.Key) {
		return m, refused("the key %s is empty, too long or not UTF-8", quote(m.Key))
	}
	if m.Title = oneLine(m.Title); m.Title == "" {
		return m, refused("the message has no title: a notification would show nothing")
	}
	if len(m.Buttons) > maxButtons {
		return m, refused("the message has %d buttons, at most %d are taken", len(m.Buttons), maxButtons)
	}
	for _, b := range m.Buttons {
		if err := checkButton(b); err != nil {
			return m, err
		}
	}
	m.Buttons = slices.Clone(m.Buttons)
	m.Sections = fitSections(m.Sections)
	return m, nil
}

func isAddress(s string) bool {
	return s != "" && len(s) <= maxName && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

func checkButton(b chat.Button) error {
	switch {
	case b.ID == "" || strings.TrimSpace(b.Label) == "":
		return refused("button %s has no id or no label", quote(b.ID))
	case len(b.ID) > maxValue || len(b.Value) > maxValue:
		return refused("the id or value of button %s is above %d bytes", quote(b.ID), maxValue)
	case len(b.Choices) > maxChoices:
		return refused("button %s has %d choices, at most %d are taken", quote(b.ID), len(b.Choices), maxChoices)
	}
	for _, c := range b.Choices {
		if len(c.Value) > maxValue || strings.TrimSpace(c.Label) == "" {
			return refused("choice %s of button %s has no label or is above %d bytes", quote(c.Value), quote(b.ID), maxValue)
		}
	}
	return nil
}

func fitSections(in []chat.Section) []chat.Section {
	var out []chat.Section
	for i, s := range in {
		if i == maxSections {
			return append(out, chat.Section{Markdown: cutMark})
		}
		whole := strings.ToValidUTF8(s.Markdown, "\uFFFD")
		s.Heading, s.Markdown = oneLine(s.Heading), cut(whole)
		out = append(out, s)
		if len(s.Markdown) < len(whole) {
			out = append(out, chat.Section{Markdown: cutMark, Folded: s.Folded})
		}
	}
	return out
}

// cut ends Markdown that is too long at the end of a line, or of a character
// when the line is as long as that.
func cut(s string) string {
	if len(s) <= maxMarkdown {
		return s
	}
	s = s[:maxMarkdown]
	if end := strings.LastIndexByte(s, '\n'); end > maxMarkdown/2 {
		return s[:end]
	}
	for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) {
		s = s[:len(s)-1]
	}
	return strings.TrimRight(s, `\`)
}

// oneLine makes a title of any text.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxTitle {
		return s
	}
	return string([]rune(s)[:maxTitle-1]) + "…"
}
