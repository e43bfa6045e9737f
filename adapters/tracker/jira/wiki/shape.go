package wiki

import (
	"strings"

	"tebiki/adapters/prose"
)

// part is a span with the blanks around it, which stay outside its marks.
type part struct {
	prose.Span
	lead, core, tail string
	label            string // core as it was
	at               int    // where core begins in the line's shape
}

// line is what decides which characters of it mean something: its shape is
// all the text with the marks that will stand around it.
type line struct {
	parts  []part
	shape  []rune
	closer map[rune]int // the last place where a mark could close something
	cites  int          // how often "??" is there
}

func readLine(spans []prose.Span) *line {
	l := &line{closer: map[rune]int{}}
	for _, s := range spans {
		s.Text = strings.Join(strings.FieldsFunc(s.Text, func(r rune) bool { return r == '\n' || r == '\t' }), " ")
		core := strings.TrimSpace(s.Text)
		lead, tail := s.Text, ""
		if core != "" {
			lead, tail, _ = strings.Cut(s.Text, core)
		}
		l.add(part{Span: s, lead: lead, core: core, tail: tail})
	}
	for i, r := range l.shape {
		if strings.ContainsRune("*_-+^~!", r) && l.closes(i) {
			l.closer[r] = i
		}
	}
	l.cites = strings.Count(string(l.shape), "??")
	return l
}

func (l *line) add(p part) {
	p.label = p.core
	if p.Link != "" {
		p.core = label.Replace(p.core)
	} else if leads(p.core) {
		p.Style &= prose.Fixed // nothing would keep Cloud from making a link of it
	}
	around := ""
	if p.Style&prose.Fixed != 0 || p.Link != "" {
		around = "{"
	}
	for _, m := range marks {
		if p.Style&m.style != 0 {
			around += m.mark
		}
	}
	l.shape = append(l.shape, []rune(p.lead+around)...)
	p.at = len(l.shape)
	l.shape = append(l.shape, []rune(p.core+around+p.tail)...)
	l.parts = append(l.parts, p)
}

// char is a character of the shape; beyond its ends there is none.
func (l *line) char(i int) rune {
	if i < 0 || i >= len(l.shape) {
		return 0
	}
	return l.shape[i]
}

func (l *line) opens(i int) bool {
	next := l.char(i + 1)
	return next != 0 && next != ' ' && (l.shape[i] == '!' || !alnum(l.char(i-1)))
}

func (l *line) closes(i int) bool {
	before := l.char(i - 1)
	return before != 0 && before != ' ' && (l.shape[i] == '!' || !alnum(l.char(i+1)))
}
