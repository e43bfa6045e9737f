package textile

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// style is how a span is written; styles add up.
type style int

const (
	bold style = 1 << iota
	italic
	struck
	fixed
)

// span is text of one style. A break is a span of its own.
type span struct {
	text  string
	style style
	link  string
}

const lineBreak = "\n"

// node is what a walk has before it.
type node = ast.Node

// collector flattens what is within a block to spans.
type collector struct {
	src   []byte
	spans []span
}

func (c *collector) put(s string, with style, link string) {
	if s == "" {
		return
	}
	if last := len(c.spans) - 1; last >= 0 && s != lineBreak {
		if at := &c.spans[last]; at.text != lineBreak && at.style == with && at.link == link {
			at.text += s
			return
		}
	}
	c.spans = append(c.spans, span{s, with, link})
}

func (c *collector) children(n node, with style, link string) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		c.inline(child, with, link)
	}
}

func (c *collector) inline(n node, with style, link string) {
	switch n := n.(type) {
	case *ast.Text:
		c.text(n, with, link)
	case *ast.String:
		c.put(string(n.Value), with, link)
	case *ast.CodeSpan:
		c.put(strings.ReplaceAll(raw(n, c.src), "\n", " "), with|fixed, link)
	case *ast.Emphasis:
		c.children(n, with|[...]style{italic, bold}[min(n.Level, 2)-1], link)
	case *extast.Strikethrough:
		c.children(n, with|struck, link)
	case *extast.TaskCheckBox:
		c.put(map[bool]string{false: "☐ ", true: "☑ "}[n.IsChecked], 0, "")
	case *ast.AutoLink:
		c.autoLink(n, with, link)
	case *ast.Link:
		c.link(n, string(n.Destination), with, link)
	case *ast.Image:
		c.link(n, string(n.Destination), with, link)
	case *ast.RawHTML:
		for i := range n.Segments.Len() {
			at := n.Segments.At(i)
			c.put(string(at.Value(c.src)), with, link)
		}
	default:
		c.children(n, with, link)
	}
}

// text writes a soft break as a space, and as nothing between two characters
// of a script that has no spaces.
func (c *collector) text(n *ast.Text, with style, link string) {
	s := string(n.Segment.Value(c.src))
	if !n.IsRaw() {
		s = unescape(s)
	}
	c.put(s, with, link)
	switch {
	case n.HardLineBreak():
		c.put(lineBreak, 0, "")
	case n.SoftLineBreak() && !spaceless(s, n.NextSibling(), c.src):
		c.put(" ", with, link)
	}
}

// unescape reads the backslashes and entities of Markdown in one pass: an
// ampersand after a backslash begins no entity.
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
			out.WriteString(clean(html.UnescapeString(entity)))
			i += len(entity) - 1
		default:
			out.WriteByte(s[i])
		}
	}
	return strings.ReplaceAll(out.String(), "\n", " ")
}

// entityAt finds an entity at the beginning of a text, or its ampersand.
var entityAt = regexp.MustCompile(`^&(?:[a-zA-Z0-9]+;|#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};)?`)

func spaceless(before string, next node, src []byte) bool {
	after, ok := next.(*ast.Text)
	if !ok {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRune(after.Segment.Value(src))
	return wide(last) && wide(first)
}

func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
}

func (c *collector) autoLink(n *ast.AutoLink, with style, link string) {
	dest := string(n.URL(c.src))
	if n.AutoLinkType == ast.AutoLinkEmail {
		dest = "mailto:" + dest
	}
	if link != "" || !safe(dest) {
		dest = link
	}
	c.put(string(n.Label(c.src)), with, dest)
}

// link writes an image, too, as a link: shown, it would tell a third party
// who reads the ticket. Within a link there is no other.
func (c *collector) link(n node, dest string, with style, outer string) {
	if outer != "" || !safe(dest) {
		dest = outer
	}
	before := len(c.spans)
	c.children(n, with, dest)
	if len(c.spans) == before {
		c.put(dest, with, dest)
	}
}

// raw is the text of a code span.
func raw(n node, src []byte) string {
	var out strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			out.Write(t.Segment.Value(src))
		}
	}
	return out.String()
}

// clean drops what no reader should get: broken bytes, control characters and
// those that turn the direction of text.
func clean(s string) string {
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
