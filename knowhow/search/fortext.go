package search

import (
	"cmp"
	"slices"
	"strings"

	"tebiki/knowhow"
)

const (
	maxText    = 8 << 10 // bytes of a text that are looked at
	candidates = 20      // components that are looked at closely
)

// Threshold is the score under which ForText suggests nothing. Where half of
// all alerts are about what the know-how lacks, 95 of 100 suggestions are
// right on the corpus that it was chosen on and 92 on the other, and 7 of 10
// alerts whose component is there get it (TestForText).
const Threshold = 0.82

// A Suggestion is a component that a text seems to be about.
//
// Its score is between 0 and 1: how much of one of the component's names,
// titles or aliases stands in the text, rare words counting more. For all but
// the component that has the most of the text it is less by how much less of
// it they have, squared. So 1 is a text that has a whole name of the component
// and fits no other better.
type Suggestion struct {
	Component string
	Score     float64
}

// ForText gives up to n components that a long text is about, such as an
// alert's, best first, and none that scores under Threshold. Hosts,
// addresses, times, numbers and what all alerts say are passed over.
func (x *Index) ForText(text string, n int) []Suggestion {
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	t := &telling{Index: x, scan: x.scanner(), has: make(map[uint32]float64)}
	t.read(telltale(text))
	found := t.closest()
	for i := range found {
		found[i].Score *= found[i].Score * t.named(found[i].entry)
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.Score, a.Score) })
	var out []Suggestion
	for _, c := range found[:min(max(n, 0), len(found))] {
		if c.Score >= Threshold {
			out = append(out, c.Suggestion)
		}
	}
	return out
}

// A telling is the terms of a text that are in the know-how, with what each
// is worth.
type telling struct {
	*Index
	scan *scanner
	has  map[uint32]float64
	all  []uint32 // in the order of the text
}

type candidate struct {
	Suggestion
	entry *knowhow.Entry
}

func (t *telling) read(text string) {
	t.scan.terms(text, func(term []rune) {
		id, ok := t.posts.find(string(term))
		if _, again := t.has[id]; ok && !again {
			t.has[id] = t.worth(id, term)
			t.all = append(t.all, id)
		}
	})
}

// worth is what a term tells: a word in Latin letters or katakana all that
// its rarity is, what Japanese is cut into less.
func (t *telling) worth(id uint32, term []rune) float64 {
	if len(term) < shortestKana && kindOf(term[0]) == japanese {
		return t.scan.segmentation.worth(term) * t.rarity(id)
	}
	return aWord * t.rarity(id)
}

// closest gives the components whose know-how has the most of the text, with
// their shares of what the first has.
func (t *telling) closest() []candidate {
	wishes := make([]wish, len(t.all))
	for i, id := range t.all {
		wishes[i] = wish{id, t.has[id] / t.rarity(id)}
	}
	scores := t.score(wishes)
	var found []candidate
	for e, at := range t.entries {
		most := 0.0
		for _, score := range scores[at.from:at.to] {
			most = max(most, score)
		}
		if most > 0 {
			found = append(found, candidate{Suggestion{e.Name, most}, e})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Component, b.Component))
	})
	found = found[:min(candidates, len(found))]
	for i := range slices.Backward(found) {
		found[i].Score /= found[0].Score
	}
	return found
}

// named tells how much of one of the component's names the text has.
func (t *telling) named(e *knowhow.Entry) (most float64) {
	for _, name := range append([]string{e.Name, e.Title.Ja, e.Title.En}, e.Aliases...) {
		var has, all float64
		t.scan.terms(name, func(term []rune) {
			id, ok := t.posts.find(string(term))
			if !ok {
				return
			}
			worth := t.worth(id, term)
			all += worth
			if t.has[id] > 0 {
				has += worth
			}
		})
		if all > 0 {
			most = max(most, has/all)
		}
	}
	return most
}
