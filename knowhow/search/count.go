package search

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"tebiki/knowhow"
)

// What a term weighs in a unit by the best place it stands at. In the text
// each time counts, to a limit below that of a heading: what a document says
// often does not become its name.
const (
	inName    = 16
	inTitle   = 8
	inHeading = 4
	inText    = 1
	mostText  = 3
)

// A counter counts the terms of neighbouring units. It numbers the terms as
// it meets them.
type counter struct {
	scan  *scanner
	short map[uint64]uint32 // of terms of one character or two
	long  map[string]uint32
	names []string // of the terms

	weight  uint8    // of what stands at the place that is read
	now     []uint8  // what each term weighs in the unit that is counted
	touched []uint32 // the terms that weigh something in it

	terms   []uint32 // of all units, one after the other
	weights []uint8
	ends    []int // where each unit's end

	order  []uint32 // the terms by name
	global []uint32 // their numbers in the index
	bytes  []byte
	emit   func(term []rune) // add, made once
}

func newCounter(s *scanner) *counter {
	c := &counter{scan: s, short: make(map[uint64]uint32), long: make(map[string]uint32)}
	c.emit = c.add
	return c
}

// count adds a unit.
func (c *counter) count(u *unit, titles string) {
	if e := u.entry; e != nil {
		c.text(inName, e.Name)
		c.text(inName, e.Title.Ja)
		c.text(inName, e.Title.En)
		for _, alias := range e.Aliases {
			c.text(inName, alias)
		}
	}
	c.text(inTitle, u.doc.Title)
	c.text(inTitle, titles)
	for line := range linesOf(u.doc) {
		if strings.HasPrefix(line, "###") {
			c.text(inHeading, line)
			continue
		}
		c.text(inText, line)
	}
	u.size = c.keep()
}

func (c *counter) text(weight uint8, text string) {
	c.weight = weight
	c.scan.terms(text, c.emit)
}

func (c *counter) add(term []rune) {
	id := c.number(term)
	switch now := c.now[id]; {
	case now == 0:
		c.touched = append(c.touched, id)
		c.now[id] = c.weight
	case c.weight > inText:
		c.now[id] = max(now, c.weight)
	case now < mostText:
		c.now[id]++
	}
}

// number gives the number of a term. Most are pairs, whose two characters
// make a key that costs little.
func (c *counter) number(term []rune) uint32 {
	if len(term) <= 2 {
		key := uint64(term[0])
		if len(term) == 2 {
			key |= uint64(term[1]) << 32
		}
		id, ok := c.short[key]
		if !ok {
			id = c.meet(string(term))
			c.short[key] = id
		}
		return id
	}
	c.bytes = c.bytes[:0]
	for _, r := range term {
		c.bytes = utf8.AppendRune(c.bytes, r)
	}
	id, ok := c.long[string(c.bytes)]
	if !ok {
		name := string(c.bytes)
		id = c.meet(name)
		c.long[name] = id
	}
	return id
}

func (c *counter) meet(name string) uint32 {
	c.names = append(c.names, name)
	c.now = append(c.now, 0)
	return uint32(len(c.names) - 1)
}

// keep ends a unit and gives the sum of its weights.
func (c *counter) keep() (sum float64) {
	for _, id := range c.touched {
		c.terms = append(c.terms, id)
		c.weights = append(c.weights, c.now[id])
		sum += float64(min(c.now[id], mostText))
		c.now[id] = 0
	}
	c.touched = c.touched[:0]
	c.ends = append(c.ends, len(c.terms))
	return sum
}

// done puts the terms in order and lets go of what was only for counting.
func (c *counter) done() {
	c.order = make([]uint32, len(c.names))
	for i := range c.order {
		c.order[i] = uint32(i)
	}
	slices.SortFunc(c.order, func(a, b uint32) int { return cmp.Compare(c.names[a], c.names[b]) })
	c.short, c.long, c.now, c.touched = nil, nil, nil, nil
}

// linesOf gives the lines of a document that have something on them.
func linesOf(d *knowhow.Doc) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, section := range [...]string{d.TODO, d.Procedure, d.Checks, d.Special} {
			for line := range strings.SplitSeq(section, "\n") {
				if line = strings.TrimSpace(line); line != "" && !yield(line) {
					return
				}
			}
		}
	}
}
