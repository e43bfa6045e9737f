package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// choices tells somebody who wrote a word that is not among the known ones
// what to write instead.
func choices[V any](word string, known map[string]V) string {
	return suggest(word, slices.Sorted(maps.Keys(known)))
}

func suggest(word string, known []string) string {
	if len(known) == 0 {
		return "there is none at all"
	}
	nearest := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
	if distance(word, nearest) <= 1+len(nearest)/4 {
		return "did you mean " + nearest + "?"
	}
	if len(known) == 1 {
		return "there is only " + nearest
	}
	if len(known) > 12 {
		known = append(slices.Clone(known[:12]), "...")
	}
	return "want one of " + strings.Join(known, ", ")
}

// distance counts the letters to insert, delete or replace on the way from
// one word to another.
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if len(x) > 100 { // nobody's slip of the finger
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
