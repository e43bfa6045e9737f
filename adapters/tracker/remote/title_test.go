package remote

import (
	"testing"
	"unicode/utf16"
)

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		" a\x00b\r\n c\u2028d ": "a b c d", "caf\xe9": "caf\uFFFD", "12345678": "12345678", "123456789": "1234567…", "123456 89": "123456…",
		"漢字漢字漢字漢字": "漢字漢字漢字漢字", "1234567😀": "1234567…", "123456😀": "123456😀", "": "", " \n": "",
	} {
		if got, err := Title(in, 8, utf16.RuneLen); got != want || (err != nil) != (want == "") {
			t.Errorf("%q becomes %q, %v; want %q", in, got, err, want)
		}
	}
}
