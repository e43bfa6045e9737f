package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// A wish is a term that is looked for and what it counts.
type wish struct {
	term  uint32
	count float64
}

// What a term counts for by what it is. A word of Japanese is several pairs,
// and together they count for about as much as a word in Latin letters.
const (
	aWord    = 1.0  // in Latin letters, or in katakana as a whole
	aPair    = 0.3  // two neighbours in Japanese
	aPassage = 0.2  // a pair in kana alone, which often is grammar
	aKanji   = 0.15 // one character
	aMatter  = 0.6  // what is taken for a word: begins with it, or is near it
)

// mostBeginnings bounds how many terms one beginning stands for.
const mostBeginnings = 20

// A reader turns the words of a query into wishes.
type reader struct {
	*Index
	wished map[uint32]int // where in wishes each term is
	wishes []wish
	last   string   // the Latin word before
	meant  []string // slips, each followed by what it was taken for
}

// wish reads a query. Terms that occur nowhere are replaced by those they
// may have been meant for, in the query too.
func (x *Index) wish(query string) (wishes []wish, meant string) {
	r := &reader{Index: x, wished: make(map[uint32]int)}
	scan := x.scanner()
	scan.runs(query, func(kind int, run []rune) {
		if kind == latin {
			r.word(run)
			return
		}
		scan.cut(run, func(term []rune) { r.add(string(term), scan.worth(term)) })
		r.kana(run)
	})
	scan.words(query, func(word []rune) {
		if word[0] < 0x80 {
			r.add(string(word), aWord)
			return
		}
		r.whole(word)
	})
	return r.wishes, strings.NewReplacer(r.meant...).Replace(string(skeleton(nil, query)))
}

// add wishes for a term, if it occurs.
func (r *reader) add(term string, count float64) bool {
	id, ok := r.posts.find(term)
	if ok {
		r.want(id, count)
	}
	return ok
}

func (r *reader) want(id uint32, count float64) {
	if at, again := r.wished[id]; again {
		r.wishes[at].count = max(r.wishes[at].count, count)
		return
	}
	r.wished[id] = len(r.wishes)
	r.wishes = append(r.wishes, wish{id, count})
}

// word wishes for a Latin word; for one that occurs nowhere, for the words it
// begins, those it is joined of, or those it is a slip of.
func (r *reader) word(run []rune) {
	term := string(stem(run))
	before := r.last
	r.last = term
	if before != "" {
		r.add(before+term, aWord)
	}
	if r.add(term, aWord) || isIdle(string(run)) || r.begins(term) || r.joined(term) {
		return
	}
	r.slipped(stem(run))
}

// begins wishes for words that begin with term.
func (r *reader) begins(term string) bool {
	if len(term) < 3 {
		return false
	}
	i, _ := slices.BinarySearch(r.posts.terms, term)
	start := i
	for ; i < min(start+mostBeginnings, len(r.posts.terms)) && strings.HasPrefix(r.posts.terms[i], term); i++ {
		r.want(uint32(i), aMatter)
	}
	return i > start
}

// joined wishes for the two words that term is written of without a space.
func (r *reader) joined(term string) bool {
	for i := 3; i <= len(term)-3; i++ {
		a, first := r.posts.find(term[:i])
		b, second := r.posts.find(term[i:])
		if first && second {
			r.want(a, aWord)
			r.want(b, aWord)
			return true
		}
	}
	return false
}

func (r *reader) slipped(word []rune) {
	near := r.near.of(word)
	for _, g := range near {
		r.want(g.term, aMatter)
	}
	if len(near) > 0 {
		most := slices.MaxFunc(near, func(a, b guess) int { return cmp.Compare(r.posts.units[a.term], r.posts.units[b.term]) })
		r.meant = append(r.meant, string(word), r.posts.terms[most.term])
	}
}

// pairWorth is what a term that pairs gives counts.
func pairWorth(term []rune) float64 {
	switch {
	case len(term) == 1:
		return aKanji
	case !slices.ContainsFunc(term, isHan):
		return aPassage
	}
	return aPair
}

// kana wishes for the words that a query has in hiragana and documents have
// in katakana.
func (r *reader) kana(run []rune) {
	notKana := func(c rune) bool { return !unicode.Is(unicode.Hiragana, c) }
	for _, part := range strings.FieldsFunc(string(skeleton(nil, string(run))), notKana) {
		r.whole([]rune(part))
	}
}

// whole wishes for a word in katakana, or those it is a slip of.
func (r *reader) whole(word []rune) {
	if len(word) >= shortestKana && !r.add(string(word), aWord) {
		r.slipped(word)
	}
}
