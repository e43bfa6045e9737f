package search

import (
	"runtime"
	"slices"
	"strings"
	"sync"

	"tebiki/knowhow"
)

// An Index answers searches over one base. It never changes and may be used
// by any number of goroutines.
type Index struct {
	base    *knowhow.Base
	units   []unit
	entries map[*knowhow.Entry]span
	posts   *postings
	near    *nearby
	names   map[string]*knowhow.Entry // by squeezed name, alias and title
	scanner func() *scanner
}

// A unit is one document in one language, as one component uses it.
type unit struct {
	entry *knowhow.Entry // nil for a document that no component uses
	doc   *knowhow.Doc
	size  float64 // of its text against the average
	ja    bool    // it is in Japanese
	again bool    // it is the document of the unit before, in another language
}

// A span is where an entry's units are.
type span struct{ from, to int }

// New makes an index over base, with all the processors there are.
func New(base *knowhow.Base) *Index { return build(base, newScanner) }

func build(base *knowhow.Base, scanner func() *scanner) *Index {
	x := &Index{base: base, scanner: scanner, entries: make(map[*knowhow.Entry]span), names: make(map[string]*knowhow.Entry)}
	used := make(map[string]bool)
	var titles []string // of the sub-tickets, by unit
	scan := newScanner()
	for _, e := range base.Components() {
		from := len(x.units)
		titles = x.addEntry(e, titles, used)
		x.entries[e] = span{from, len(x.units)}
		x.addNames(scan, e)
	}
	for _, d := range base.Docs() {
		if !used[d.Name] {
			x.addUnit(unit{doc: d})
			titles = append(titles, "")
		}
	}
	x.posts = merge(x.count(titles))
	x.scale()
	x.near = newNearby(x.posts.terms)
	return x
}

// addEntry adds a unit for each document of e in each language that it was
// written in.
func (x *Index) addEntry(e *knowhow.Entry, titles []string, used map[string]bool) []string {
	for i, s := range e.Subtickets {
		used[s.Doc] = true
		if slices.ContainsFunc(e.Subtickets[:i], func(b knowhow.Subticket) bool { return b.Doc == s.Doc }) {
			continue
		}
		title := titlesOf(e, s.Doc)
		for _, lang := range []string{knowhow.Japanese, knowhow.English} {
			if d, ok := x.base.Doc(s.Doc, lang); ok && d.Lang == lang {
				x.addUnit(unit{entry: e, doc: d})
				titles = append(titles, title)
			}
		}
	}
	return titles
}

func (x *Index) addUnit(u unit) {
	u.ja = u.doc.Lang == knowhow.Japanese
	if n := len(x.units); n > 0 {
		last := x.units[n-1]
		u.again = last.entry == u.entry && last.doc.Name == u.doc.Name
	}
	x.units = append(x.units, u)
}

// titlesOf joins the titles of the sub-tickets that use a document.
func titlesOf(e *knowhow.Entry, doc string) string {
	var titles []string
	for _, s := range e.Subtickets {
		if s.Doc == doc {
			titles = append(titles, s.Title.Ja, s.Title.En)
		}
	}
	return strings.Join(titles, "\n")
}

// fewUnits is for how many units a goroutine of its own is worth it.
const fewUnits = 64

// count has the units counted in as many parts as there are processors.
func (x *Index) count(titles []string) []*counter {
	n := min(runtime.GOMAXPROCS(0), len(x.units)/fewUnits+1)
	parts := make([]*counter, n)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			c := newCounter(x.scanner())
			for j := i * len(x.units) / n; j < (i+1)*len(x.units)/n; j++ {
				c.count(&x.units[j], titles[j])
			}
			c.done()
			parts[i] = c
		})
	}
	wg.Wait()
	return parts
}

// scale turns sizes into shares of the average, between half and double, so
// that a long document does not win by length nor lose all by it.
func (x *Index) scale() {
	var sum float64
	for _, u := range x.units {
		sum += u.size
	}
	for i := range x.units {
		x.units[i].size = min(max(x.units[i].size*float64(len(x.units))/sum, 0.5), 2)
	}
}
