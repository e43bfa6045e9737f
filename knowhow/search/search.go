// Package search ranks the documents of a know-how in memory, for words in
// Japanese and English mixed, and its components for an alert's text.
//
// The data's way: New lists a unit for every document of every component in
// every language. Counters, one for each processor, cut the units' names,
// titles, headings and text into terms and note what each weighs by its best
// place; merge makes one list of postings of it. Search turns a query into
// wishes for terms, adds up what each is worth (BM25 with weighted places),
// lifts the components whose names stand in the query, and shows of each
// document the line that matches best. A component's own name or alias
// outranks everything. The same base and query give the same hits.
//
// Text is compared without what people write in more than one way: width,
// case, hiragana for katakana, long vowels, small kana, a plural s. A word
// that occurs nowhere is taken for the beginning of others, then for two
// written as one, then for a slip of the nearest words in the vocabulary: one
// mistake in it, two from seven letters on.
//
// # How Japanese is cut
//
// It has no spaces. It is cut into pairs of neighbouring characters, single
// kanji, and words in katakana as a whole. The other way is a dictionary:
// kagome with IPA's in search mode, whose words count what is best for it,
// and all else the same. On know-how that searchtest makes, 360 documents
// and 560 queries of 14 kinds, nDCG@5 is
//
//	                              pairs    kagome
//	the corpus that was tuned on  0.949    0.946
//	one with no subject in common 0.948    0.947
//	building the index            9 ms     50 ms
//	index kept                    0.31 MB  0.28 MB, and 88 MB of dictionary
//	before the first word         nothing  0.6 s and more
//	size of the program           nothing  13 MB
//
// so pairs find as much and cost less. kagome is in the tests alone
// (TestSegmentations). Kind by kind, pairs are worst at words of the text that
// one document in many has (0.85) and at sentences whose words the documents
// put differently (0.89), and best at other writings of kana (0.98).
//
// # Speed
//
// On two shared cores, documents half Japanese (BenchmarkNew and the others):
//
//	documents          10,000    100,000
//	a search           0.3 ms    2.5 ms
//	New, of processor  0.25 s    3 s
//	New, allocated     74 MB     720 MB
//	index kept         6 MB      60 MB
//
// New uses all processors. Whoever serves makes the index before anybody
// asks; reading 10,000 documents takes ten times as long as indexing them.
package search

import (
	"slices"
	"strings"
)

// maxQuery is how many bytes of a query are looked at.
const maxQuery = 400

// A Hit is one document of one component.
type Hit struct {
	Component string // "" for a document that no component uses
	Doc       string
	Title     string // in the reader's language, if it was written in it
	Line      string // of the text, the one that matches best
	Score     float64
}

// Search gives the n best hits for a query, those for readers of lang first
// where it matters.
func (x *Index) Search(query, lang string, n int) []Hit {
	query = strings.ToValidUTF8(query[:min(len(query), maxQuery)], "")
	wishes, meant := x.wish(query)
	scores := x.score(wishes)
	x.prefer(scores, lang)
	x.addNamed(scores, query, meant, lang)
	if len(wishes) == 0 {
		x.addMeant(scores, query)
	}
	return x.hits(x.best(scores, n), scores, wishes, lang)
}

// best picks the units to show: of one document in two languages the better.
// What scores the same stays in order.
func (x *Index) best(scores []float64, n int) []int {
	var found []int
	for i := 0; i < len(scores); {
		top := i
		for i++; i < len(scores) && x.units[i].again; i++ {
			if scores[i] > scores[top] {
				top = i
			}
		}
		if scores[top] > 0 {
			found = place(found, top, scores, n)
		}
	}
	return found
}

// place puts a unit where it belongs among the n best so far.
func place(found []int, unit int, scores []float64, n int) []int {
	at := len(found)
	for at > 0 && scores[found[at-1]] < scores[unit] {
		at--
	}
	if at >= n {
		return found
	}
	found = slices.Insert(found, at, unit)
	return found[:min(n, len(found))]
}

func (x *Index) hits(units []int, scores []float64, wishes []wish, lang string) []Hit {
	hits := make([]Hit, 0, len(units))
	lines := x.newLines(wishes)
	for _, i := range units {
		u := x.units[i]
		h := Hit{Doc: u.doc.Name, Title: u.doc.Title, Line: lines.best(u.doc), Score: scores[i]}
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
