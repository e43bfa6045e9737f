package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/knowhow"
)

// hostile is what nobody asks in earnest.
func hostile() map[string]string {
	return map[string]string{
		"1 MB of a word":           strings.Repeat("disk ", 200_000),
		"1 MB without a space":     strings.Repeat("a", 1<<20),
		"1 MB of Japanese":         strings.Repeat("証明書", 120_000),
		"1 MB of katakana":         strings.Repeat("サーバー", 90_000),
		"1 MB of capitals":         strings.Repeat("Aa", 1<<19),
		"many words":               strings.Repeat("qx zv ", 100_000),
		"NUL":                      "\x00disk\x00\x00",
		"punctuation":              "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~、。「」・…",
		"combining":                strings.Repeat("e\u0301\u0323\u20dd", 300),
		"voicing marks alone":      "\u3099\u309a\uff9e\uff9f",
		"long vowels":              strings.Repeat("ー", 200),
		"emoji":                    "🔥👩‍💻🇯🇵 disk 🔥",
		"bidi":                     "\u202edisk\u202c \u2066証明書\u2069",
		"broken UTF-8":             "\xff\xfe disk \xe3\x82",
		"cut inside a character":   strings.Repeat("x", maxQuery-1) + "証",
		"names of other languages": "диск δίσκος ディスク 디스크 القرص",
		"control characters":       "\x1b[31mdisk\r\n\t\v",
	}
}

func TestHostileQueries(t *testing.T) {
	for _, x := range []*Index{New(sample(t)), New(new(knowhow.Base))} {
		for name, query := range hostile() {
			hits := x.Search(query, "ja", 3)
			for _, h := range hits {
				if h.Doc == "" || h.Title == "" || h.Line == "" || !(h.Score > 0) {
					t.Errorf("%s: incomplete hit %+v", name, h)
				}
			}
			if again := x.Search(query, "ja", 3); !cmp.Equal(hits, again) {
				t.Errorf("%s: another time it finds %s", name, cmp.Diff(hits, again))
			}
		}
	}
}

// What stands between or around words changes nothing.
func TestSameWords(t *testing.T) {
	x := New(sample(t))
	want := x.Search("disk inode", "en", 3)
	if len(want) == 0 {
		t.Fatal("nothing is found")
	}
	for _, query := range []string{"disk\x00inode", "  DISK   inode!! ", "ｄｉｓｋ　ｉｎｏｄｅ", "🔥disk🔥inode", "(disk) \"inode\""} {
		if diff := cmp.Diff(want, x.Search(query, "en", 3)); diff != "" {
			t.Errorf("%q finds something else:\n%s", query, diff)
		}
	}
}
