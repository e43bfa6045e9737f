package searchtest

import "strings"

// slip makes one mistake in a word of four letters or more: two swapped, one
// left out, one doubled, or a wrong one. The first letter stays.
func (c *Corpus) slip(word string) string {
	r := []rune(word)
	if len(r) < 4 {
		return word
	}
	at := 1 + c.rnd.IntN(len(r)-2)
	switch c.rnd.IntN(4) {
	case 0:
		r[at], r[at+1] = r[at+1], r[at]
	case 1:
		r = append(r[:at:at], r[at+1:]...)
	case 2:
		r = append(r[:at:at], r[at-1:]...)
	default:
		wrong := []rune("abcdefghijklmnopqrstuvwxyz")
		if r[0] > 0x7F {
			wrong = []rune("アイウエオカキクケコサシスセソタチツテトナニヌネノ")
		}
		r[at] = pick(c.rnd, wrong)
	}
	return string(r)
}

// longVowel leaves a long-vowel mark out, or adds one at the end.
func (c *Corpus) longVowel(word string) string {
	if n := strings.Count(word, "ー"); n > 0 {
		return strings.Replace(word, "ー", "", 1+c.rnd.IntN(n))
	}
	return word + "ー"
}

func hiragana(word string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, word)
}

func fullWidth(word string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return 0x3000
		case r > ' ' && r < 0x7F:
			return r - '!' + 0xFF01
		}
		return r
	}, word)
}

const (
	wide   = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
	voiced = "ガギグゲゴザジズゼゾダヂヅデドバビブベボ"
	voice  = "カキクケコサシスセソタチツテトハヒフヘホ"
)

// halfWidth writes katakana in the narrow form of old terminals, where a
// voicing mark stands by itself.
func halfWidth(word string) string {
	narrow := make(map[rune]string)
	for i, r := range []rune(wide) {
		narrow[r] = string(rune(0xFF66 + i))
	}
	base := []rune(voice)
	for i, r := range []rune(voiced) {
		narrow[r] = narrow[base[i]] + "ﾞ"
	}
	for i, r := range []rune("パピプペポ") {
		narrow[r] = narrow[[]rune("ハヒフヘホ")[i]] + "ﾟ"
	}
	var b strings.Builder
	for _, r := range word {
		if n, ok := narrow[r]; ok {
			b.WriteString(n)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
