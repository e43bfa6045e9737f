package wiki

import (
	"regexp"
	"strings"
	"unicode"

	"tebiki/adapters/prose"
)

var marks = []struct {
	style prose.Style
	mark  string
}{{prose.Bold, "*"}, {prose.Italic, "_"}, {prose.Struck, "-"}}

// writeLine writes the spans of one line with their marks.
func writeLine(spans []prose.Span) string {
	l := readLine(spans)
	var out strings.Builder
	for i, p := range l.parts {
		out.WriteString(p.lead)
		if p.core != "" {
			out.WriteString(l.write(p, prose.LastRune(out.String()), l.after(i)))
		}
		out.WriteString(p.tail)
	}
	return keepStart(strings.TrimSpace(out.String()))
}

// after is the first character behind a part.
func (l *line) after(i int) rune {
	rest := l.parts[i].tail
	for i++; rest == "" && i < len(l.parts); i++ {
		rest = l.parts[i].lead + l.parts[i].core + l.parts[i].tail
	}
	return prose.FirstRune(rest)
}

// write gives a part with the marks of its style. Marks beside a letter need
// braces; code has none such and gets a space instead.
func (l *line) write(p part, before, after rune) string {
	touching := touches(before) || touches(after)
	var body string
	switch {
	case p.Link != "":
		free := p.Style == 0 && !touches(before) && (after == 0 || unicode.IsSpace(after))
		body = writeLink(p.Link, p.label, keepInner(l.escape(p, inStyle)), free)
	case p.Style&prose.Fixed != 0:
		return pad(before) + "{{" + l.escape(p, inCode) + "}}" + pad(after)
	case p.Style == 0:
		return l.escape(p, inText)
	default:
		body = keepInner(l.escape(p, inStyle))
	}
	for _, m := range marks {
		switch {
		case p.Style&m.style == 0:
		case touching:
			body = "{" + m.mark + "}" + body + "{" + m.mark + "}"
		default:
			body = m.mark + body + m.mark
		}
	}
	return body
}

func pad(beside rune) string {
	if touches(beside) {
		return " "
	}
	return ""
}

// touches tells whether Jira sees no mark beside this character. For Cloud
// that is so beside anything that is not ASCII.
func touches(r rune) bool { return r > unicode.MaxASCII || alnum(r) }

func alnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

var (
	startWord  = regexp.MustCompile(`^(?:h[1-6]|bq)\.`)
	startMarks = regexp.MustCompile(`^[*#-]+(?:\s|$)|^\|+`)
)

// keepStart keeps text from being a heading, a quote, an item, a rule or a
// row by what it begins with.
func keepStart(s string) string {
	if startWord.MatchString(s) {
		return joiner + s
	}
	found := startMarks.FindString(s)
	var out strings.Builder
	for _, r := range found {
		if !unicode.IsSpace(r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String() + s[len(found):]
}

// keepInner is keepStart for what Cloud reads a second time.
func keepInner(s string) string {
	if startWord.MatchString(s) || startMarks.MatchString(s) {
		return joiner + s
	}
	return s
}
