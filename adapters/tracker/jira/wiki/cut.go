package wiki

import (
	"regexp"
	"strings"
	"unicode/utf16"
)

// Size is the length of a text as Jira counts it: in units of UTF-16, as Java
// does, which is never less than its characters.
func Size(s string) (n int) {
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// Cut keeps markup within limit: of one that is longer it gives the first
// lines, closes the block they end in, and ends with note, which is markup
// too. A row of a table stays whole.
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
	kept := strings.TrimRight(c.out.String(), "\n") + c.closing()
	return strings.TrimLeft(kept+"\n\n"+note, "\n")
}

// blockMark is a mark that opens a block, or closes it.
var blockMark = regexp.MustCompile(`\{(code|noformat|quote)(?::[^}\n]*)?\}`)

// cutter takes lines as long as they fit with what must follow.
type cutter struct {
	out  strings.Builder
	size int
	open []string
}

// add takes a line, or the first words of the first line that does not fit;
// then it is the last.
func (c *cutter) add(line string, limit int) bool {
	before := c.open
	c.open = after(c.open, line)
	if size := c.size + Size(line); size+Size(c.closing())+2 <= limit {
		c.size = size
		c.out.WriteString(line)
		return true
	}
	c.open = before
	if room := limit - c.size - Size(c.closing()) - 2; c.size < limit/2 && len(after(nil, line)) == 0 {
		c.out.WriteString(words(line, room))
	}
	return false
}

// after is what is open behind a line. Within code only its own end counts.
func after(open []string, line string) []string {
	for _, at := range blockMark.FindAllStringSubmatchIndex(line, -1) {
		name, inner := line[at[2]:at[3]], ""
		if len(open) > 0 {
			inner = open[len(open)-1]
		}
		switch {
		case at[0] > 0 && line[at[0]-1] == '\\':
		case inner == name && at[1] == at[3]+1:
			open = open[:len(open)-1]
		case inner == "" || inner == "quote" && name != "quote":
			open = append(open[:len(open):len(open)], name)
		}
	}
	return open
}

func (c *cutter) closing() string {
	var out strings.Builder
	for i := len(c.open) - 1; i >= 0; i-- {
		out.WriteString("\n{" + c.open[i] + "}")
	}
	return out.String()
}

// words is the beginning of a line up to a space. A row or a backslash cut in
// two would be something else.
func words(line string, room int) string {
	if strings.HasPrefix(line, "|") {
		return ""
	}
	s := head(line, room)
	if end := strings.LastIndexByte(s, ' '); end > len(s)/2 {
		s = s[:end]
	}
	return strings.TrimRight(s, `\ `+joiner)
}

// head is as much of a text as fits.
func head(s string, limit int) string {
	n := 0
	for i, r := range s {
		if n += max(1, utf16.RuneLen(r)); n > limit {
			return s[:i]
		}
	}
	return s
}
