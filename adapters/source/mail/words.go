package mail

import (
	"strings"

	"github.com/emersion/go-message/textproto"
)

// decodeHeader makes readable fields of a header. The hint is the body's
// charset, which raw bytes in the header have too, as a rule.
func (p *parser) decodeHeader(h textproto.Header, hint string) Header {
	out := make(Header, 0, h.Len())
	for fields := h.Fields(); fields.Next(); {
		value := oneLine(decodeWords(fields.Value(), hint))
		if strings.ContainsRune(value, wrong) {
			p.note("bytes of %s that mean nothing became %c", fields.Key(), wrong)
		}
		out = append(out, Field{Name: fields.Key(), Value: value})
	}
	return out
}

// decodeWords makes text of a header field: its encoded words (RFC 2047), and
// the raw bytes that many systems write instead. Words of one charset that
// follow each other are put together before they are decoded, since a
// character may begin in one and end in the next.
func decodeWords(s, hint string) string {
	if !strings.Contains(s, "=?") {
		return rawText(s, hint)
	}
	var b strings.Builder
	var run []word // words that follow each other
	for s != "" {
		before, w, after, found := nextWord(s)
		if !found {
			break
		}
		s = after
		if len(run) > 0 && strings.Trim(before, " \t") == "" && run[0].sameCharset(w) {
			run = append(run, w)
			continue
		}
		b.WriteString(decodeRun(run))
		if len(run) == 0 || strings.Trim(before, " \t") != "" {
			b.WriteString(rawText(before, hint))
		}
		run = []word{w}
	}
	b.WriteString(decodeRun(run))
	b.WriteString(rawText(s, hint))
	return b.String()
}

// A word is an encoded one: =?charset?encoding?text?=
type word struct {
	charset string
	base64  bool
	text    string
}

func (w word) sameCharset(o word) bool { return family(w.charset) == family(o.charset) }

// nextWord finds the first encoded word. Its text may hold blanks, which the
// standard forbids and some systems write.
func nextWord(s string) (before string, w word, after string, found bool) {
	for from := 0; ; {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return s, word{}, "", false
		}
		i += from
		if w, n := wordAt(s[i:]); n > 0 {
			return s[:i], w, s[i+n:], true
		}
		from = i + 2
	}
}

// wordAt reads the encoded word that s begins with, and gives its length.
func wordAt(s string) (w word, n int) {
	parts := strings.SplitN(s[2:], "?", 3)
	if len(parts) < 3 || len(parts[1]) != 1 || strings.ContainsAny(parts[0], " \t\"<>()") {
		return word{}, 0
	}
	text, _, found := strings.Cut(parts[2], "?=")
	if !found {
		return word{}, 0
	}
	charset, _, _ := strings.Cut(parts[0], "*") // RFC 2231's language
	switch parts[1] {
	case "B", "b":
		w = word{charset, true, text}
	case "Q", "q":
		w = word{charset, false, text}
	default:
		return word{}, 0
	}
	return w, 2 + len(parts[0]) + 1 + 1 + 1 + len(text) + 2
}

// decodeRun decodes words that belong together. Base64 may be broken in the
// middle of a group of four, so it is put together first.
func decodeRun(run []word) string {
	if len(run) == 0 {
		return ""
	}
	var raw []byte
	for i := 0; i < len(run); {
		if !run[i].base64 {
			raw = append(raw, fromQuoted([]byte(run[i].text), true)...)
			i++
			continue
		}
		var text []byte
		for ; i < len(run) && run[i].base64; i++ {
			text = append(text, run[i].text...)
		}
		some, _ := fromBase64(text)
		raw = append(raw, some...)
	}
	s, _ := decode(raw, run[0].charset)
	return s
}

// rawText reads what is written as it is.
func rawText(s, hint string) string {
	if isASCII(s) {
		return s
	}
	text, _ := decode([]byte(s), hint)
	return text
}
