package rule

import (
	"cmp"
	"slices"
	"strings"
)

// suggest tells somebody who wrote a word that is not among the known ones
// what to write instead.
func suggest(word string, known []string) string {
	if len(known) == 0 {
		return "there are none"
	}
	nearest := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
	if distance(word, nearest) <= 1+len(nearest)/4 {
		return "did you mean " + nearest + "?"
	}
	if len(known) > 16 {
		known = append(slices.Clone(known[:16]), "...")
	}
	return "it may be " + strings.Join(known, ", ")
}

// distance counts the letters to insert, delete or replace on the way from
// one word to another.
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if len(x) > 64 { // nobody's slip of the finger
		return len(x)
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			replace := diagonal
			if x[i] != y[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
