package check

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape finds what terminals take as commands: colours, cursor moves and
// window titles.
var escape = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])`)

// clean makes text of what a command printed: valid UTF-8 without terminal
// commands, control characters, or characters that reorder or hide others.
func clean(out []byte) string {
	s := strings.ToValidUTF8(string(out), string(utf8.RuneError))
	s = escape.ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == 0xFEFF:
			return -1
		}
		return r
	}, s)
}
