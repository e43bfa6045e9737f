package textile

import (
	"regexp"
	"strings"
	"unicode"

	"tebiki/adapters/prose"
)

// part is a span with the blanks around it, which stay outside its marks.
type part struct {
	prose.Span
	lead, core, tail string
	at               int // where core begins in the block's shape
}

// block is what decides which characters of it mean something: its shape is
// all the text with the marks that will stand around it.
type block struct {
	parts  []part
	shape  []rune
	closer map[rune]int // the last place where a mark could close something
	raw    int          // how often "==" is there
	cell   bool
	rows   bool // whether a line could be a row of a table
}

func readBlock(spans []prose.Span, cell bool) *block {
	b := &block{closer: map[rune]int{}, cell: cell}
	for _, s := range spans {
		b.add(s)
	}
	for i, r := range b.shape {
		if strings.ContainsRune(qtags, r) && b.closes(i) {
			b.closer[r] = i
		}
		if r == '&' { // Redmine keeps it as "x%x%" meanwhile
			b.closer['%'] = i
		}
	}
	shape := string(b.shape)
	b.raw, b.rows = strings.Count(shape, "=="), row.MatchString(shape)
	return b
}

// qtags are the marks of Textile, with that of an image and that of code.
const qtags = "*_-+^~%?!@"

// row finds a line that begins as a row of a table does.
var row = regexp.MustCompile(`(?m)^[^\p{L}\p{N}|]*(?:[(\[{][^|]*)?\|`)

func (b *block) add(s prose.Span) {
	if s.Text == prose.Break {
		b.shape = append(b.shape, '\n')
		b.parts = append(b.parts, part{Span: s})
		return
	}
	s.Text = strings.NewReplacer("\n", " ", "\t", " ").Replace(s.Text)
	p := part{Span: s, lead: s.Text, core: strings.TrimSpace(s.Text)}
	if p.core != "" {
		p.lead, p.tail, _ = strings.Cut(s.Text, p.core)
	}
	around := ""
	if p.Style&prose.Fixed != 0 || p.Link != "" {
		around = ">"
	}
	for _, m := range marks {
		if p.Style&m.style != 0 {
			around += m.mark
		}
	}
	b.shape = append(b.shape, []rune(p.lead+around)...)
	p.at = len(b.shape)
	b.shape = append(b.shape, []rune(p.core+around+p.tail)...)
	b.parts = append(b.parts, p)
}

// char is a character of the shape; beyond its ends there is none.
func (b *block) char(i int) rune {
	if i < 0 || i >= len(b.shape) {
		return 0
	}
	return b.shape[i]
}

func alnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// word tells whether Redmine sees a character of a word, as Ruby does.
func word(r rune) bool { return r < unicode.MaxASCII && (alnum(r) || r == '_') }

// space tells whether Redmine sees a space: those of other scripts are none,
// and a line's end is a tag by the time that it looks.
func space(r rune) bool { return r == ' ' }

// opens tells whether a mark could begin something: after a blank, and after
// another mark that could.
func (b *block) opens(i int) bool {
	if next := b.char(i + 1); next == 0 || space(next) {
		return false
	}
	before := b.char(i - 1)
	return before == 0 || unicode.IsSpace(before) || strings.ContainsRune(">("+qtags, before)
}

func (b *block) closes(i int) bool {
	before := b.char(i - 1)
	switch next := b.char(i + 1); b.shape[i] {
	case '!', '@': // a joiner may come before what follows
		return true
	default:
		return before != 0 && !space(before) && !alnum(next)
	}
}
