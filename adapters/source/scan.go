package source

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner walks over a JSON text once. Its first fault ends the walk: from
// then on there is no next byte, so that every loop comes to its end.
type scanner struct {
	body    []byte
	pos     int
	fault   *Fault
	scratch []byte // a text with escapes, until the next text is read
}

func (s *scanner) fail(at int, format string, args ...any) {
	if s.fault == nil {
		s.fault = &Fault{Offset: int64(at), What: fmt.Sprintf(format, args...)}
	}
	s.pos = len(s.body)
}

// next skips blanks and gives the byte that stands there, without taking it;
// 0 when there is none.
func (s *scanner) next() byte {
	for ; s.pos < len(s.body); s.pos++ {
		switch c := s.body[s.pos]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// more takes what stands between two items of a list or an object: it tells
// whether there is another.
func (s *scanner) more(end byte) bool {
	switch s.next() {
	case ',':
		s.pos++
		return true
	case end:
		s.pos++
	default:
		s.fail(s.pos, "',' or '%c' is wanted here, there is %s", end, s.found())
	}
	return false
}

// found names what stands at pos, for people.
func (s *scanner) found() string {
	if s.pos >= len(s.body) {
		return "the end"
	}
	switch c := s.body[s.pos]; {
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		return "text"
	case c == 't' || c == 'f':
		return "a truth value"
	case c == 'n':
		return "null: leave the field out"
	case c == '-' || c >= '0' && c <= '9':
		return "a number: put it in quotes"
	default:
		r, _ := utf8.DecodeRune(s.body[s.pos:])
		return fmt.Sprintf("%q", r)
	}
}

// plain are the bytes that stand for themselves within a text.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

// text takes a string. What it gives is valid until the next text.
func (s *scanner) text() []byte {
	if s.next() != '"' {
		s.fail(s.pos, "text in quotes is wanted, there is %s", s.found())
		return nil
	}
	start := s.pos + 1
	i, bits := start, byte(0)
	for ; i < len(s.body) && plain[s.body[i]]; i++ {
		bits |= s.body[i]
	}
	if bits >= utf8.RuneSelf && !s.valid(start, i) {
		return nil
	}
	if i < len(s.body) && s.body[i] == '"' {
		s.pos = i + 1
		return s.body[start:i]
	}
	s.scratch = append(s.scratch[:0], s.body[start:i]...)
	return s.rest(i)
}

// rest takes the text from i on, where its first plain part has ended, to the
// quote. The parts before are in scratch.
func (s *scanner) rest(i int) []byte {
	for s.fault == nil {
		start := i
		for i < len(s.body) && plain[s.body[i]] {
			i++
		}
		if !s.valid(start, i) {
			return nil
		}
		s.scratch = append(s.scratch, s.body[start:i]...)
		switch {
		case i == len(s.body):
			s.fail(i, "the text has no closing quote")
		case s.body[i] == '"':
			s.pos = i + 1
			return s.scratch
		case s.body[i] == '\\':
			i = s.escape(i)
		default:
			s.fail(i, "the control character %U must not stand in text", s.body[i])
		}
	}
	return nil
}

func (s *scanner) valid(from, to int) bool {
	if utf8.Valid(s.body[from:to]) {
		return true
	}
	for i := from; i < to; {
		r, size := utf8.DecodeRune(s.body[i:to])
		if r == utf8.RuneError && size == 1 {
			s.fail(i, "the byte %#x is no UTF-8", s.body[i])
			return false
		}
		i += size
	}
	return true
}

// escape takes what a backslash at i begins, and gives where it ends.
func (s *scanner) escape(i int) int {
	c := byte(0)
	if i+1 < len(s.body) {
		c = s.body[i+1]
	}
	switch c {
	case '"', '\\', '/':
		s.scratch = append(s.scratch, c)
	case 'b':
		s.scratch = append(s.scratch, '\b')
	case 'f':
		s.scratch = append(s.scratch, '\f')
	case 'n':
		s.scratch = append(s.scratch, '\n')
	case 'r':
		s.scratch = append(s.scratch, '\r')
	case 't':
		s.scratch = append(s.scratch, '\t')
	case 'u':
		return s.codePoint(i)
	default:
		s.fail(i, "there is no such escape: a backslash itself is written twice")
	}
	return i + 2
}

// codePoint takes \uXXXX at i, or the two of a pair.
func (s *scanner) codePoint(i int) int {
	r, ok := s.hex(i)
	end := i + 6
	if ok && utf16.IsSurrogate(r) {
		low, _ := s.hex(end)
		r, end = utf16.DecodeRune(r, low), end+6
		ok = r != utf8.RuneError
	}
	if !ok {
		s.fail(i, "\\u wants four hexadecimal digits, and the second of a pair after the first")
		return i
	}
	s.scratch = utf8.AppendRune(s.scratch, r)
	return end
}

func (s *scanner) hex(i int) (r rune, ok bool) {
	if i+6 > len(s.body) || s.body[i] != '\\' || s.body[i+1] != 'u' {
		return 0, false
	}
	for _, c := range s.body[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
