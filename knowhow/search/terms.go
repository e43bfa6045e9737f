package search

import (
	"strings"
	"unicode"

	"tebiki/knowhow"
)

// Kinds of characters; a run of one kind is cut up together.
const (
	other = iota
	latin
	japanese
)

// longestTerm bounds a Latin term, in runes; what is longer is no word.
const longestTerm = 40

// termsOf cuts text into the terms it is found by, in order, with repeats.
func termsOf(text string) []string {
	var terms []string
	var run []rune
	last := other
	flush := func() {
		switch last {
		case latin:
			terms = append(terms, word(run))
		case japanese:
			terms = append(terms, pairs(run)...)
		}
		run = run[:0]
	}
	for _, r := range knowhow.Fold(text) {
		if r == 'ー' {
			continue
		}
		if k := kind(r); k != last {
			flush()
			last = k
		}
		run = append(run, r)
	}
	flush()
	return terms
}

func kind(r rune) int {
	switch {
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == '々':
		return japanese
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return latin
	}
	return other
}

// word leaves off a plural s: servers and server, but not class.
func word(run []rune) string {
	s := string(run[:min(len(run), longestTerm)])
	if len(s) > 3 && strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && !strings.HasSuffix(s, "us") {
		return s[:len(s)-1]
	}
	return s
}

// pairs gives each two neighbours, and each character alone: a query of one
// character finds it, and in a longer one pairs are rarer and so count more.
func pairs(run []rune) []string {
	terms := make([]string, 0, 2*len(run))
	for i := range run {
		if unicode.Is(unicode.Han, run[i]) {
			terms = append(terms, string(run[i]))
		}
		if i+1 < len(run) {
			terms = append(terms, string(run[i:i+2]))
		}
	}
	return terms
}
