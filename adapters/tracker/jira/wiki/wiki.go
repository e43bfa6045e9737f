// Package wiki turns the Markdown of documents and tickets into Jira's wiki
// markup, which version 2 of its API takes for descriptions and comments.
//
// Markdown goes through goldmark into lines. A line is written from its
// spans, text of one style and link each, because whether a character of a
// text means something depends on what else stands in the line: a "*" needs
// another one that could close it, and only then it gets a backslash. So
// prose, the names of hosts and paths stay as a person wrote them.
//
// Two renderers read the result. Data Center's works with regular expressions
// and honours a backslash everywhere. Cloud's takes the backslash away within
// bold, italic or struck text and reads what is left again; it knows a smaller
// set of escapes, and none in a table. What is text must be text in both:
// within styled text, and where there is no backslash to be had, a word
// joiner (a character without width) parts what belongs together. It is put
// nowhere else, because it comes along when text is copied, and never into
// code unless nothing else keeps the code from becoming something else.
//
// Bare addresses of pages stay links: they show where they lead.
package wiki

import (
	"strings"

	"tebiki/adapters/prose"
)

// Limit is how long a description or a comment may be unless Jira is
// configured otherwise, as Cut counts.
const Limit = 32767

// Render gives the wiki markup of a Markdown text.
func Render(source string) string {
	source = prose.Clean(source)
	src := []byte(prose.Cut(source, prose.MaxBytes))
	w := &writer{src: src}
	w.children(prose.Parse(src), place{})
	if len(src) < len(source) {
		w.lines = append(w.lines, "", "…")
	}
	return strings.Trim(strings.Join(w.lines, "\n"), "\n")
}

// Escape gives outside text as markup that shows it as it is, line by line.
func Escape(s string) string {
	lines := strings.Split(prose.Clean(s), "\n")
	for i, line := range lines {
		lines[i] = writeLine([]prose.Span{{Text: strings.TrimSpace(line)}})
	}
	return strings.Join(lines, "\n")
}
