package remote

import (
	"strings"
	"unicode"
)

// Title makes one line of any text, of at most so many units of the tracker's:
// control characters and breaks become spaces, and what is too long ends with
// an ellipsis. size tells how many units a character has.
func Title(s string, most int, size func(rune) int) (string, error) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if s = strings.Join(strings.Fields(s), " "); s == "" {
		return "", Refused("the title is empty: a ticket needs one line that says what it is about")
	}
	n, end := 0, 0 // end is as far as there is room for the ellipsis
	for at, r := range s {
		if n += size(r); n <= most-1 {
			end = at + len(string(r))
		}
		if n > most {
			return strings.TrimRight(s[:end], " ") + "…", nil
		}
	}
	return s, nil
}
