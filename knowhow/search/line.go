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
	worth map[string]float64 // of each term
	seen  map[string]bool    // in the line that is read
}

func (x *Index) newLines(wishes []wish) *lines {
	l := &lines{scan: x.scanner(), worth: make(map[string]float64), seen: make(map[string]bool)}
	for _, w := range wishes {
		l.worth[x.posts.terms[w.term]] = w.count * x.rarity(w.term)
	}
	return l
}

// best gives the best line and its worth; with none it is the first line,
// which says what to do.
func (l *lines) best(d *knowhow.Doc) (string, float64) {
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
	return best, most
}

// of gives what a line has of the wanted, each term once.
func (l *lines) of(line string) (sum float64) {
	clear(l.seen)
	l.scan.terms(line, func(term []rune) {
		key := string(term)
		if worth := l.worth[key]; worth > 0 && !l.seen[key] {
			l.seen[key] = true
			sum += worth
		}
	})
	return sum
}
