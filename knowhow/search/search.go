// Package search ranks the documents of a know-how in memory, for words in
// Japanese and English mixed.
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
		if full := len(found) == n; scores[top] <= 0 || full && (n == 0 || scores[top] <= scores[found[n-1]]) {
			continue
		} else if full {
			found = found[:n-1]
		}
		at := len(found)
		for at > 0 && scores[found[at-1]] < scores[top] {
			at--
		}
		found = slices.Insert(found, at, top)
	}
	return found
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
