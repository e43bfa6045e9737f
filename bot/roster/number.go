package roster

import "strings"

// maxNumber is how long a telephone number may be that is looked at.
const maxNumber = 64

// Number gives a telephone number the one form in which it can be compared,
// whatever form it was written in: "090-1234-5678", "+81 90 1234 5678" and
// "PJSIP/09012345678@trunk" are the same when the country's code is "81".
// ok is false for what is no number: a withheld one, or a name.
func Number(s, country string) (digits string, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxNumber {
		return "", false
	}
	s = strings.ReplaceAll(bare(s), "(0)", "")
	international := strings.HasPrefix(s, "+")
	digits, ok = onlyDigits(strings.TrimPrefix(s, "+"))
	if !ok {
		return "", false
	}
	return complete(digits, country, international), true
}

// bare takes an endpoint apart: technology, trunk and host are no part of the
// number.
func bare(s string) string {
	s = s[strings.LastIndexByte(s, '/')+1:]
	s, _, _ = strings.Cut(s, "@")
	s, _, _ = strings.Cut(s, ";")
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return strings.TrimSpace(s[len(scheme):])
		}
	}
	return s
}

// onlyDigits leaves out what people write between digits.
func onlyDigits(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case '０' <= r && r <= '９':
			b.WriteRune(r - '０' + '0')
		case !strings.ContainsRune(" -.()\u00a0\u2010\u2011\u2013\u3000", r):
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

// shortest is how few digits a number with its country's code has: what is
// shorter is an extension.
const shortest = 8

// complete puts the country's code in front. A trunk that leaves the plus out
// gives a number that begins with the code already.
func complete(digits, country string, international bool) string {
	switch {
	case international || country == "" || len(digits) < shortest:
		return digits
	case strings.HasPrefix(digits, "00"):
		return digits[2:]
	case strings.HasPrefix(digits, "0"):
		return country + digits[1:]
	}
	return digits
}

// ByNumber gives the person who calls from a number. Nobody does from a
// number that two have, since one could act as the other.
func (r *Roster) ByNumber(number, country string) (found Person, ok bool) {
	want, isNumber := Number(number, country)
	if !isNumber {
		return Person{}, false
	}
	for _, p := range r.people {
		if has, isNumber := Number(p.Phone, country); !isNumber || has != want {
			continue
		}
		if ok {
			return Person{}, false
		}
		found, ok = p, true
	}
	return found, ok
}
