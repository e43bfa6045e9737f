package knowhow

import (
	"strings"
	"unicode"
)

// halfWidth holds the katakana for U+FF66 to U+FF9D, in order.
var halfWidth = []rune("ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン")

// Fold writes a word the one way that words are compared in: lower case,
// full-width letters made narrow, half-width kana made wide, voicing marks
// joined to their kana, katakana as hiragana. It is meant for comparing, not
// for showing.
func Fold(s string) string {
	return string(AppendFold(make([]rune, 0, len(s)), s))
}

// AppendFold appends s to out as Fold writes it, for whoever folds much and
// keeps nothing.
func AppendFold(out []rune, s string) []rune {
	start := len(out)
	for _, r := range s {
		if shift := voicing(r); shift > 0 && len(out) > start {
			if v, ok := voiced(out[len(out)-1], shift); ok {
				out[len(out)-1] = v
				continue
			}
		}
		out = append(out, foldRune(r))
	}
	return out
}

func foldRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r < 0x80:
		return r
	case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
		return unicode.ToLower(r - 0xFF01 + '!')
	case r == 0x3000: // ideographic space
		return ' '
	case r > 0x3000 && r < 0xA000: // kana and kanji have no case
		return hiragana(r)
	case r >= 0xFF66 && r <= 0xFF9D:
		return hiragana(halfWidth[r-0xFF66])
	}
	return hiragana(unicode.ToLower(r))
}

func hiragana(r rune) rune {
	if r >= 'ァ' && r <= 'ヶ' {
		return r - 'ァ' + 'ぁ'
	}
	return r
}

// voicing tells how far a voicing mark moves the kana before it: 1 for
// dakuten, 2 for handakuten, 0 for any other character.
func voicing(r rune) rune {
	switch r {
	case 0x3099, 0xFF9E:
		return 1
	case 0x309A, 0xFF9F:
		return 2
	}
	return 0
}

func voiced(kana, shift rune) (rune, bool) {
	switch {
	case shift == 1 && kana == 'う':
		return 'ゔ', true
	case shift == 1 && strings.ContainsRune("かきくけこさしすせそたちつてとはひふへほ", kana),
		shift == 2 && strings.ContainsRune("はひふへほ", kana):
		return kana + shift, true
	}
	return 0, false
}

// wordKey is what names and aliases are looked up by: folded, and with
// hyphens, underscores and spaces alike.
func wordKey(s string) string {
	parts := strings.FieldsFunc(Fold(s), func(r rune) bool {
		return r == '-' || r == '_' || unicode.IsSpace(r)
	})
	return strings.Join(parts, "-")
}
