package textile

import (
	"regexp"
	"strings"

	"tebiki/adapters/prose"
)

var marks = []struct {
	style prose.Style
	mark  string
}{{prose.Bold, "*"}, {prose.Italic, "_"}, {prose.Struck, "-"}}

// writeBlock writes the spans of one block, a line of its own after each
// break.
func writeBlock(spans []prose.Span) []string { return readBlock(spans, false).write() }

// writeCell writes the spans of a table's cell.
func writeCell(spans []prose.Span) string { return strings.Join(readBlock(spans, true).write(), " ") }

func (b *block) write() (lines []string) {
	var out strings.Builder
	end := func() {
		lines = append(lines, keepStart(strings.TrimSpace(out.String())))
		out.Reset()
	}
	for i, p := range b.parts {
		if p.Text == prose.Break {
			end()
			continue
		}
		out.WriteString(p.lead)
		if p.core != "" {
			out.WriteString(b.part(p, prose.LastRune(out.String()), b.behind(i)))
		}
		out.WriteString(p.tail)
	}
	end()
	return lines
}

// behind is the text after a part, in its line.
func (b *block) behind(i int) string {
	rest := b.parts[i].tail
	for i++; i < len(b.parts) && b.parts[i].Text != prose.Break; i++ {
		rest += b.parts[i].lead + b.parts[i].core + b.parts[i].tail
		if len(rest) > maxAhead {
			break
		}
	}
	return rest
}

// part gives a part with the marks of its style, and a space where Redmine
// would not see them.
func (b *block) part(p part, before rune, behind string) string {
	var body string
	closed := markEnd.MatchString(behind)
	switch {
	case p.Link != "":
		body, closed = writeLink(p.Link, p.core, b.escape(p)), linkEnd.MatchString(behind)
	case p.Style&prose.Fixed != 0:
		return "<code>" + verbatim(p.core) + "</code>"
	case p.Style == 0:
		return b.escape(p)
	default:
		body = keepInner(b.escape(p))
	}
	for _, m := range marks {
		if p.Style&m.style != 0 {
			body = m.mark + body + m.mark
		}
	}
	if before != 0 && before != '(' && !space(before) {
		body = " " + body
	}
	if !closed {
		body += " "
	}
	return body
}

// What may stand behind a mark, and behind an address.
var (
	markEnd = regexp.MustCompile(`^(?:$|[\s\p{P}<])`)
	linkEnd = regexp.MustCompile(`^[.,:!?)]?(?:$|\s)`)
)

var (
	startWord  = regexp.MustCompile(`^(?:p|bq|h\d|fn\d+|table)(?:[^a-zA-Z0-9\s][^\n]*)?\.`)
	startMarks = regexp.MustCompile(`^(?:[*#]+(?:[\s(\[{]|$)|>|=|\{|(?:[-*_] ?){3,}$)`)
)

// keepStart keeps text from being a heading, a quote, an item, a rule or a
// row by what a line begins with.
func keepStart(s string) string {
	switch {
	case startWord.MatchString(s):
		return joiner + s
	case startMarks.MatchString(s):
		return asEntity(rune(s[0])) + s[1:]
	}
	return s
}

// keepInner keeps styled text from beginning with a class, a style or a
// language.
func keepInner(s string) string {
	if s != "" && strings.ContainsRune("([{", rune(s[0])) {
		return asEntity(rune(s[0])) + s[1:]
	}
	return s
}
