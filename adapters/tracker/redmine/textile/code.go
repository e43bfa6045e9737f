package textile

import (
	"regexp"
	"slices"
	"strings"
)

// languages are some that Redmine colours in all its versions.
var languages = []string{
	"bash", "c", "cpp", "css", "diff", "go", "html", "ini", "java", "javascript", "json", "lua", "perl", "php", "powershell",
	"python", "ruby", "rust", "sh", "shell", "sql", "toml", "xml", "yaml",
}

// codeStart finds the first line of a block in a language.
var codeStart = regexp.MustCompile(`<pre><code class="[a-z]+">$`)

// tag is what would end code, or begin some within it.
var tag = regexp.MustCompile(`(?i)<(/?(?:code|pre|kbd|notextile))`)

// verbatim is code as it may stand between tags: Redmine shows it as it is.
func verbatim(s string) string { return tag.ReplaceAllString(s, "<"+joiner+"$1") }

// code writes a block of code. Only its first line gets the marks of a quote
// or an item: it is taken out before Redmine looks for those.
func (w *writer) code(language, s string, in place) {
	open, end := "<pre>", "</pre>"
	if language = strings.ToLower(language); slices.Contains(languages, language) {
		open, end = `<pre><code class="`+language+`">`, "</code></pre>"
	}
	w.line(open, in)
	for line := range strings.SplitSeq(verbatim(s), "\n") {
		w.lines = append(w.lines, line)
	}
	w.lines = append(w.lines, end)
}
