package search

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"tebiki/knowhow"
)

// New makes an index over base.
func New(base *knowhow.Base) *Index {
	x := &Index{base: base, first: make(map[*knowhow.Entry]int), postings: make(map[string][]posting)}
	used := make(map[string]bool)
	for _, e := range base.Components() {
		x.first[e] = len(x.units)
		x.addEntry(e, used)
	}
	for _, d := range base.Docs() {
		if !used[d.Name] {
			x.addUnit(unit{doc: d}, make(map[string]float32))
		}
	}
	x.scale()
	x.terms = slices.Sorted(maps.Keys(x.postings))
	return x
}

func (x *Index) addEntry(e *knowhow.Entry, used map[string]bool) {
	titles := make(map[string]string) // of the sub-tickets, by document
	var docs []string
	for _, s := range e.Subtickets {
		if _, again := titles[s.Doc]; !again {
			docs = append(docs, s.Doc)
		}
		titles[s.Doc] += "\n" + s.Title.Ja + "\n" + s.Title.En
		used[s.Doc] = true
	}
	names := strings.Join(append([]string{e.Name, e.Title.Ja, e.Title.En}, e.Aliases...), "\n")
	for _, name := range docs {
		for _, d := range x.languages(name) {
			weights := make(map[string]float32)
			count(weights, names, inName)
			count(weights, titles[name], inTitle)
			x.addUnit(unit{entry: e, doc: d}, weights)
		}
	}
}

// languages gives a document in each language that it was written in.
func (x *Index) languages(name string) []*knowhow.Doc {
	var docs []*knowhow.Doc
	for _, lang := range []string{knowhow.Japanese, knowhow.English} {
		if d, ok := x.base.Doc(name, lang); ok && d.Lang == lang {
			docs = append(docs, d)
		}
	}
	return docs
}

// addUnit adds the document's own terms to weights, and all to the postings.
func (x *Index) addUnit(u unit, weights map[string]float32) {
	count(weights, u.doc.Title, inTitle)
	for line := range linesOf(u.doc) {
		place := float32(inText)
		if strings.HasPrefix(line, "###") {
			place = inHeading
		}
		count(weights, line, place)
	}
	for term, weight := range weights {
		u.size += float64(weight)
		x.postings[term] = append(x.postings[term], posting{int32(len(x.units)), weight})
	}
	x.units = append(x.units, u)
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

func count(weights map[string]float32, text string, place float32) {
	for _, term := range termsOf(text) {
		weights[term] += place
	}
}

// linesOf gives the lines of a document that have something on them.
func linesOf(d *knowhow.Doc) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, section := range []string{d.TODO, d.Procedure, d.Checks, d.Special} {
			for line := range strings.SplitSeq(section, "\n") {
				if line = strings.TrimSpace(line); line != "" && !yield(line) {
					return
				}
			}
		}
	}
}
