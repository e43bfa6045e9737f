package wiki

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"tebiki/adapters/prose"
)

// maxDepth is how deep lists go: Cloud takes no more marks before an item.
const maxDepth = 20

// rule is a line across that does not end the list it stands in.
const rule = "──────────"

// place is where a block stands.
type place struct {
	marks  string // of the list items around it, as "*#"
	quoted bool
}

func (p place) listed() bool { return p.marks != "" }

// node is what a walk has before it.
type node = ast.Node

// writer collects the lines of a document.
type writer struct {
	src   []byte
	lines []string
	lead  string // marks that the next line gets
}

func (w *writer) line(s string) {
	w.lines = append(w.lines, w.lead+s)
	w.lead = ""
}

// read gives what is within blocks.
func (w *writer) read() prose.Reader { return prose.Reader{Src: w.src, Opens: safe} }

func (w *writer) children(n node, in place) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.PreviousSibling() != nil && !in.listed() { // a blank line would end the list
			w.line("")
		}
		w.block(c, in)
	}
}

func (w *writer) block(n node, in place) {
	switch n := n.(type) {
	case *ast.Heading:
		w.heading(n, in)
	case *ast.Paragraph, *ast.TextBlock:
		w.inline(n, 0)
	case *ast.List:
		w.list(n, in)
	case *ast.Blockquote:
		w.quote(n, in)
	case *ast.FencedCodeBlock:
		w.code(string(n.Language(w.src)), w.content(n))
	case *ast.CodeBlock:
		w.code("", w.content(n))
	case *ast.HTMLBlock:
		w.html(n)
	case *ast.ThematicBreak:
		w.line(map[bool]string{false: "----", true: rule}[in.listed()])
	case *extast.Table:
		w.table(n, in)
	default:
		w.children(n, in)
	}
}

// heading is a bold line where a heading would end the list.
func (w *writer) heading(n *ast.Heading, in place) {
	if in.listed() {
		w.inline(n, prose.Bold)
		return
	}
	spans := w.read().Spans(n, 0)
	for i := range spans {
		spans[i].Text = strings.ReplaceAll(spans[i].Text, prose.Break, " ")
	}
	w.line("h" + string(rune('0'+n.Level)) + ". " + writeLine(spans))
}

// inline writes the spans of a block; a line's end is a break in Jira.
func (w *writer) inline(n node, with prose.Style) {
	for _, spans := range prose.Lines(w.read().Spans(n, with)) {
		w.line(writeLine(spans))
	}
}

func (w *writer) list(n *ast.List, in place) {
	mark := "*"
	if n.IsOrdered() {
		mark = "#"
	}
	if len(in.marks) < maxDepth {
		in.marks += mark
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		w.flush()
		w.lead = in.marks + " "
		w.children(item, in)
	}
	w.flush()
}

// flush writes an item that has nothing of its own.
func (w *writer) flush() {
	if w.lead != "" {
		w.line("")
	}
}

// quote writes a quote within another as part of it: quotes do not nest.
func (w *writer) quote(n node, in place) {
	if in.quoted {
		w.children(n, in)
		return
	}
	in.quoted = true
	w.line("{quote}")
	w.children(n, in)
	w.line("{quote}")
}

func (w *writer) content(n node) string {
	lines := n.Lines()
	return strings.TrimRight(string(lines.Value(w.src)), "\n")
}

// html shows HTML as the characters it is.
func (w *writer) html(n *ast.HTMLBlock) {
	s := w.content(n)
	if n.HasClosure() {
		s += "\n" + string(n.ClosureLine.Value(w.src))
	}
	for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			w.line(writeLine([]prose.Span{{Text: line}}))
		}
	}
}
