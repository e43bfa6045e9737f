// Package speechtest is the conformance suite of the port speech.
package speechtest

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/adapters/phone/speech/wave"
)

// Run holds voices against the contract of the port. open gives a voice that
// speaks English and Japanese, and the folder that it writes its sounds to.
func Run(t *testing.T, open func(t *testing.T) (speech.Voice, sounds.Folder)) {
	for _, c := range []struct {
		name string
		test func(*testing.T, speech.Voice, sounds.Folder)
	}{
		{"every sentence in order", inOrder},
		{"both languages", bothLanguages},
		{"nothing to say", nothing},
		{"hostile sentences", hostile},
		{"a context that has ended", ended},
		{"many calls at once", atOnce},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, f := open(t)
			c.test(t, v, f)
		})
	}
}

var (
	hello    = phone.Sentence{Text: "This is Tebiki.", Fixed: "hello"}
	incident = phone.Sentence{Text: "Incident 12.", Fixed: "incident number:12"}
	menu     = phone.Sentence{Text: "Press 1 to acknowledge.", Fixed: "menu"}
)

func speak(t *testing.T, v speech.Voice, f sounds.Folder, lang string, s ...phone.Sentence) []string {
	t.Helper()
	media, err := v.Speak(t.Context(), lang, s)
	if err != nil {
		t.Fatalf("speaking %q: %v", s, err)
	}
	checkPlayable(t, f, media)
	return media
}

// checkPlayable asks of each media that Asterisk can play it: a file that all
// may read, 8 kHz, with something to hear.
func checkPlayable(t *testing.T, f sounds.Folder, media []string) {
	t.Helper()
	for _, m := range media {
		name, ok := strings.CutPrefix(m, "sound:")
		if !ok || strings.ContainsAny(m, ", &\n") {
			if !strings.HasPrefix(m, "tone:") {
				t.Errorf("nobody plays %q", m)
			}
			continue
		}
		file, err := os.ReadFile(f.Path(name))
		if err != nil {
			t.Errorf("%s cannot be played: %v", m, err)
			continue
		}
		if s, err := wave.Decode(file); err != nil || s.Rate != wave.PhoneRate || s.Silent() {
			t.Errorf("%s has %d Hz, %v", m, s.Rate, err)
		}
		if info, err := os.Stat(f.Path(name)); err != nil || info.Mode().Perm()&0o444 != 0o444 {
			t.Errorf("Asterisk may not read %s: %v", m, err)
		}
	}
}

// inOrder: sentences together are what they are alone, one after the other.
func inOrder(t *testing.T, v speech.Voice, f sounds.Folder) {
	var alone []string
	for _, s := range []phone.Sentence{menu, hello, incident} {
		one := speak(t, v, f, "en", s)
		if len(one) == 0 {
			t.Errorf("%q is not said", s.Text)
		}
		alone = append(alone, one...)
	}
	if together := speak(t, v, f, "en", menu, hello, incident); !slices.Equal(together, alone) {
		t.Errorf("together they are %q, alone %q", together, alone)
	}
}

func bothLanguages(t *testing.T, v speech.Voice, f sounds.Folder) {
	en := speak(t, v, f, "en", hello)
	ja := speak(t, v, f, "ja", phone.Sentence{Text: "こちらはテビキです。", Fixed: "hello"})
	if len(en) == 0 || len(ja) == 0 || en[0] == ja[0] {
		t.Errorf("English is %q, Japanese %q", en, ja)
	}
}

func nothing(t *testing.T, v speech.Voice, f sounds.Folder) {
	if media := speak(t, v, f, "en"); len(media) != 0 {
		t.Errorf("no sentence gives %q", media)
	}
	with := speak(t, v, f, "en", phone.Sentence{}, hello, phone.Sentence{Text: " \x00\n"})
	if alone := speak(t, v, f, "en", hello); !slices.Equal(with, alone) {
		t.Errorf("sentences without words give %q", with)
	}
}

// hostile: whatever a sentence is, what is given can be played, and a failure
// has the port's form.
func hostile(t *testing.T, v speech.Voice, f sounds.Folder) {
	for _, s := range []string{
		"../../etc/passwd", "/etc/passwd", "sound:beep,tone:ring", "number:-1", "number:99999999999999999999", "number:", "number:１２",
		"digits:a\x00b", "\xff\xfe", "$(reboot) `reboot` ; | & > /tmp/x", "--help", "[[h@l]]", "<speak>x</speak>", "\u202eabc", "😀",
		strings.Repeat("hello ", 10), strings.Repeat("x", 50),
	} {
		media, err := v.Speak(t.Context(), "en", []phone.Sentence{{Text: s, Fixed: s}})
		var e *adapters.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%q: %v", s, err)
		}
		checkPlayable(t, f, media)
	}
}

func ended(t *testing.T, v speech.Voice, _ sounds.Folder) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	media, err := v.Speak(ctx, "en", []phone.Sentence{{Text: "Never said before.", Fixed: "hello"}})
	var e *adapters.Error
	if media != nil || !errors.As(err, &e) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %q, %v", media, err)
	}
}

func atOnce(t *testing.T, v speech.Voice, f sounds.Folder) {
	said := make([][]string, 16)
	var all sync.WaitGroup
	for i := range said {
		all.Go(func() {
			media, err := v.Speak(t.Context(), "en", []phone.Sentence{hello, incident, menu})
			if err != nil {
				t.Error(err)
			}
			said[i] = media
		})
	}
	all.Wait()
	for _, media := range said {
		if !slices.Equal(media, said[0]) {
			t.Errorf("one heard %q, another %q", media, said[0])
		}
	}
	checkPlayable(t, f, said[0])
}
