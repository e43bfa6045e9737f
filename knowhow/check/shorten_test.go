package check

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		lines, bytes     int
	}{
		{"all", "a\nb\n", "a\nb\n", 2, 100},
		{"empty", "", "", 2, 100},
		{"lines", "a\nb\nc\nd\ne\n", "a\n[... 7 bytes cut here ...]\ne", 2, 100},
		{"odd", "a\nb\nc\nd\ne", "a\n[... 5 bytes cut here ...]\nd\ne", 3, 100},
		{"one line", "a\nb\nc", "\n[... 4 bytes cut here ...]\nc", 1, 100},
		{"bytes", strings.Repeat("x", 100), strings.Repeat("x", 10) + "\n[... 80 bytes cut here ...]\n" + strings.Repeat("x", 10), 9, 50},
		{"characters", strings.Repeat("洪", 40), "洪洪洪\n[... 102 bytes cut here ...]\n洪洪洪", 9, 50},
		{"no room", strings.Repeat("x", 100), "\n[... 100 bytes cut here ...]\n", 9, 5},
		{"cut before", "a\nb\n[... 1000 bytes cut here ...]\nc\nd", "a\n[... 1004 bytes cut here ...]\nd", 2, 100},
	} {
		if got := Shorten(tt.text, tt.lines, tt.bytes); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestShortenIsShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a洪\n]{0,200}`).Draw(t, "text")
		lines, bytes := rapid.IntRange(1, 20).Draw(t, "lines"), rapid.IntRange(40, 300).Draw(t, "bytes")
		got := Shorten(text, lines, bytes)
		if got == text {
			return
		}
		head, rest, _ := strings.Cut(got, "\n[... ")
		_, tail, ok := strings.Cut(rest, " bytes cut here ...]\n")
		text = strings.TrimRight(text, "\n")
		if !ok || !utf8.ValidString(got) || len(got) > bytes || strings.Count(got, "\n") > lines+1 ||
			!strings.HasPrefix(text, head) || !strings.HasSuffix(text, tail) || len(head)+len(tail) > len(text) {
			t.Errorf("%d lines and %d bytes of %q are %q", lines, bytes, text, got)
		}
	})
}
