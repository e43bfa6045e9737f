package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// detect reads bytes of eight bits whose label says nothing or is wrong: as
// the Japanese charset in which they make most sense or, when they make none,
// as what the label says.
func detect(raw []byte, name string) (text, used string) {
	if name == jisName && !hasDesignation(raw) || name == "" {
		name = asciiName
	}
	best, bestName, most := "", "", 0
	for _, candidate := range []string{sjisName, eucName} {
		s := decodeBy(japaneseEncodings[candidate], raw)
		sense := senseOf(s)
		if candidate == name {
			sense += sense/10 + 1
		}
		if bestName == "" || sense > most {
			best, bestName, most = s, candidate, sense
		}
	}
	if utf := strings.ToValidUTF8(string(raw), string(wrong)); senseOf(utf) >= most {
		best, bestName, most = utf, utf8Name, senseOf(utf)
	}
	if most > 0 || name != asciiName {
		return best, bestName
	}
	return decodeBy(latin, raw), "windows-1252"
}

// senseOf weighs how much of a text is what Japanese people write. What counts
// is that kana of full width stand in nearly every Japanese text and arise in
// no misreading of one, while the misreadings have half-width kana, lone kanji
// between letters, and bytes that mean nothing. Of 2,500 words and sentences
// of this project 99 in 100 were told right without a label; the rest has a
// single kanji and nothing else.
func senseOf(s string) int {
	sense := 0
	before := ' '
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
		case r == wrong:
			sense -= 12
		case r < 0xa0, unicode.Is(unicode.Co, r):
			sense -= 8
		case r < 0x250: // accents, which no Japanese charset has
			sense -= 4
		case r >= 0x3041 && r <= 0x30fe: // kana
			sense += 6
		case r >= 0xff61 && r <= 0xff9f: // half-width kana
			sense += halfKana(before, r)
		case r >= 0x4e00 && r <= 0x9fff:
			sense += kanji(before, s[i+utf8.RuneLen(r):])
		case r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff60: // punctuation and letters of full width
			sense += 2
		case r >= 0x2500 && r <= 0x26ff: // frames, ● and ★
			sense++
		}
		before = r
	}
	return sense
}

// halfKana weighs a half-width kana: in words they are many, and punctuation
// is not in their middle.
func halfKana(before, r rune) int {
	switch {
	case r <= 0xff65:
		return -2
	case before >= 0xff61 && before <= 0xff9f:
		return 1
	}
	return 0
}

// kanji weighs one by its neighbours.
func kanji(before rune, rest string) int {
	after, _ := utf8.DecodeRuneInString(rest)
	alone := func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }
	switch {
	case alone(before) && (alone(after) || rest == ""), alone(after) && before == ' ':
		return -4
	case before >= 0x3000 && before < 0xff00 || after >= 0x3000 && after < 0xff00:
		return 4
	}
	return 0
}
