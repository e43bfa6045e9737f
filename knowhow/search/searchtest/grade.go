package searchtest

import (
	"maps"
	"math"
	"slices"
)

// NDCG tells how good the first k answers are, from 0 to 1: what each is
// worth, less the further down it stands, against the best order there is.
func NDCG(grades map[string]int, answers []string, k int) float64 {
	var got []int
	for _, a := range answers[:min(k, len(answers))] {
		got = append(got, grades[a])
	}
	ideal := slices.Sorted(maps.Values(grades))
	slices.Reverse(ideal)
	best := gain(ideal[:min(k, len(ideal))])
	if best == 0 {
		return 0
	}
	return gain(got) / best
}

func gain(grades []int) float64 {
	var sum float64
	for i, g := range grades {
		sum += (math.Exp2(float64(g)) - 1) / math.Log2(float64(i)+2)
	}
	return sum
}
