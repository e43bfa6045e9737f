package mail

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	esc      = 0x1b
	shiftOut = 0x0e
	shiftIn  = 0x0f
)

// A set is one that an escape sequence of ISO 2022 chooses.
type set int

const (
	ascii set = iota
	kana      // JIS X 0201's, half-width
	kanji0208
	kanji0212
	hanzi  // GB 2312
	hangul // KS X 1001
)

// designations are the sequences after ESC that mails have. x/text's decoder
// knows the first ones; the others are of ISO-2022-JP-2 and -3, and of what
// mailers wrote before there was a standard. JIS X 0213 is read as JIS X 0208,
// whose characters are in the same places.
var designations = []struct {
	sequence string
	set      set
}{
	{"$B", kanji0208}, {"$@", kanji0208}, {"(B", ascii}, {"(J", ascii}, {"(I", kana}, {"$(D", kanji0212},
	{"$(B", kanji0208}, {"$(@", kanji0208}, {"(H", ascii}, {"$(O", kanji0208}, {"$(Q", kanji0208},
	{"$A", hanzi}, {"$(A", hanzi}, {"$(C", hangul}, {"&@", -1},
}

// hasDesignation finds a sequence that leads to more than ASCII.
func hasDesignation(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, esc)
		if i < 0 {
			return false
		}
		raw = raw[i+1:]
		if s, n := designated(raw, ascii); n > 0 && s != ascii {
			return true
		}
	}
}

// designated tells which set a sequence chooses, and how long it is.
func designated(raw []byte, now set) (set, int) {
	for _, d := range designations {
		if len(raw) >= len(d.sequence) && string(raw[:len(d.sequence)]) == d.sequence {
			if d.set < 0 { // an announcement that the next one is of 1990
				return now, len(d.sequence)
			}
			return d.set, len(d.sequence)
		}
	}
	return now, 0
}

// decodeJIS reads ISO-2022-JP in all its kinds: with half-width kana by escape
// sequence (CP50221), by shift (CP50222) or by bytes of eight bits (CP50220),
// with NEC's and IBM's characters, and with a sequence missing at a line's end.
func decodeJIS(raw []byte) string {
	var b strings.Builder
	b.Grow(len(raw) * 3 / 2)
	now, shifted := ascii, false
	for len(raw) > 0 {
		switch c := raw[0]; {
		case c == esc:
			next, n := designated(raw[1:], now)
			if n == 0 {
				b.WriteByte(esc) // of a terminal; plainText takes it away
			}
			now, raw = next, raw[1+n:]
			continue
		case c == shiftOut, c == shiftIn:
			shifted, raw = c == shiftOut, raw[1:]
			continue
		case c == '\n' || c == '\r':
			now, shifted = ascii, false
		}
		n := runOf(raw)
		writeRun(&b, raw[:n], now, shifted)
		raw = raw[n:]
	}
	return b.String()
}

// runOf gives the length of what one set reads.
func runOf(raw []byte) int {
	for i, c := range raw {
		if c == esc || c == shiftOut || c == shiftIn || i > 0 && (c == '\n' || c == '\r') {
			return i
		}
	}
	return len(raw)
}

// halfWidth is U+FF61 less the byte that stands for it.
const halfWidth = 0xff61 - 0x21

func writeRun(b *strings.Builder, run []byte, now set, shifted bool) {
	for i := 0; i < len(run); i++ {
		c := run[i]
		low := c & 0x7f
		switch {
		case low <= ' ' || low == 0x7f:
			b.WriteByte(low)
		case c > 0x7f || shifted || now == kana:
			if low < 0x60 {
				b.WriteRune(halfWidth + rune(low))
			} else {
				b.WriteRune(wrong)
			}
		case now == ascii:
			b.WriteByte(c)
		case i+1 < len(run) && run[i+1] > ' ' && run[i+1] < 0x7f:
			b.WriteString(pair(now, c, run[i+1]))
			i++
		default:
			b.WriteRune(wrong)
		}
	}
}

// pair reads two bytes as the same two of eight bits in the set's EUC.
func pair(now set, high, low byte) string {
	code := []byte{high | 0x80, low | 0x80}
	var enc encoding.Encoding = japanese.EUCJP
	switch now {
	case kanji0212:
		code = []byte{0x8f, code[0], code[1]}
	case hanzi:
		enc = simplifiedchinese.GBK
	case hangul:
		enc = korean.EUCKR
	}
	s := decodeBy(enc, code)
	if strings.ContainsRune(s, wrong) {
		return string(wrong)
	}
	return s
}
