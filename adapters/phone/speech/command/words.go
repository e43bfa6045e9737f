package command

import (
	"strings"
	"unicode"
)

// clean makes one line of a text, without what programs take for something
// else than words: open_jtalk reads one line only, espeak-ng takes what
// follows "[[" as names of phonemes.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), r == '[', r == ']', r == unicode.ReplacementChar:
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
		return ""
	}
	return text
}

// parts cuts a text where a speaker would take breath, so that no part is
// wider than so many characters.
func parts(text string, limit int) (out []string) {
	for text != "" {
		end := breath(text, limit)
		if one := clean(text[:end]); one != "" {
			out = append(out, one)
		}
		text = text[end:]
	}
	return out
}

// breath gives where the first part of a text ends. A character counts three
// bytes at least: open_jtalk makes wide ones of all, in memory of fixed size.
func breath(text string, limit int) int {
	width, stop, space := 0, 0, 0
	for i, r := range text {
		size := len(string(r))
		if width += max(3, size); width > 3*limit {
			return firstOf(stop, space, i)
		}
		switch end := i + size; {
		case strings.ContainsRune("。、.,!?;:！？，．", r):
			stop = end
		case r == ' ':
			space = end
		}
	}
	return len(text)
}

// firstOf gives the first that is a place in the text.
func firstOf(places ...int) int {
	for _, p := range places {
		if p > 0 {
			return p
		}
	}
	return 1
}
