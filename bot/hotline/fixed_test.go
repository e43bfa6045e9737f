package hotline

import (
	"slices"
	"strings"
	"testing"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech/recorded"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/bot/text"
)

func voice(t *testing.T) *recorded.Voice {
	t.Helper()
	folder, err := sounds.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v, err := recorded.New(folder)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A name that no sound has would be silence in the night in which nothing
// else speaks.
func TestRecordedWordsExist(t *testing.T) {
	v := voice(t)
	for key, words := range recordedWords {
		for _, lang := range []string{text.English, text.Japanese} {
			if text.For(lang, nil).Say(key) == key {
				t.Errorf("there is no sentence %q in %s", key, lang)
			}
			for word := range strings.FieldsSeq(words) {
				if !strings.Contains(word, ":") && !slices.Contains(v.Names(lang), word) {
					t.Errorf("%s: there is no sound %q in %s", key, word, lang)
				}
			}
		}
	}
}

// With recorded words alone there is something to hear at every point of a
// call.
func TestRecordedWordsAlone(t *testing.T) {
	v := voice(t)
	for name, s := range scripts {
		in(t, func(t *testing.T, w *world) {
			w.raise(alert("db1", "disk /"))
			w.raise(alert("web1", "ping"))
			c := &caller{number: s.number, keys: s.keys}
			c.said = func(lang string, say []phone.Sentence) {
				if media, err := v.Speak(t.Context(), lang, say); err != nil || len(media) == 0 {
					t.Errorf("%s: nothing is heard of %+v: %v", name, say, err)
				}
			}
			w.calls(c)
		})
	}
	if got := fill("storm number:{n} of {incident}", []any{"n", 12, "incident", "I-7"}); got != "storm number:12 of 7" {
		t.Error(got)
	}
}
