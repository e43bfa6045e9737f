package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"
)

// decoded reads a body and undoes its transfer encoding, as far as it can be
// undone.
func (p *parser) decoded(k kind, body io.Reader, most int) []byte {
	raw, err := io.ReadAll(io.LimitReader(body, int64(most)))
	if err != nil {
		p.note("the mail ends in the middle of a part")
	}
	switch k.encoding {
	case "base64":
		out, whole := fromBase64(raw)
		switch {
		case !whole && isNoBase64(raw, out):
			p.note("the text is said to be base64 and is not")
			return raw
		case !whole:
			p.note("the base64 is broken or cut off")
		}
		return out
	case "quoted-printable":
		return fromQuoted(raw, false)
	}
	return raw
}

// isNoBase64 tells a text that was never encoded, by what came of decoding it
// and by how much of it had to be left out for that.
func isNoBase64(raw, out []byte) bool {
	rest := raw[:min(len(raw), 4096)]
	foreign := 0
	for _, c := range rest {
		if c >= utf8.RuneSelf || strings.IndexByte(".,:;()[]'\"!?-_<>", c) >= 0 {
			foreign++
		}
	}
	return foreign*10 > len(rest) || looksLikeText(raw) && !looksLikeText(out)
}

// looksLikeText tells bytes that a person may have written, in any charset.
func looksLikeText(raw []byte) bool {
	return !bytes.ContainsFunc(raw, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != esc && r != shiftOut && r != shiftIn
	})
}

// fromBase64 takes what base64 holds, whatever stands between. Texts that were
// encoded one by one and put together are read as one. It tells whether
// nothing was missing.
func fromBase64(text []byte) (out []byte, whole bool) {
	out, whole = make([]byte, 0, len(text)/4*3+3), true
	run := make([]byte, 0, len(text))
	flush := func() {
		if len(run)%4 == 1 { // six bits are no byte
			run, whole = run[:len(run)-1], false
		}
		out, _ = base64.RawStdEncoding.AppendDecode(out, run)
		run = run[:0]
	}
	padded := false
	for _, c := range text {
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/':
			run = append(run, c)
			padded = false
		case c == '=':
			flush()
			padded = true
		case c == '\n' || c == '\r' || c == ' ' || c == '\t':
		default:
			whole = false
		}
	}
	if len(run)%4 != 0 && !padded {
		whole = false
	}
	flush()
	return out, whole
}

// fromQuoted undoes quoted-printable. What is no code stays as it is. In a
// word of a header an underscore is a blank.
func fromQuoted(text []byte, word bool) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_' && word:
			out = append(out, ' ')
		case c != '=':
			out = append(out, c)
		case i+2 < len(text) && nibble(text[i+1]) >= 0 && nibble(text[i+2]) >= 0:
			out = append(out, byte(nibble(text[i+1])<<4|nibble(text[i+2])))
			i += 2
		default:
			if n := softBreak(text[i+1:]); n > 0 {
				i += n
			} else {
				out = append(out, c)
			}
		}
	}
	return out
}

// softBreak gives the length of a line's end after the sign for one that is
// none; 0 without.
func softBreak(rest []byte) int {
	blanks := len(rest) - len(bytes.TrimLeft(rest, " \t\r"))
	switch {
	case blanks < len(rest) && rest[blanks] == '\n':
		return blanks + 1
	case blanks == len(rest) && len(rest) > 0:
		return blanks // at the very end
	}
	return 0
}

func nibble(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
