package mail

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
)

// wrong stands for bytes that mean nothing.
const wrong = utf8.RuneError

// The charsets of Japanese mails, by one name for all that they are called.
const (
	utf8Name = "utf-8"
	jisName  = "iso-2022-jp"
	sjisName = "shift_jis"
	eucName  = "euc-jp"
	// asciiName is of the labels that say nothing: programs write them without
	// looking at the text.
	asciiName = "us-ascii"
)

// families are the labels that mails really have. What x/text knows besides
// is asked of it.
var families = map[string]string{
	"utf-8": utf8Name, "utf8": utf8Name, "x-utf-8": utf8Name, "utf-8n": utf8Name, "x-utf_8j": utf8Name, "unicode-1-1-utf-8": utf8Name, "utf8mb4": utf8Name, "cp65001": utf8Name,

	"iso-2022-jp": jisName, "iso2022jp": jisName, "iso-2022jp": jisName, "iso_2022-jp": jisName, "csiso2022jp": jisName, "jis": jisName, "x-iso-2022-jp": jisName,
	"iso-2022-jp-1": jisName, "iso-2022-jp-2": jisName, "csiso2022jp2": jisName, "iso-2022-jp-3": jisName, "iso-2022-jp-2004": jisName, "iso-2022-jp-ms": jisName,
	"cp50220": jisName, "cp50221": jisName, "cp50222": jisName, "x-windows-iso2022jp": jisName, "x-windows-50220": jisName, "x-windows-50221": jisName,

	"shift_jis": sjisName, "shift-jis": sjisName, "shiftjis": sjisName, "sjis": sjisName, "x-sjis": sjisName, "ms_kanji": sjisName, "csshiftjis": sjisName, "sjis-win": sjisName,
	"cp932": sjisName, "ms932": sjisName, "windows-31j": sjisName, "cswindows31j": sjisName, "windows-932": sjisName, "x-ms-cp932": sjisName, "shift_jisx0213": sjisName, "shift_jis-2004": sjisName,

	"euc-jp": eucName, "eucjp": eucName, "euc_jp": eucName, "x-euc-jp": eucName, "x-euc": eucName, "ujis": eucName, "cseucpkdfmtjapanese": eucName,
	"eucjp-ms": eucName, "euc-jp-ms": eucName, "eucjp-win": eucName, "cp51932": eucName, "cp20932": eucName,

	"": asciiName, "us-ascii": asciiName, "ascii": asciiName, "ansi_x3.4-1968": asciiName, "iso-8859-1": asciiName, "latin1": asciiName, "windows-1252": asciiName, "cp1252": asciiName,
	"iso-8859-15": asciiName, "unknown-8bit": asciiName, "x-unknown": asciiName, "unknown": asciiName, "8bit": asciiName, "binary": asciiName, "default": asciiName, "_autodetect_jp": asciiName,
}

var japaneseEncodings = map[string]encoding.Encoding{sjisName: japanese.ShiftJIS, eucName: japanese.EUCJP}

// family gives a charset's one name. What is not known has its own.
func family(label string) string {
	label = strings.ToLower(strings.Trim(label, " \t\"'"))
	if name, known := families[label]; known {
		return name
	}
	return label
}

// decode makes UTF-8 of a text and tells as what it was read; "" when it is
// ASCII, so that every label is right.
//
// The label is believed when the bytes allow it, but for two that are seldom
// what they say: bytes that are UTF-8 with characters of three bytes are so by
// no accident, and an escape sequence of ISO-2022-JP is in no other text.
func decode(raw []byte, label string) (text, used string) {
	name := family(label)
	if isASCII(string(raw)) && !strings.HasPrefix(name, "utf-16") {
		return string(raw), ""
	}
	switch {
	case hasDesignation(raw):
		return decodeJIS(raw), jisName
	case name == jisName && !eightBit(raw): // only shifted kana, perhaps
		return decodeJIS(raw), jisName
	case utf8.Valid(raw) && (name == utf8Name || name == asciiName || name == jisName || hasThree(raw)):
		return string(raw), utf8Name
	}
	if enc := encodingOf(name); enc != nil {
		if other := mislabelled(raw, enc); other != "" {
			return decodeBy(japaneseEncodings[other], raw), other
		}
		s := decodeBy(enc, raw)
		bad := strings.Count(s, string(wrong))
		if bad == 0 || japaneseEncodings[name] == nil && bad*20 < len(s) {
			return s, name
		}
	}
	return detect(raw, name)
}

// encodingOf gives the decoder of a name that is to be believed at first.
func encodingOf(name string) encoding.Encoding {
	if enc := japaneseEncodings[name]; enc != nil {
		return enc
	}
	if name == asciiName || name == utf8Name || name == jisName {
		return nil
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil
	}
	return enc
}

// decodeBy reads what it can. x/text's decoders give U+FFFD for wrong bytes
// and do not fail.
func decodeBy(enc encoding.Encoding, raw []byte) string {
	out, err := enc.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(out), string(wrong))
	}
	return string(out)
}

// isASCII tells a text without bytes of eight bits and escapes.
func isASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == esc || c == shiftOut {
			return false
		}
	}
	return true
}

func eightBit(raw []byte) bool {
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// hasThree tells whether a valid UTF-8 text has a character beyond U+07FF.
func hasThree(raw []byte) bool {
	for _, c := range raw {
		if c >= 0xe0 {
			return true
		}
	}
	return false
}

// metaTag finds the charset that an HTML text says it has.
var metaTag = regexp.MustCompile(`(?i)<meta[^>]{1,200}charset\s*=\s*["']?([0-9A-Za-z_.:-]{1,40})`)

func metaCharset(raw []byte) string {
	if m := metaTag.FindSubmatch(raw[:min(len(raw), 2048)]); m != nil {
		return string(m[1])
	}
	return ""
}

// latin reads what is left when nothing else is it.
var latin = charmap.Windows1252
