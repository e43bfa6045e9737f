package textile

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"tebiki/adapters/prose"
)

// maxDepth is how deep lists and quotes go.
const maxDepth = 10

// What stands in a list must not end it, as a rule or a quote would.
const (
	rule = "──────────"
	bar  = "┃ "
)

// place is where a block stands.
type place struct {
	marks string // of the list items around it, as "*#"
	quote string // as ">>"
}

func (p place) listed() bool { return p.marks != "" }

// node is what a walk has before it.
type node = ast.Node

// writer collects the lines of a document.
type writer struct {
	src   []byte
	lines []string
	lead  string // marks that the next line gets
	drawn string // of a quote in a list
}

// line writes one line within its quotes.
func (w *writer) line(s string, in place) {
	if in.quote != "" {
		w.lead = strings.TrimRight(in.quote+" "+w.lead, " ") + " "
	}
	w.lines = append(w.lines, strings.TrimRight(w.lead+w.drawn+s, " ")+trailing(w.lead, s))
	w.lead = ""
}

// trailing keeps the space that makes an item of marks alone.
func trailing(lead, s string) string {
	if s == "" && strings.HasSuffix(lead, " ") && strings.Trim(lead, "> ") != "" {
		return " "
	}
	return ""
}

// read gives what is within blocks.
func (w *writer) read() prose.Reader { return prose.Reader{Src: w.src, Opens: safe} }

func (w *writer) children(n node, in place) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.PreviousSibling() != nil && !in.listed() { // a blank line would end the list
			w.line("", in)
		}
		w.block(c, in)
	}
}

func (w *writer) block(n node, in place) {
	switch n := n.(type) {
	case *ast.Heading:
		w.heading(n, in)
	case *ast.Paragraph, *ast.TextBlock:
		w.inline(n, in, 0)
	case *ast.List:
		w.list(n, in)
	case *ast.Blockquote:
		w.quote(n, in)
	case *ast.FencedCodeBlock:
		w.code(string(n.Language(w.src)), w.content(n), in)
	case *ast.CodeBlock:
		w.code("", w.content(n), in)
	case *ast.HTMLBlock:
		w.html(n, in)
	case *ast.ThematicBreak:
		w.line(map[bool]string{false: "---", true: rule}[in.listed()], in)
	case *extast.Table:
		w.table(n, in)
	default:
		w.children(n, in)
	}
}

// heading is a bold line where a heading would be none.
func (w *writer) heading(n *ast.Heading, in place) {
	if in.listed() || in.quote != "" {
		w.inline(n, in, prose.Bold)
		return
	}
	spans := w.read().Spans(n, 0)
	for i := range spans {
		spans[i].Text = strings.ReplaceAll(spans[i].Text, prose.Break, " ")
	}
	if title := writeBlock(spans)[0]; title != "" {
		w.line("h"+string(rune('0'+n.Level))+". "+title, in)
	}
}

// inline writes the spans of a block; a line's end is a break in Redmine.
func (w *writer) inline(n node, in place, with prose.Style) {
	w.all(writeBlock(w.read().Spans(n, with)), in)
}

func (w *writer) all(lines []string, in place) {
	for _, line := range lines {
		w.line(line, in)
	}
}

func (w *writer) list(n *ast.List, in place) {
	mark := "*"
	if n.IsOrdered() {
		mark = "#"
	}
	inner := in
	if len(in.marks) < maxDepth {
		inner.marks += mark
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		w.flush(in)
		w.lead = inner.marks + " "
		w.children(item, inner)
	}
	w.flush(in)
}

// flush writes an item that has nothing of its own.
func (w *writer) flush(in place) {
	if w.lead != "" {
		w.line("", in)
	}
}

// quote draws the bar itself in a list, where there are no quotes.
func (w *writer) quote(n node, in place) {
	switch {
	case in.listed():
		drawn := w.drawn
		w.drawn = bar
		w.children(n, in)
		w.drawn = drawn
		return
	case len(in.quote) < maxDepth:
		in.quote += ">"
	}
	w.children(n, in)
}

func (w *writer) content(n node) string {
	return strings.TrimRight(string(n.Lines().Value(w.src)), "\n")
}

// html shows HTML as the characters it is.
func (w *writer) html(n *ast.HTMLBlock, in place) {
	s := w.content(n)
	if n.HasClosure() {
		s += "\n" + string(n.ClosureLine.Value(w.src))
	}
	for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			w.all(writeBlock([]prose.Span{{Text: line}}), in)
		}
	}
}
