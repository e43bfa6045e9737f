package mrkdwn

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"tebiki/adapters/prose"
)

// maxIndent is how deep a list is drawn; what is nested deeper stays there.
const maxIndent = 6

const (
	indent = "\u2003\u2003" // plain spaces at a line's start are lost
	rule   = "──────────"
)

// prefix is what stands before the lines of a block: first before the first,
// rest before the others.
type prefix struct {
	first, rest string
	depth       int
	quoted      bool
}

func (p prefix) next() prefix {
	p.first = p.rest
	return p
}

// line is one line of the text before it is written down.
type line struct {
	lead  string
	spans []prose.Span
	code  string
	kind  kind
}

type kind int

const (
	words kind = iota
	code
	blank
)

// node is what a walk has before it.
type node = ast.Node

// writer collects the lines of a document.
type writer struct {
	src   []byte
	lines []line
}

// read gives what is within blocks.
func (w *writer) read() prose.Reader { return prose.Reader{Src: w.src, Opens: safe} }

func (w *writer) children(n node, p prefix) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.PreviousSibling() != nil && !tight(c) {
			w.blank(p)
		}
		w.block(c, p)
		p = p.next()
	}
}

// tight tells whether a block stands right below the one before it.
func tight(n node) bool {
	if n.Kind() == ast.KindListItem {
		list, ok := n.Parent().(*ast.List)
		return ok && list.IsTight
	}
	before := n.PreviousSibling().Kind()
	return before == ast.KindTextBlock || before == ast.KindHeading
}

func (w *writer) blank(p prefix) {
	if len(w.lines) > 0 && w.lines[len(w.lines)-1].kind != blank {
		w.lines = append(w.lines, line{kind: blank, lead: strings.TrimRight(p.rest, " \u2003")})
	}
}

func (w *writer) block(n node, p prefix) {
	switch n := n.(type) {
	case *ast.Heading:
		w.inline(n, p, prose.Bold)
	case *ast.Paragraph, *ast.TextBlock:
		w.inline(n, p, 0)
	case *ast.List:
		w.list(n, p)
	case *ast.Blockquote:
		w.quote(n, p)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		w.code(n)
	case *ast.HTMLBlock:
		w.literal(n, p)
	case *ast.ThematicBreak:
		w.add(p, []prose.Span{{Text: rule}})
	case *extast.Table:
		w.table(n)
	default:
		w.children(n, p)
	}
}

func (w *writer) add(p prefix, spans []prose.Span) {
	w.lines = append(w.lines, line{lead: p.first, spans: spans})
}

// inline writes the spans of a block, a line of its own after each break.
func (w *writer) inline(n node, p prefix, with prose.Style) {
	for _, spans := range prose.Lines(w.read().Spans(n, with)) {
		w.add(p, spans)
		p = p.next()
	}
}

func (w *writer) list(n *ast.List, p prefix) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		if item.PreviousSibling() != nil && !tight(item) {
			w.blank(p)
		}
		mark := bullet(p.depth) + " "
		switch {
		case n.IsOrdered():
			mark = strconv.Itoa(number) + ". "
			number++
		case isTask(item):
			mark = "" // its box is one
		}
		in := prefix{first: p.first, rest: p.rest, depth: p.depth + 1, quoted: p.quoted}
		if p.depth < maxIndent {
			in.first += mark
			in.rest += indent
		}
		w.item(item, in)
		p = p.next()
	}
}

// isTask tells whether an item begins with a box to tick.
func isTask(item node) bool {
	first := item.FirstChild()
	if first == nil || first.FirstChild() == nil {
		return false
	}
	_, is := first.FirstChild().(*extast.TaskCheckBox)
	return is
}

// item writes an item even when nothing is in it: it may be a box to tick.
func (w *writer) item(n node, p prefix) {
	if n.FirstChild() == nil {
		w.add(p, nil)
		return
	}
	w.children(n, p)
}

func bullet(depth int) string {
	return [...]string{"•", "◦", "▪"}[min(depth, 2)]
}

// quote draws the bar itself where Slack would not see the mark: within
// another quote there is only one.
func (w *writer) quote(n node, p prefix) {
	bar := "> "
	switch {
	case p.quoted:
		bar = ""
	case p.rest != "" || p.first != "":
		bar = "┃ "
	}
	w.children(n, prefix{first: p.first + bar, rest: p.rest + bar, depth: p.depth, quoted: true})
}

func (w *writer) code(n node) {
	lines := n.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		w.fixed(strings.TrimRight(string(at.Value(w.src)), "\r\n"))
	}
}

func (w *writer) fixed(s string) { w.lines = append(w.lines, line{kind: code, code: s}) }

// literal shows HTML as the characters it is.
func (w *writer) literal(n node, p prefix) {
	lines := n.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		w.add(p, []prose.Span{{Text: strings.TrimSpace(string(at.Value(w.src)))}})
		p = p.next()
	}
}
