// Package prose reads the Markdown of documents, tickets and messages for
// adapters whose vendor has a markup of its own.
//
//	Markdown ─► Clean, Cut ─► Parse ─► blocks ─► Reader ─► spans: text of one style and link each
//
// What a block becomes, and how a span is kept from meaning more than it
// says, is the vendor's, and so in the adapter's package: adapters/chat/slack/mrkdwn,
// adapters/tracker/jira/wiki, adapters/tracker/redmine/textile.
package prose

import (
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// MaxBytes is how much of one text is read as Markdown where the vendor takes
// more. Twice as many hostile bytes would take the parser four times as long
// as the second or two that these take it.
const MaxBytes = 48 << 10

var parser = goldmark.New(goldmark.WithExtensions(
	extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify,
)).Parser()

// Parse gives the blocks of a Markdown text.
func Parse(src []byte) ast.Node { return parser.Parse(text.NewReader(src)) }

// Clean drops what no reader should get: broken bytes, control characters and
// those that turn the direction of text.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == 0x2028 || r == 0x2029 || r == 0x85:
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x61c:
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"))
}

// Cut gives at most limit bytes of a text, to the end of a line if one ends
// in their second half.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = strings.ToValidUTF8(s[:limit], "")
	if end := strings.LastIndexByte(s, '\n'); end > limit/2 {
		s = s[:end]
	}
	return s
}
