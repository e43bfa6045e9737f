package knowhow

import (
	"testing"
	"unicode"
)

// What is appended to stays as it was, also when a voicing mark comes next.
func TestAppendFold(t *testing.T) {
	if got := string(AppendFold([]rune("は"), "\u309aハ\u309a")); got != "は\u309aぱ" {
		t.Errorf("got %q", got)
	}
}

// Folding takes a short way for kana and kanji, which have no case.
func TestKanjiHaveNoCase(t *testing.T) {
	for r := rune(0x3001); r < 0xA000; r++ {
		if unicode.ToLower(r) != r || hiragana(r) != foldRune(r) {
			t.Errorf("%q is folded to %q", r, foldRune(r))
		}
	}
}
