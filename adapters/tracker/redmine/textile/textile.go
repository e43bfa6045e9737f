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

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// maxMarkdown is how many bytes of one text are read as Markdown; what is cut
// ends with an ellipsis. Twice as many hostile ones would take the parser four
// times as long as the second or two that these take it.
const maxMarkdown = 48 << 10

var markdown = goldmark.New(goldmark.WithExtensions(
	extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify,
)).Parser()

// Render gives the Textile of a Markdown text.
func Render(source string) string {
	source = clean(source)
	src := []byte(cutBytes(source, maxMarkdown))
	w := &writer{src: src}
	w.children(markdown.Parse(text.NewReader(src)), place{})
	if len(src) < len(source) {
		w.lines = append(w.lines, "", "…")
	}
	return strings.Trim(strings.Join(w.lines, "\n"), "\n")
}

// Escape gives outside text as Textile that shows it as it is, line by line.
func Escape(s string) string {
	var spans []span
	for i, line := range strings.Split(strings.Trim(clean(s), "\n"), "\n") {
		if i > 0 {
			spans = append(spans, span{text: lineBreak})
		}
		spans = append(spans, span{text: strings.TrimSpace(line)})
	}
	return strings.Join(writeBlock(spans), "\n")
}

func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = strings.ToValidUTF8(s[:limit], "")
	if end := strings.LastIndexByte(s, '\n'); end > limit/2 {
		s = s[:end]
	}
	return s
}
