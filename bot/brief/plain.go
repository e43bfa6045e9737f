package brief

import (
	"strings"
	"unicode"
)

// Plain makes one line of plain text of what came from outside, of at most
// max characters: control characters and those that turn the direction of
// text go, breaks become spaces, and what is cut ends with an ellipsis.
func Plain(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(head(s, max), "\uFFFD"))
	return cut(strings.Join(strings.Fields(s), " "), max)
}

// head keeps far more than max characters can need of a text that has no end.
func head(s string, max int) string {
	if limit := 16*max + 1024; len(s) > limit {
		return s[:limit]
	}
	return s
}

// cut ends a text after max characters, with an ellipsis in the place of the
// last.
func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	if r := []rune(s); len(r) > max {
		return string(r[:max-1]) + "…"
	}
	return s
}
