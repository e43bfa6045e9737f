package search

import (
	"math"

	"tebiki/knowhow"
)

const (
	sameWord   = 1000.0 // the query is a component's name or alias
	meantWord  = 100.0  // the query is a slip of one
	ownTongue  = 1.25   // the document is in the reader's language
	saturation = 8.0    // the weight from which more of a term adds little
	byName     = 0.3    // what a name lifts by that is nearly all of the query
)

// score gives each unit what the wishes are worth in it.
func (x *Index) score(wishes []wish) []float64 {
	scores := make([]float64, len(x.units))
	for _, w := range wishes {
		worth := w.count * x.rarity(w.term)
		for u, weight := range x.posts.of(w.term) {
			scores[u] += worth * float64(weight) / (float64(weight) + saturation*x.units[u].size)
		}
	}
	return scores
}

// rarity is the more a term tells the fewer units have it.
func (x *Index) rarity(term uint32) float64 {
	with := float64(x.posts.units[term])
	return math.Log(1 + (float64(len(x.units))-with+0.5)/(with+0.5))
}

func (x *Index) prefer(scores []float64, lang string) {
	for i := range x.units {
		if x.units[i].ja == (lang == knowhow.Japanese) {
			scores[i] *= ownTongue
		}
	}
}

// addNamed lifts the components that the query names, or seems to.
func (x *Index) addNamed(scores []float64, query, meant, lang string) {
	if e, ok := x.base.Entry(query); ok {
		x.putFirst(scores, e, lang)
		return
	}
	for e, share := range x.named(meant) {
		if share == 1 {
			x.putFirst(scores, e, lang)
			continue
		}
		for i := x.entries[e].from; i < x.entries[e].to; i++ {
			scores[i] *= 1 + byName*share
		}
	}
}

// addMeant lifts the components that a query which finds nothing is a slip of.
func (x *Index) addMeant(scores []float64, query string) {
	for i, word := range x.base.Suggest(query, 3) {
		if e, ok := x.base.Entry(word); ok {
			x.lift(scores, e, meantWord/float64(i+1))
		}
	}
}

// putFirst sets a component's documents above all others, in the order of
// its sub-tickets: who names the component wants all of it.
func (x *Index) putFirst(scores []float64, e *knowhow.Entry, lang string) {
	score := float64(sameWord)
	at := x.entries[e]
	for i := at.from; i < at.to; i++ {
		if i > at.from && !x.units[i].again {
			score--
		}
		scores[i] = score
		if x.units[i].ja == (lang == knowhow.Japanese) {
			scores[i] += 0.5
		}
	}
}

func (x *Index) lift(scores []float64, e *knowhow.Entry, by float64) {
	for i := x.entries[e].from; i < x.entries[e].to; i++ {
		scores[i] += by
	}
}
