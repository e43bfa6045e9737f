package search

import (
	"unicode"

	"tebiki/knowhow"
)

// Kinds of characters; a run of one kind is cut up together.
const (
	other = iota
	latin
	japanese
)

// longestTerm bounds a term, in characters; what is longer is no word.
const longestTerm = 40

// A scanner cuts text into the terms it is found by. It is for one goroutine.
type scanner struct {
	segmentation
	text, part []rune
}

// A segmentation is a way to cut Japanese, which has no spaces. Tests compare
// another with this package's own.
type segmentation struct {
	fold  func(out []rune, text string) []rune
	cut   func(run []rune, emit func([]rune))
	worth func(term []rune) float64 // what a term of a query counts
}

func newScanner() *scanner {
	return &scanner{segmentation: segmentation{fold: skeleton, cut: pairs, worth: pairWorth}}
}

// terms hands out the terms of text, in order, with repeats. What emit gets
// is only lent.
func (s *scanner) terms(text string, emit func([]rune)) {
	s.runs(text, func(kind int, run []rune) {
		if kind == latin {
			emit(stem(run))
			return
		}
		s.cut(run, emit)
	})
	s.words(text, emit)
}

// runs hands out the runs of one kind of character in text, folded.
func (s *scanner) runs(text string, emit func(kind int, run []rune)) {
	s.text = s.fold(s.text[:0], text)
	start, last := 0, other
	for i, r := range s.text {
		if k := kindOf(r); k != last {
			if last != other {
				emit(last, s.text[start:i])
			}
			start, last = i, k
		}
	}
	if last != other {
		emit(last, s.text[start:])
	}
}

// words hands out what only the writing shows and folding loses: words in
// katakana, which are terms as a whole besides, and the parts of names that
// are joined by capitals.
func (s *scanner) words(text string, emit func([]rune)) {
	for from, to := range katakana(text) {
		if s.part = skeleton(s.part[:0], text[from:to]); len(s.part) >= shortestKana {
			emit(s.part[:min(len(s.part), longestTerm)])
		}
	}
	for from, to := range humps(text) {
		s.part = skeleton(s.part[:0], text[from:to])
		emit(stem(s.part))
	}
}

// shortestKana is from how many characters on a word in katakana tells more
// than the pairs in it.
const shortestKana = 3

// skeleton appends text to out with all that people write in more than one
// way left out: what knowhow.Fold levels, long-vowel marks and dashes that
// stand for them, and the small kana, which old systems write large.
func skeleton(out []rune, text string) []rune {
	start := len(out)
	folded := knowhow.AppendFold(out, text)
	out = folded[:start]
	kana := false // the one before is kana
	for _, r := range folded[start:] {
		if r == 'ー' || kana && isDash(r) {
			continue
		}
		kana = r >= 'ぁ' && r <= 'ゔ'
		if kana {
			r = large(r)
		}
		out = append(out, r)
	}
	return out
}

func isDash(r rune) bool {
	return r == '-' || r >= 0x2010 && r <= 0x2015 || r == 0x2212 || r == '〜'
}

func large(r rune) rune {
	switch r {
	case 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ', 'っ', 'ゃ', 'ゅ', 'ょ', 'ゎ':
		return r + 1
	}
	return r
}

func kindOf(r rune) int {
	switch {
	case r < 0x80:
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return latin
		}
		return other
	case r >= 'ぁ' && r <= 'ゖ', r >= '一' && r <= 0x9FFF, r == '々':
		return japanese
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return japanese
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return latin
	}
	return other
}

// pairs gives each two neighbours, and each kanji alone: a query of one
// character finds it, and in a longer one pairs are rarer and so count more.
func pairs(run []rune, emit func([]rune)) {
	for i, r := range run {
		if isHan(r) {
			emit(run[i : i+1])
		}
		if i+1 < len(run) {
			emit(run[i : i+2])
		}
	}
}

func isHan(r rune) bool {
	return r >= '一' && r <= 0x9FFF || r > 0x9FFF && unicode.Is(unicode.Han, r)
}
