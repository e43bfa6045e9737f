package search

import (
	"unicode/utf8"

	"tebiki/knowhow"
)

// maxLine is how many characters of a matching line are shown.
const maxLine = 200

// lines finds in documents the lines that hold the most of what is wanted.
type lines struct {
	scan  *scanner
	wants map[string]*want
	line  int // the number of the line that is read, over all documents
	sum   float64
	bytes []byte
}

// A want is what a term is worth, and the last line that had it.
type want struct {
	worth float64
	line  int
}

func (x *Index) newLines(wishes []wish) *lines {
	l := &lines{scan: x.scanner(), wants: make(map[string]*want)}
	for _, w := range wishes {
		l.wants[x.posts.terms[w.term]] = &want{worth: w.count * x.rarity(w.term)}
	}
	return l
}

// best gives the best line; with none it is the first, which says what to do.
func (l *lines) best(d *knowhow.Doc) string {
	var best string
	most := 0.0
	for line := range linesOf(d) {
		if sum := l.of(line); best == "" || sum > most {
			best, most = line, sum
		}
	}
	if utf8.RuneCountInString(best) > maxLine {
		best = string([]rune(best)[:maxLine]) + "..."
	}
	return best
}

// of gives what a line has of the wanted, each term once.
func (l *lines) of(line string) float64 {
	l.line++
	l.sum = 0
	l.scan.terms(line, l.add)
	return l.sum
}

func (l *lines) add(term []rune) {
	l.bytes = l.bytes[:0]
	for _, r := range term {
		l.bytes = utf8.AppendRune(l.bytes, r)
	}
	if w := l.wants[string(l.bytes)]; w != nil && w.line != l.line {
		w.line = l.line
		l.sum += w.worth
	}
}
