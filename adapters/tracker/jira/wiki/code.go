package wiki

import (
	"regexp"
	"strings"
)

// languages are those that Data Center and Cloud both know, by their names in
// Markdown. Data Center shows an error for any other, and Cloud would colour
// it as Java.
var languages = map[string]string{
	"c": "c", "c++": "c++", "cpp": "c++", "css": "css", "erlang": "erlang", "go": "go", "golang": "go",
	"groovy": "groovy", "haskell": "haskell", "html": "html", "java": "java", "javascript": "javascript",
	"js": "javascript", "json": "json", "lua": "lua", "perl": "perl", "php": "php", "python": "python",
	"py": "python", "r": "r", "ruby": "ruby", "rb": "ruby", "scala": "scala", "sql": "sql", "swift": "swift", "xml": "xml",
}

var (
	codeMark     = regexp.MustCompile(`(?i)\{code`)
	noformatMark = regexp.MustCompile(`(?i)\{(noformat)`)
)

// code writes a block of code as it is. It is {noformat} without a language,
// because {code} alone means Java.
func (w *writer) code(language, s string) {
	language = languages[strings.ToLower(language)]
	if language == "" || codeMark.MatchString(s) {
		w.noformat(s)
		return
	}
	w.line("{code:" + language + "}")
	w.raw(s)
	w.line("{code}")
}

// noformat breaks what would end the block; there is no escape.
func (w *writer) noformat(s string) {
	w.line("{noformat}")
	w.raw(noformatMark.ReplaceAllString(s, "{"+joiner+"$1"))
	w.line("{noformat}")
}

func (w *writer) raw(s string) {
	for line := range strings.SplitSeq(s, "\n") {
		w.line(line)
	}
}
