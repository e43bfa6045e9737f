package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"tebiki/knowhow"
)

// nearby finds the words that differ little from one that occurs nowhere.
// Each word has a mask of the letters in it: most words are ruled out by
// comparing masks, and few are compared letter by letter.
type nearby struct {
	terms   []uint32
	masks   []uint64
	lengths []uint8
	text    []string // of all terms
}

// shortestNear is from how many letters on a word may be taken for a slip.
const shortestNear = 3

// newNearby takes words without digits: what has some is a host, a version
// or a code, and a neighbour of it means something else.
func newNearby(terms []string) *nearby {
	n := &nearby{text: terms}
	for i, term := range terms {
		if r := []rune(term); len(r) >= shortestNear && !strings.ContainsFunc(term, unicode.IsDigit) {
			n.terms = append(n.terms, uint32(i))
			n.masks = append(n.masks, maskOf(r))
			n.lengths = append(n.lengths, uint8(min(len(r), 255)))
		}
	}
	return n
}

// maskOf gives each of 64 groups of letters a bit.
func maskOf(word []rune) (mask uint64) {
	for _, r := range word {
		mask |= 1 << (r % 64)
	}
	return mask
}

// A guess is a word that may have been meant.
type guess struct {
	term uint32
	away int
}

// slips is how many mistakes are looked past in a word of that many letters.
func slips(letters int) int {
	switch {
	case letters < shortestNear:
		return 0
	case letters < 7:
		return 1
	}
	return 2
}

// of gives the nearest words, all equally far, in order.
func (n *nearby) of(word []rune) []guess {
	allowed := slips(len(word))
	if allowed == 0 || len(word) > longestTerm || slices.ContainsFunc(word, unicode.IsDigit) {
		return nil
	}
	mask := maskOf(word)
	var found []guess
	for i, m := range n.masks {
		if length := int(n.lengths[i]); bits.OnesCount64(m^mask) > 2*allowed || length > len(word)+allowed || len(word) > length+allowed {
			continue
		}
		away := knowhow.Edits(word, []rune(n.text[n.terms[i]]))
		if away > allowed || len(word) == shortestNear && int(n.lengths[i]) != shortestNear {
			continue
		}
		if away < allowed {
			allowed, found = away, nil
		}
		found = append(found, guess{n.terms[i], away})
	}
	slices.SortFunc(found, func(a, b guess) int { return cmp.Compare(a.term, b.term) })
	return found
}
