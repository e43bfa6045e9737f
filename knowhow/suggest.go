package knowhow

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	longestGuess = 64 // letters of the words that are compared letter by letter
	mostEdits    = 4  // however long a word is
)

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
// is near enough to be a slip: one edit for each three letters, four at most,
// or a part of the other word. Most words are ruled out by their lengths and
// letters, so that thousands are compared at once.
func nearness(typed, known string) (int, bool) {
	t, k := utf8.RuneCountInString(typed), utf8.RuneCountInString(known)
	if t >= 2 && strings.Contains(known, typed) || k >= 3 && strings.Contains(typed, known) {
		return 1, true
	}
	allowed := min(max(1, t/3), mostEdits)
	if t < 2 || k < 2 || k-t > allowed || t-k > allowed {
		return 0, false
	}
	if bits.OnesCount64(letters(typed)^letters(known)) > 2*allowed {
		return 0, false // an edit adds one letter at most, and takes one away
	}
	away := Edits([]rune(typed), []rune(known))
	return away, away <= allowed
}

// letters has a bit for each of 64 groups of letters that is in word.
func letters(word string) (mask uint64) {
	for _, r := range word {
		mask |= 1 << (r % 64)
	}
	return mask
}

// Edits counts the insertions, deletions, replacements and swaps of
// neighbours that make one word of another.
func Edits(a, b []rune) int {
	var short [3][longestGuess + mostEdits + 1]int // keeps usual words off the heap
	rows := [3][]int{short[0][:], short[1][:], short[2][:]}
	if len(b) >= len(rows[0]) {
		rows = [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[(i+1)%3], rows[(i-1)%3], rows[i%3]
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
