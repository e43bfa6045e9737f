package prose

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// A Style is how a span is written; styles add up.
type Style int

// The styles.
const (
	Bold Style = 1 << iota
	Italic
	Struck
	Fixed
)

// A Span is text of one style. A break is a span of its own.
type Span struct {
	Text  string
	Style Style
	Link  string // "" for none
}

// Break is the text of the span that breaks a line.
const Break = "\n"

// A Reader flattens what is within a block to spans.
type Reader struct {
	Src   []byte
	Opens func(dest string) bool // tells which links stay links; of others the text is left
}

// Spans gives what is within n.
func (r Reader) Spans(n ast.Node, with Style) []Span {
	c := collector{Reader: r}
	c.children(n, with, "")
	return c.spans
}

// Rows gives the cells of a table.
func (r Reader) Rows(t *extast.Table) (rows [][][]Span) {
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		var cells [][]Span
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, r.Spans(cell, 0))
		}
		rows = append(rows, cells)
	}
	return rows
}

// PlainRows gives the cells of a table as plain text.
func PlainRows(rows [][][]Span) [][]string {
	out := make([][]string, len(rows))
	for i, cells := range rows {
		for _, cell := range cells {
			out[i] = append(out[i], Plain(cell))
		}
	}
	return out
}

// Lines parts spans at the breaks; there is always one line.
func Lines(spans []Span) (out [][]Span) {
	var now []Span
	for _, s := range spans {
		if s.Text == Break {
			out, now = append(out, now), nil
			continue
		}
		now = append(now, s)
	}
	return append(out, now)
}

// Plain is the text of spans on one line.
func Plain(spans []Span) string {
	var out strings.Builder
	for _, s := range spans {
		out.WriteString(s.Text)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

type collector struct {
	Reader
	spans []Span
}

func (c *collector) put(s string, with Style, link string) {
	if s == "" {
		return
	}
	if last := len(c.spans) - 1; last >= 0 && s != Break {
		if at := &c.spans[last]; at.Text != Break && at.Style == with && at.Link == link {
			at.Text += s
			return
		}
	}
	c.spans = append(c.spans, Span{s, with, link})
}

func (c *collector) children(n ast.Node, with Style, link string) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		c.inline(child, with, link)
	}
}

func (c *collector) inline(n ast.Node, with Style, link string) {
	switch n := n.(type) {
	case *ast.Text:
		c.text(n, with, link)
	case *ast.String:
		c.put(string(n.Value), with, link)
	case *ast.CodeSpan:
		c.put(strings.ReplaceAll(code(n, c.Src), "\n", " "), with|Fixed, link)
	case *ast.Emphasis:
		c.children(n, with|[...]Style{Italic, Bold}[min(n.Level, 2)-1], link)
	case *extast.Strikethrough:
		c.children(n, with|Struck, link)
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
			c.put(string(at.Value(c.Src)), with, link)
		}
	default:
		c.children(n, with, link)
	}
}

func (c *collector) autoLink(n *ast.AutoLink, with Style, link string) {
	dest := string(n.URL(c.Src))
	if n.AutoLinkType == ast.AutoLinkEmail {
		dest = "mailto:" + dest
	}
	if link != "" || !c.Opens(dest) {
		dest = link
	}
	c.put(string(n.Label(c.Src)), with, dest)
}

// link reads an image, too, as a link: shown, it would tell a third party who
// reads. Within a link there is no other.
func (c *collector) link(n ast.Node, dest string, with Style, outer string) {
	if outer != "" || !c.Opens(dest) {
		dest = outer
	}
	before := len(c.spans)
	c.children(n, with, dest)
	if len(c.spans) == before {
		c.put(dest, with, dest)
	}
}

// code is the text of a code span.
func code(n ast.Node, src []byte) string {
	var out strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			out.Write(t.Segment.Value(src))
		}
	}
	return out.String()
}
