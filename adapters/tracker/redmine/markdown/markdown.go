// Package markdown adapts the Markdown of documents and tickets to a Redmine
// that is set to CommonMark.
//
// It goes through as it is, but for what Redmine makes of it besides. The
// finished page is searched for Redmine's own links (#12, r3, commit:abc,
// @user, [[page]]), where a backslash is gone already, and the text for
// {{macros}} and mentions: a word joiner, a character without width, parts
// those outside code. HTML, which Redmine would show as a page, is shown as
// text. Links that lead nowhere from a tracker become their text, and images
// links: shown, they would tell a third party who reads the ticket.
//
// The text is parsed only to learn where code, links and HTML are; what is
// changed is changed in the source, so all else stays as its author wrote it.
package markdown

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"tebiki/adapters/prose"
)

const joiner = "\u2060" // parts what must not be read together

// Render gives Markdown for Redmine.
func Render(markdown string) string {
	markdown = strings.ReplaceAll(strings.ToValidUTF8(markdown, "\uFFFD"), "\r\n", "\n")
	if len(markdown) > prose.MaxBytes {
		markdown = strings.ToValidUTF8(markdown[:prose.MaxBytes], "") + "\n…"
	}
	src := []byte(markdown)
	e := editor{src: src, words: make([]bool, len(src))}
	doc := prose.Parse(src)
	// Walk fails only when its function does.
	_ = ast.Walk(doc, e.visit)
	e.part()
	return e.done()
}

// edit replaces a piece of the source.
type edit struct {
	from, to int
	with     string
}

// editor collects what is to be changed.
type editor struct {
	src   []byte
	words []bool // which bytes are text that Redmine searches
	edits []edit
}

func (e *editor) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	switch n := n.(type) {
	case *ast.CodeSpan, *ast.FencedCodeBlock, *ast.CodeBlock, *ast.AutoLink:
		return ast.WalkSkipChildren, nil
	case *ast.Text:
		e.mark(n.Segment)
	case *ast.RawHTML:
		e.html(n.Segments)
	case *ast.HTMLBlock:
		e.html(n.Lines())
		if n.HasClosure() {
			e.tag(n.ClosureLine)
		}
	case *ast.Link:
		if !prose.Web(string(n.Destination)) {
			e.unlink(n)
		}
	case *ast.Image:
		e.image(n)
	}
	return ast.WalkContinue, nil
}

func (e *editor) mark(at text.Segment) {
	for i := at.Start; i < at.Stop; i++ {
		e.words[i] = true
	}
}

func (e *editor) html(at *text.Segments) {
	for i := range at.Len() {
		e.tag(at.At(i))
	}
}

// tag keeps HTML from being any.
func (e *editor) tag(at text.Segment) {
	e.mark(at)
	for i := at.Start; i < at.Stop; i++ {
		if e.src[i] == '<' {
			e.edits = append(e.edits, edit{i, i + 1, "&lt;"})
		}
	}
}

// image makes a link of an image.
func (e *editor) image(n *ast.Image) {
	if !prose.Web(string(n.Destination)) {
		e.unlink(n)
		return
	}
	if start, _, ok := e.label(n); ok {
		e.edits = append(e.edits, edit{start - 1, start, ""})
	}
}

// unlink leaves the label of a link.
func (e *editor) unlink(n ast.Node) {
	start, end, ok := e.label(n)
	if !ok {
		return
	}
	target := destination.Find(e.src[end:])
	if target == nil { // by reference: its definition is elsewhere
		return
	}
	open := start
	if n.Kind() == ast.KindImage {
		open--
	}
	e.edits = append(e.edits, edit{open, start + 1, ""}, edit{end, end + len(target), ""})
}

// destination is what follows the label of a link.
var destination = regexp.MustCompile(`^\]\((?:[^()\\]|\\.|\([^()]*\))*\)`)

// label finds the brackets around the label of a link; an empty one has none
// to be found.
func (e *editor) label(n ast.Node) (start, end int, ok bool) {
	first, last := bounds(n)
	if first < 0 {
		return 0, 0, false
	}
	start, end = bytes.LastIndexByte(e.src[:first], '['), bytes.Index(e.src[last:], []byte("]"))
	isImage := n.Kind() == ast.KindImage
	if start < 0 || end < 0 || isImage && (start == 0 || e.src[start-1] != '!') {
		return 0, 0, false
	}
	return start, last + end, true
}

// bounds is where the text within a node begins and ends, -1 without any.
func bounds(n ast.Node) (first, last int) {
	first = -1
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		from, to := bounds(c)
		if t, ok := c.(*ast.Text); ok {
			from, to = t.Segment.Start, t.Segment.Stop
		}
		if from >= 0 && first < 0 {
			first = from
		}
		last = max(last, to)
	}
	return first, last
}

// alive finds what Redmine would make a link, a macro or a mention of, with or
// without backslashes; the joiner goes to the end of the first group.
var alive = []*regexp.Regexp{
	regexp.MustCompile(`(#)\\?(?:[0-9#]|note)`),
	regexp.MustCompile(`(?:^|[^\p{L}\p{N}]|user)(@)\\?[A-Za-z0-9_.@-]`),
	regexp.MustCompile(`(\{)\\?\{`),
	regexp.MustCompile(`(\[)\\?\[`),
	regexp.MustCompile(`(?:^|[^\p{L}\p{N}])(r)[0-9]`),
	regexp.MustCompile(`(?:^|[^a-zA-Z])(attachment|document|version|forum|news|message|project|commit|source|export|user)\\?:\S`),
}

// part puts joiners into text. A match may begin where the last one ended.
func (e *editor) part() {
	for _, re := range alive {
		for from := 0; from < len(e.src); {
			at := re.FindSubmatchIndex(e.src[from:])
			if at == nil {
				break
			}
			end := from + at[3]
			if e.words[end-1] {
				e.edits = append(e.edits, edit{end, end, joiner})
			}
			from = end
		}
	}
}

func (e *editor) done() string {
	slices.SortStableFunc(e.edits, func(a, b edit) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	var out strings.Builder
	at := 0
	for _, c := range e.edits {
		if c.from < at { // within what is gone
			continue
		}
		out.Write(e.src[at:c.from])
		out.WriteString(c.with)
		at = c.to
	}
	out.Write(e.src[at:])
	return out.String()
}
