// Package search ranks the documents of a know-how in memory, for words in
// Japanese and English mixed.
//
// The data's way: New walks components, sub-tickets and documents and counts,
// for every document of every component in every language, the terms of its
// names, titles, headings and text. Search turns words into the same terms,
// adds up what each is worth (BM25 with weighted places), and shows the line
// that matches best. Text is compared as knowhow.Fold writes it. Latin words
// are terms, without a plural s; Japanese, which has no spaces, is cut into
// pairs of characters, and its long-vowel marks are left out, so that the two
// spellings of "server" are one.
//
// A component's own name or alias outranks everything. A word that occurs
// nowhere is taken for the beginning of one, then for a slip of the name that
// knowhow.Suggest finds. The same base and query give the same hits.
//
// With 1,000 documents in two languages a search takes 0.5 to 1.2 ms on one
// core, and New a quarter of a second (BenchmarkSearch, BenchmarkNew).
package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"tebiki/knowhow"
)

const (
	maxQuery = 400 // bytes of a query that are looked at
	maxLine  = 200 // characters of a matching line that are shown
)

// A Hit is one document of one component.
type Hit struct {
	Component string // "" for a document that no component uses
	Doc       string
	Title     string // in the reader's language, if it was written in it
	Line      string // of the text, the one that matches best
	Score     float64
}

// An Index answers searches over one base. It never changes and may be used
// by any number of goroutines.
type Index struct {
	base     *knowhow.Base
	units    []unit
	first    map[*knowhow.Entry]int // where each component's units begin
	postings map[string][]posting
	terms    []string // of names, titles, headings and text, in order
}

// A unit is one document in one language, as one component uses it.
type unit struct {
	entry *knowhow.Entry // nil for a document that no component uses
	doc   *knowhow.Doc
	size  float64 // of its text against the average
}

type posting struct {
	unit   int32
	weight float32
}

// Search gives the n best hits for a query, those for readers of lang first
// where it matters.
func (x *Index) Search(query, lang string, n int) []Hit {
	query = strings.ToValidUTF8(query[:min(len(query), maxQuery)], "")
	scores := make([]float64, len(x.units))
	wanted := x.expand(termsOf(query))
	for _, w := range wanted {
		x.add(scores, w)
	}
	x.prefer(scores, lang)
	x.addNamed(scores, query, lang)
	return x.hits(x.best(scores, n), scores, wanted, lang)
}

// best picks the units to show: of one document in two languages the better.
func (x *Index) best(scores []float64, n int) []int {
	var found []int
	for i := range x.units {
		if scores[i] <= 0 {
			continue
		}
		if last := len(found) - 1; last >= 0 && x.sameDoc(found[last], i) {
			if scores[i] > scores[found[last]] {
				found[last] = i
			}
			continue
		}
		found = append(found, i)
	}
	slices.SortStableFunc(found, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return found[:min(max(n, 0), len(found))]
}

func (x *Index) sameDoc(i, j int) bool {
	return x.units[i].entry == x.units[j].entry && x.units[i].doc.Name == x.units[j].doc.Name
}

func (x *Index) hits(units []int, scores []float64, wanted []wish, lang string) []Hit {
	hits := make([]Hit, 0, len(units))
	for _, i := range units {
		u := x.units[i]
		h := Hit{Doc: u.doc.Name, Title: u.doc.Title, Line: x.line(u.doc, wanted), Score: scores[i]}
		if u.entry != nil {
			h.Component = u.entry.Name
		}
		if own, ok := x.base.Doc(u.doc.Name, lang); ok {
			h.Title = own.Title
		}
		hits = append(hits, h)
	}
	return hits
}

// line gives the line of the document that holds the most of what is wanted;
// with none it is the first, which says what to do.
func (x *Index) line(d *knowhow.Doc, wanted []wish) string {
	var best string
	most := 0.0
	for line := range linesOf(d) {
		has, sum := termsOf(line), 0.0
		for _, w := range wanted {
			if slices.Contains(has, w.term) {
				sum += w.count * x.rarity(w.term)
			}
		}
		if best == "" || sum > most {
			best, most = line, sum
		}
	}
	if utf8.RuneCountInString(best) > maxLine {
		best = string([]rune(best)[:maxLine]) + "..."
	}
	return best
}
