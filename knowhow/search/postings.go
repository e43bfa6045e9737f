package search

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
)

// postings say for each term which units have it and what it weighs there:
// the distance to the unit before, as a varint, and one byte of weight.
type postings struct {
	terms []string // in order; a term's number is its place
	data  []byte
	at    []uint64 // where each term's begin in data; one more for the end
	units []uint32 // how many units have each term
}

// merge makes postings of what counters have counted, whose units follow one
// another.
func merge(parts []*counter) *postings {
	p := &postings{terms: mergeTerms(parts)}
	p.units = make([]uint32, len(p.terms))
	p.at = make([]uint64, len(p.terms)+1)
	last := make([]uint32, len(p.terms))
	var buf [binary.MaxVarintLen32 + 1]byte
	each(parts, func(unit, term uint32, _ uint8) {
		p.at[term+1] += uint64(binary.PutUvarint(buf[:], uint64(unit-last[term])) + 1)
		p.units[term]++
		last[term] = unit
	})
	for i := range p.terms {
		p.at[i+1] += p.at[i]
	}
	p.data = make([]byte, p.at[len(p.terms)])
	clear(last)
	next := slices.Clone(p.at)
	each(parts, func(unit, term uint32, weight uint8) {
		n := binary.PutUvarint(buf[:], uint64(unit-last[term]))
		buf[n] = weight
		next[term] += uint64(copy(p.data[next[term]:], buf[:n+1]))
		last[term] = unit
	})
	return p
}

// mergeTerms gives the terms of all counters in order, and tells each counter
// the numbers of its own.
func mergeTerms(parts []*counter) []string {
	var terms []string
	heads := make([]int, len(parts))
	for i := range parts {
		parts[i].global = make([]uint32, len(parts[i].names))
	}
	for {
		least, found := "", false
		for i, c := range parts {
			if heads[i] < len(c.order) {
				if name := c.names[c.order[heads[i]]]; !found || cmp.Less(name, least) {
					least, found = name, true
				}
			}
		}
		if !found {
			return slices.Clip(terms)
		}
		for i, c := range parts {
			if heads[i] < len(c.order) && c.names[c.order[heads[i]]] == least {
				c.global[c.order[heads[i]]] = uint32(len(terms))
				heads[i]++
			}
		}
		terms = append(terms, least)
	}
}

// each hands out all that was counted, unit by unit.
func each(parts []*counter, yield func(unit, term uint32, weight uint8)) {
	unit := uint32(0)
	for _, c := range parts {
		from := 0
		for _, end := range c.ends {
			for i := from; i < end; i++ {
				yield(unit, c.global[c.terms[i]], c.weights[i])
			}
			from = end
			unit++
		}
	}
}

// find gives the number of a term.
func (p *postings) find(term string) (uint32, bool) {
	i, ok := slices.BinarySearch(p.terms, term)
	return uint32(i), ok
}

// of gives the units that have a term, and its weight in each.
func (p *postings) of(term uint32) iter.Seq2[uint32, uint8] {
	return func(yield func(uint32, uint8) bool) {
		unit := uint32(0)
		for data := p.data[p.at[term]:p.at[term+1]]; len(data) > 0; {
			delta, n := binary.Uvarint(data)
			unit += uint32(delta)
			if !yield(unit, data[n]) {
				return
			}
			data = data[n+1:]
		}
	}
}
