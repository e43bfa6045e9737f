package prose

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// text reads a soft break as a space, and as nothing between two characters
// of a script that has no spaces.
func (c *collector) text(n *ast.Text, with Style, link string) {
	s := string(n.Segment.Value(c.Src))
	if !n.IsRaw() {
		s = unescape(s)
	}
	c.put(s, with, link)
	switch {
	case n.HardLineBreak():
		c.put(Break, 0, "")
	case n.SoftLineBreak() && !spaceless(s, n.NextSibling(), c.Src):
		c.put(" ", with, link)
	}
}

// unescape reads the backslashes and entities of Markdown in one pass: an
// ampersand after a backslash begins no entity. What an entity hides is
// cleaned as the text itself was.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && util.IsPunct(s[i+1]):
			i++
			out.WriteByte(s[i])
		case s[i] == '&':
			entity := entityAt.FindString(s[i:])
			out.WriteString(Clean(html.UnescapeString(entity)))
			i += len(entity) - 1
		default:
			out.WriteByte(s[i])
		}
	}
	return strings.ReplaceAll(out.String(), "\n", " ")
}

// entityAt finds an entity at the beginning of a text, or its ampersand.
var entityAt = regexp.MustCompile(`^&(?:[a-zA-Z0-9]+;|#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};)?`)

func spaceless(before string, next ast.Node, src []byte) bool {
	after, ok := next.(*ast.Text)
	if !ok {
		return false
	}
	first, _ := utf8.DecodeRune(after.Segment.Value(src))
	return wide(LastRune(before)) && wide(first)
}

func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
}

// Web tells whether dest is the address of a page or of mail.
func Web(dest string) bool {
	u, err := url.Parse(dest)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// FirstRune is the first character of a text, 0 of an empty one.
func FirstRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// LastRune is the last character of a text, 0 of an empty one.
func LastRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}
