package search

import (
	"unicode/utf8"

	"tebiki/knowhow"
)

// longestName bounds a name within a query: words, or characters of Japanese.
const longestName = 16

// addNames makes e known by its name and aliases, and by its titles unless
// they are another's. What two have in common stays with the first.
func (x *Index) addNames(scan *scanner, e *knowhow.Entry) {
	for _, name := range append([]string{e.Name, e.Title.Ja, e.Title.En}, e.Aliases...) {
		flat, _ := squeeze(scan, name)
		if key := string(flat); utf8.RuneCountInString(key) > 1 && x.names[key] == nil {
			x.names[key] = e
		}
	}
}

// squeeze leaves only letters and digits, and says where a word may begin or
// end among them: in Japanese, everywhere.
func squeeze(scan *scanner, text string) (flat []rune, bounds []int) {
	scan.runs(text, func(kind int, run []rune) {
		for i, r := range run {
			if i == 0 || kind == japanese {
				bounds = append(bounds, len(flat))
			}
			flat = append(flat, r)
		}
	})
	return flat, append(bounds, len(flat))
}

// named finds the components whose names stand in a query, and how much of
// the query each name is.
func (x *Index) named(query string) map[*knowhow.Entry]float64 {
	flat, bounds := squeeze(newScanner(), query)
	found := make(map[*knowhow.Entry]float64)
	for i, from := range bounds {
		for _, to := range bounds[i+1 : min(len(bounds), i+1+longestName)] {
			if e, ok := x.names[string(flat[from:to])]; ok {
				found[e] = max(found[e], float64(to-from)/float64(len(flat)))
			}
		}
	}
	return found
}
