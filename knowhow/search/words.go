package search

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// stem leaves off a plural s: servers and server, but not class.
func stem(run []rune) []rune {
	run = run[:min(len(run), longestTerm)]
	n := len(run)
	if n > 3 && run[n-1] == 's' && run[n-2] != 's' && run[n-2] != 'u' && run[0] < 0x80 {
		return run[:n-1]
	}
	return run
}

// katakana gives where words in katakana stand in text, half-width too.
func katakana(text string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := 0; i < len(text); {
			if text[i] < 0xE3 { // katakana begins with E3 or EF
				i++
				continue
			}
			end := i
			for end < len(text) {
				r, size := utf8.DecodeRuneInString(text[end:])
				if !isKatakana(r) {
					break
				}
				end += size
			}
			if end > i && !yield(i, end) {
				return
			}
			_, size := utf8.DecodeRuneInString(text[end:])
			i = end + size
		}
	}
}

func isKatakana(r rune) bool {
	return r >= 'ァ' && r <= 'ー' && r != '・' || r >= 0xFF66 && r <= 0xFF9F
}

// humps gives where the parts stand of words that are joined by capitals, as
// in DiskSpaceLow.
func humps(text string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := 0; i < len(text); {
			end := i
			for end < len(text) && isLetter(text[end]) {
				end++
			}
			if !partsOf(text, i, end, yield) {
				return
			}
			i = end + 1
		}
	}
}

// partsOf cuts the letters from i to end before each capital that follows a
// small one, and before the last of several when a small one follows.
func partsOf(text string, i, end int, yield func(int, int) bool) bool {
	start := i
	for j := i + 1; j < end; j++ {
		if isUpper(text[j]) && (!isUpper(text[j-1]) || j+1 < end && !isUpper(text[j+1])) {
			if !yield(start, j) {
				return false
			}
			start = j
		}
	}
	return start == i || yield(start, end)
}

func isUpper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func isLetter(c byte) bool { return isUpper(c) || c >= 'a' && c <= 'z' }

// isIdle tells words that say nothing of what is looked for, so that they are
// not taken for slips of others.
func isIdle(word string) bool { return strings.Contains(idle, " "+word+" ") }

const idle = " a an and any are as at be been but by can could did do does for from get had has have he how i if in into is it its me my no not of on or our she should so some than that the their them then there these they this to too us was we were what when where which who why will with would you your "
