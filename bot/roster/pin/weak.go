package pin

import "strings"

// weak tells whether a number is among those that are tried first: rows of
// keys up or down, one or two digits or a half that repeat, a line of the
// keypad, a year or a birthday.
func weak(digits string) bool {
	return row(digits) || repeats(digits) || few(digits) || mirrored(digits) || keypad(digits) || date(digits)
}

// row tells of 1234, 9876, 2468 and their like, through 0 too.
func row(s string) bool {
	step := (s[1] - s[0] + 10) % 10
	for i := 1; i < len(s); i++ {
		if (s[i]-s[i-1]+10)%10 != step {
			return false
		}
	}
	return true
}

// repeats tells of 1212, 123123 and their like.
func repeats(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return true
		}
	}
	return false
}

// few tells of long numbers that have hardly any digits, such as 11112222.
func few(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) <= 2
}

// mirrored tells of 123321.
func mirrored(s string) bool {
	for i := range len(s) / 2 {
		if s[i] != s[len(s)-1-i] {
			return false
		}
	}
	return true
}

// lines of the keypad, and words that its letters spell.
const lines = "2580 0852 1470 0741 3690 0963 159357 357159 147258 258369 147258369 369258147 1379 1397 7391 7913 5683 2486"

func keypad(s string) bool {
	for l := range strings.FieldsSeq(lines) {
		if s == l {
			return true
		}
	}
	return false
}

// date tells of a year, of a day as MMDD or DDMM, and of both together.
func date(s string) bool {
	switch len(s) {
	case 4:
		return year(s) || day(s)
	case 6:
		return day(s[2:]) || day(s[:4])
	case 8:
		return year(s[:4]) && day(s[4:]) || day(s[:4]) && year(s[4:])
	}
	return false
}

func year(s string) bool { return s >= "1900" && s < "2100" }

func day(s string) bool {
	a, b := s[:2], s[2:]
	in := func(v, most string) bool { return v >= "01" && v <= most }
	return in(a, "12") && in(b, "31") || in(a, "31") && in(b, "12")
}
