// Package textile turns the Markdown of documents and tickets into Textile as
// Redmine reads it.
//
// Markdown goes through goldmark into blocks of lines. A block is written as
// a whole, because Redmine looks for marks across the line breaks of one, and
// whether a character means something depends on what else is there.
//
// Redmine reads a text three times, each with its own way to keep text from
// meaning something. Textile itself honours no backslash but leaves entities
// alone, so marks become entities, only where they would be marks. Then the
// finished page is searched for Redmine's own links (#12, r3, commit:abc,
// @user, [[page]]), where an entity may have become its character again; and
// the text is searched for {{macros}} and mentions before anything else. Those
// are parted by a word joiner, a character without width. It comes along when
// text is copied, so it is put nowhere else, and into code only where the code
// would end its own block.
//
// Marks work beside spaces and punctuation only; beside letters, as in
// Japanese, a space is put. Bare addresses of pages stay links: they show
// where they lead.
package textile

import (
	"strings"

	"tebiki/adapters/prose"
)

// Render gives the Textile of a Markdown text.
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

// Escape gives outside text as Textile that shows it as it is, line by line.
func Escape(s string) string {
	var spans []prose.Span
	for i, line := range strings.Split(strings.Trim(prose.Clean(s), "\n"), "\n") {
		if i > 0 {
			spans = append(spans, prose.Span{Text: prose.Break})
		}
		spans = append(spans, prose.Span{Text: strings.TrimSpace(line)})
	}
	return strings.Join(writeBlock(spans), "\n")
}
