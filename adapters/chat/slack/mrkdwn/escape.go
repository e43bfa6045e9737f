package mrkdwn

import (
	"regexp"
	"strings"
	"unicode"

	"tebiki/adapters/prose"
)

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Text is one line of outside text as mrkdwn that shows it as it is.
func Text(s string) string {
	s = Line(s)
	return keepQuote(escapeText(s, riskyMarks([]prose.Span{{Text: s}}), 0))
}

// Bold is Text in bold, leading to an address if there is one.
func Bold(s, link string) string {
	if s = Line(s); !safe(link) {
		link = ""
	}
	return writeSpans([]prose.Span{{Text: s, Style: prose.Bold, Link: link}})
}

// Link is a link that reads as label, or the label alone when it may lead
// nowhere.
func Link(label, dest string) string {
	if !safe(dest) {
		return Text(label)
	}
	return writeLink(dest, Line(label))
}

// Safe tells whether Slack can open an address.
func Safe(dest string) bool { return safe(dest) }

// Entities escapes only what every field of Slack reads: for what is shown
// without marks, as a notification is.
func Entities(s string) string { return entities.Replace(prose.Clean(s)) }

// Line is a text on one line without control characters.
func Line(s string) string { return strings.Join(strings.Fields(prose.Clean(s)), " ") }

// emoji is what Slack would show as a picture.
var emoji = regexp.MustCompile(`:[0-9_+'-]*[a-z][a-z0-9_+'-]*:`)

// escapeText writes text so that Slack shows its characters. before is what
// stands in front of it.
func escapeText(s, risky string, before rune) string {
	colons := emojiColons(s)
	var out strings.Builder
	for i, r := range s {
		if strings.ContainsRune(risky, r) && opens(r, before) {
			out.WriteString(joiner)
		}
		out.WriteString(entities.Replace(string(r)))
		if colons[i] {
			out.WriteString(joiner)
		}
		before = r
	}
	return out.String()
}

// opens tells whether a mark could begin something after this character. A
// backtick may do so anywhere.
func opens(mark, before rune) bool {
	return mark == '`' || before == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before)
}

// emojiColons finds the colons after which a name of an emoji would stand.
func emojiColons(s string) map[int]bool {
	var at map[int]bool
	for from := 0; ; {
		found := emoji.FindStringIndex(s[from:])
		if found == nil {
			return at
		}
		if at == nil {
			at = map[int]bool{}
		}
		at[from+found[0]] = true
		from += found[1] - 1 // its last colon may begin the next
	}
}

// escapeCode writes what stands in a fence: three backticks would end it. Of
// a longer run every second is kept apart, so that what is left of it ends none.
func escapeCode(s string) string {
	return entities.Replace(strings.ReplaceAll(strings.ReplaceAll(s, fence, "``"+joiner+"`"), fence, "``"+joiner+"`"))
}

// escapeURL keeps an address from ending the link around it.
func escapeURL(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "\n", "", "\t", "").Replace(s)
}
