package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode"
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
		away := distance(word, []rune(n.text[n.terms[i]]))
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

// distance counts the insertions, deletions, replacements and swaps of
// neighbours between two words of at most longestTerm letters.
func distance(a, b []rune) int {
	var rows [3][longestTerm + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := &rows[(i+1)%3], &rows[(i-1)%3], &rows[i%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
