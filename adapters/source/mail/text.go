package mail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// terminal finds what colours a terminal: programs under cron write it when
// they do not look where their output goes.
var terminal = regexp.MustCompile("\x1b(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[()][0-9A-Za-z]|[=>78])?")

// plainText leaves what a person reads: lines that end with a line feed, no
// blanks at their ends, no control characters.
func plainText(s string) string {
	if strings.IndexByte(s, esc) >= 0 {
		s = terminal.ReplaceAllString(s, "")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	}
	s = strings.ToValidUTF8(s, string(wrong))
	if strings.ContainsFunc(s, unwanted) {
		s = strings.Map(func(r rune) rune {
			if unwanted(r) {
				return -1
			}
			return r
		}, s)
	}
	return s
}

func unwanted(r rune) bool {
	return r != '\n' && r != '\t' && unicode.IsControl(r) || r == '\ufeff'
}

// oneLine makes one line of a header's text.
func oneLine(s string) string {
	s = plainText(s)
	if strings.ContainsAny(s, "\n\t") {
		s = strings.NewReplacer("\n", " ", "\t", " ").Replace(s)
	}
	return strings.TrimSpace(s)
}

// cut leaves so many bytes, and no half of a character.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
