package textile

import (
	"strings"
	"unicode/utf8"
)

// Size is the length of a text in characters, as Redmine and its databases
// count them.
func Size(s string) int { return utf8.RuneCountInString(s) }

// Cut keeps markup within limit: of one that is longer it gives the first
// lines, closes the code they end in, and ends with note, which is markup
// too. A row of a table stays whole. Redmine itself has no limit unless its
// database has one.
func Cut(markup string, limit int, note string) string {
	if Size(markup) <= limit {
		return markup
	}
	note = head(note, limit)
	var c cutter
	for line := range strings.SplitAfterSeq(markup, "\n") {
		if !c.add(line, limit-Size(note)) {
			break
		}
	}
	kept := strings.TrimRight(c.out.String(), "\n") + c.closing
	return strings.TrimLeft(kept+"\n\n"+note, "\n")
}

// cutter takes lines as long as they fit with what must follow.
type cutter struct {
	out     strings.Builder
	size    int
	closing string // of the code that is open
}

// add takes a line, or the first words of the first line that does not fit;
// then it is the last.
func (c *cutter) add(line string, limit int) bool {
	before := c.closing
	c.closing = after(before, line)
	if size := c.size + Size(line); size+Size(c.closing)+2 <= limit {
		c.size = size
		c.out.WriteString(line)
		return true
	}
	c.closing = before
	if opens := strings.Contains(line, "<pre>"); c.size < limit/2 && !opens {
		c.out.WriteString(words(line, limit-c.size-Size(before)-2, before != ""))
	}
	return false
}

// after is what would close the code that is open behind a line.
func after(closing, line string) string {
	line = strings.TrimRight(line, "\n")
	switch {
	case closing != "" && strings.HasSuffix(line, closing[1:]):
		return ""
	case closing == "" && strings.HasSuffix(line, "<pre>"):
		return "\n</pre>"
	case closing == "" && codeStart.MatchString(line):
		return "\n</code></pre>"
	}
	return closing
}

// words is the beginning of a line up to a space. Within code any character
// may be the last; a row, an entity or a piece of code cut in two would be
// something else.
func words(line string, room int, code bool) string {
	s := head(line, room)
	if code {
		return s
	}
	if strings.HasPrefix(line, "|") {
		return ""
	}
	if end := strings.LastIndexByte(s, ' '); end > len(s)/2 {
		s = s[:end]
	}
	if at := strings.LastIndex(s, "<code>"); at > strings.LastIndex(s, "</code>") {
		s = s[:at]
	}
	if at := strings.LastIndexAny(s, "&<"); at >= 0 && at > len(s)-len("</code>") && !strings.ContainsAny(s[at:], ";> ") {
		s = s[:at]
	}
	return strings.TrimRight(s, " "+joiner)
}

// head is as much of a text as fits.
func head(s string, limit int) string {
	n := 0
	for i := range s {
		if n >= limit {
			return s[:i]
		}
		n++
	}
	return s
}
