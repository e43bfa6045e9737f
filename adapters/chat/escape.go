package chat

import (
	"fmt"
	"strings"
	"time"
)

// Characters that mean nothing to CommonMark, nor to the tables, strike-outs,
// footnotes and bare links of its dialects, once a backslash is before them.
// A digit needs none: the point or bracket that would make it a list has one.
const special = "\\`*_[]<>#!|~&@:()+-=.$^{}'\"/"

// Escape makes outside text safe inside Markdown: every character stands for
// itself. Its line breaks stay breaks, and blank lines part paragraphs; the
// blanks at both ends of a line, which would mean something there, go. Line
// is for where there must be no break: a heading, a list item, a table.
func Escape(s string) string {
	lines := strings.Split(newlines.Replace(clean(s)), "\n")
	var out strings.Builder
	out.Grow(len(s) + len(s)/4)
	above := false // whether the line before has text
	for i, line := range lines {
		line = strings.Trim(line, " \t")
		if above && line != "" {
			out.WriteByte('\\') // a break that is shown as one
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		writeEscaped(&out, line)
		above = line != ""
	}
	return out.String()
}

// Line is Escape on one line: breaks become spaces.
func Line(s string) string { return Escape(strings.Join(strings.Fields(clean(s)), " ")) }

// writeEscaped writes a backslash at the line's end by its number: goldmark
// reads three of them before a line's end as no break.
func writeEscaped(out *strings.Builder, line string) {
	line, slash := strings.CutSuffix(line, `\`)
	for i := range len(line) {
		if strings.IndexByte(special, line[i]) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(line[i])
	}
	if slash {
		out.WriteString("&#92;")
	}
}

// Moment is a moment as Markdown, which reads as label: a link of the scheme
// "time" to the seconds since 1970. A chat that can shows it in the zone of
// whoever reads it, any other shows the label.
func Moment(t time.Time, label string) string {
	if t.Unix() < 0 {
		return Line(label)
	}
	return fmt.Sprintf("[%s](time:%d)", Line(label), t.Unix())
}

// Fence shows text as it is in a code block that the text cannot end.
func Fence(s string) string {
	s = strings.TrimRight(newlines.Replace(clean(s)), "\n")
	fence := strings.Repeat("`", max(3, longestRun(s, '`')+1))
	return fence + "\n" + s + "\n" + fence
}

func longestRun(s string, of byte) (longest int) {
	run := 0
	for i := range len(s) {
		if s[i] != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// clean drops control characters and those that turn the direction of text,
// which could make a host's name read as another.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return r
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			return -1
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
