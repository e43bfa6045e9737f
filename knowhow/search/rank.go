package search

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"tebiki/knowhow"
)

// What a term is worth by where it stands.
const (
	inName    = 8
	inTitle   = 4
	inHeading = 2
	inText    = 1
)

const (
	sameWord   = 1000 // the query is a component's name or alias
	meantWord  = 100  // the query is a slip of one
	ownTongue  = 1.25 // the document is in the reader's language
	saturation = 4.0  // the weight from which more of a term adds little
)

// A wish is a term that is looked for and what it counts.
type wish struct {
	term  string
	count float64
}

// mostBeginnings bounds how many terms one beginning stands for.
const mostBeginnings = 20

// mostNamed bounds how many words of a query are compared with every name.
const mostNamed = 8

// expand replaces terms that occur nowhere by those they begin.
func (x *Index) expand(terms []string) []wish {
	var wanted []wish
	for _, term := range terms {
		if x.postings[term] != nil {
			wanted = append(wanted, wish{term, 1})
			continue
		}
		if utf8.RuneCountInString(term) < 3 {
			continue
		}
		i, _ := slices.BinarySearch(x.terms, term)
		for end := i + mostBeginnings; i < min(end, len(x.terms)) && strings.HasPrefix(x.terms[i], term); i++ {
			wanted = append(wanted, wish{x.terms[i], 0.5})
		}
	}
	return wanted
}

// add gives each unit what one term is worth in it.
func (x *Index) add(scores []float64, w wish) {
	worth := w.count * x.rarity(w.term)
	for _, p := range x.postings[w.term] {
		weight := float64(p.weight)
		scores[p.unit] += worth * weight / (weight + saturation*x.units[p.unit].size)
	}
}

func (x *Index) rarity(term string) float64 {
	with := float64(len(x.postings[term]))
	return math.Log(1 + (float64(len(x.units))-with+0.5)/(with+0.5))
}

func (x *Index) prefer(scores []float64, lang string) {
	for i := range x.units {
		if x.units[i].doc.Lang == lang {
			scores[i] *= ownTongue
		}
	}
}

// addNamed lifts the component that the query names, or seems to.
func (x *Index) addNamed(scores []float64, query, lang string) {
	if e, ok := x.base.Entry(query); ok {
		x.putFirst(scores, e, lang)
		return
	}
	found := slices.ContainsFunc(scores, func(s float64) bool { return s > 0 })
	words := strings.Fields(query)
	for _, word := range words[:min(len(words), mostNamed)] {
		if e, ok := x.meant(word); ok {
			x.lift(scores, e, inName)
			found = true
		}
	}
	if found {
		return
	}
	for i, word := range x.base.Suggest(query, 3) {
		if e, ok := x.base.Entry(word); ok {
			x.lift(scores, e, meantWord/float64(i+1))
		}
	}
}

// meant gives the component that a word of a longer query names. Only a word
// that occurs nowhere is taken for a slip.
func (x *Index) meant(word string) (*knowhow.Entry, bool) {
	if e, ok := x.base.Entry(word); ok || len(x.expand(termsOf(word))) > 0 {
		return e, ok
	}
	near := x.base.Suggest(word, 1)
	if len(near) == 0 {
		return nil, false
	}
	return x.base.Entry(near[0])
}

// putFirst sets a component's documents above all others, in the order of
// its sub-tickets: who names the component wants all of it.
func (x *Index) putFirst(scores []float64, e *knowhow.Entry, lang string) {
	score := float64(sameWord)
	for i := x.first[e]; i < len(x.units) && x.units[i].entry == e; i++ {
		if i > x.first[e] && !x.sameDoc(i-1, i) {
			score--
		}
		scores[i] = score
		if x.units[i].doc.Lang == lang {
			scores[i] += 0.5
		}
	}
}

func (x *Index) lift(scores []float64, e *knowhow.Entry, by float64) {
	for i := x.first[e]; i < len(x.units) && x.units[i].entry == e; i++ {
		scores[i] += by
	}
}
