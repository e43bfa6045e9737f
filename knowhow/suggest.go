package knowhow

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// longestGuess bounds the words that are compared letter by letter.
const longestGuess = 64

// Suggest gives up to n names or aliases that somebody who wrote word may
// have meant, nearest first and at most one for each component.
func (b *Base) Suggest(word string, n int) []string {
	key := wordKey(word)
	if key == "" || utf8.RuneCountInString(key) > longestGuess {
		return nil
	}
	type guess struct {
		word string
		away int
	}
	var guesses []guess
	for _, e := range b.entries {
		best := guess{away: -1}
		for _, s := range e.spellings {
			if away, near := nearness(key, s.key); near && (best.away < 0 || away < best.away) {
				best = guess{s.word, away}
			}
		}
		if best.away >= 0 {
			guesses = append(guesses, best)
		}
	}
	slices.SortStableFunc(guesses, func(x, y guess) int { return cmp.Compare(x.away, y.away) })
	var words []string
	for _, g := range guesses[:min(max(n, 0), len(guesses))] {
		words = append(words, g.word)
	}
	return words
}

// nearness tells how far a typed word is from a known one, and whether that
// is near enough to be a slip: one edit for each three letters, or a part of
// the other word.
func nearness(typed, known string) (int, bool) {
	t, k := []rune(typed), []rune(known)
	if len(t) >= 2 && strings.Contains(known, typed) || len(k) >= 3 && strings.Contains(typed, known) {
		return 1, true
	}
	allowed := max(1, len(t)/3)
	if len(t) < 2 || len(k) < 2 || len(k)-len(t) > allowed || len(t)-len(k) > allowed {
		return 0, false
	}
	away := distance(t, k)
	return away, away <= allowed
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours between two words.
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
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
		before, last = last, row
	}
	return last[len(b)]
}
