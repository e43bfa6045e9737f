package recorded

import "strings"

// namesOf gives the names of the sounds that say one word of a Fixed.
func namesOf(lang, word string) []string {
	if n, ok := strings.CutPrefix(word, "number:"); ok {
		return number(lang, n)
	}
	if d, ok := strings.CutPrefix(word, "digits:"); ok {
		return digits(d)
	}
	return []string{word}
}

// number reads numbers below 100 as people say them, and larger ones digit
// by digit.
func number(lang, n string) []string {
	if strings.Trim(n, "0123456789") != "" || n == "" {
		return nil
	}
	n = strings.TrimLeft(n, "0")
	switch {
	case len(n) == 0:
		return digits("0")
	case len(n) != 2:
		return digits(n)
	case lang == "ja":
		return japanese(n[:1], n[1:])
	}
	return english(n[:1], n[1:])
}

// japanese says 23 as "two ten three".
func japanese(tens, ones string) (out []string) {
	if tens != "1" {
		out = append(out, "n"+tens)
	}
	out = append(out, "n10")
	if ones != "0" {
		out = append(out, "n"+ones)
	}
	return out
}

// english has words of their own up to 20, then "twenty three".
func english(tens, ones string) []string {
	if tens == "1" || ones == "0" {
		return []string{"n" + tens + ones}
	}
	return []string{"n" + tens + "0", "n" + ones}
}

// digits reads each alone, and the other two keys of a telephone.
func digits(s string) (out []string) {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			out = append(out, "n"+string(r))
		case r == '*':
			out = append(out, "star")
		case r == '#':
			out = append(out, "hash")
		}
	}
	return out
}
