package file

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// decode makes UTF-8 of what spreadsheets write: UTF-8 or UTF-16 with their
// mark, and without one UTF-8 or the Shift_JIS of Windows (CP932). It gives
// the line of the first bytes that are none of these, or 0.
func decode(data []byte) (text []byte, bad int) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
		return data, badLine(data)
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case utf8.Valid(data):
		return data, 0
	default:
		from = japanese.ShiftJIS
	}
	text, err := from.NewDecoder().Bytes(data)
	if at := bytes.IndexRune(text, utf8.RuneError); at >= 0 {
		return nil, lineOf(text, at)
	}
	if err != nil {
		return nil, 1
	}
	return text, 0
}

// badLine gives the line of the first bytes that are not UTF-8, or 0.
func badLine(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return lineOf(data, at)
		}
		at += size
	}
	return 0
}

func lineOf(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte("\n")) }
