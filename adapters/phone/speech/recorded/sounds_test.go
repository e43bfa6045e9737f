package recorded

import (
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech/command"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/adapters/phone/speech/wave"
)

var (
	update = flag.Bool("update", false, "make the sounds again from the lists")
	jtalk  = flag.String("jtalk", "", "with -update: the voice with which open_jtalk makes the Japanese ones")
)

// A listed sentence is a line of a list.
type listed struct{ text, reading string }

func list(t *testing.T, lang string) map[string]listed {
	t.Helper()
	file, err := os.ReadFile("fixed/" + lang + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]listed{}
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) < 2 || out[f[0]] != (listed{}) {
			t.Fatalf("%s.txt: %q is no name and sentence, or comes twice", lang, line)
		}
		out[f[0]] = listed{text: f[1], reading: f[len(f)-1]}
	}
	return out
}

// make makes the sounds of a language.
func makeSounds(t *testing.T, lang string) {
	t.Helper()
	folder, err := sounds.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	args := map[string][]string{"en": command.ESpeak("en-us"), "ja": command.ESpeak("ja")}
	if *jtalk != "" {
		args["ja"] = command.OpenJTalk(command.NaistDictionary, *jtalk)
	}
	v, err := command.New(folder, args, command.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll("fixed/" + lang); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("fixed/"+lang, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, one := range list(t, lang) {
		text := one.reading
		if *jtalk != "" {
			text = one.text
		}
		media, err := v.Speak(t.Context(), lang, []phone.Sentence{{Text: text}})
		if err != nil || len(media) != 1 {
			t.Fatalf("%s: %q, %v", name, media, err)
		}
		wav := level(read(t, folder.Path(strings.TrimPrefix(media[0], "sound:")))).Encode()
		if err := os.WriteFile(filepath.Join("fixed", lang, name+".wav"), wav, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// level makes sounds equally loud, with little silence around them.
func level(s wave.Sound) wave.Sound {
	s = s.Trim(0.05)
	top := peak(s)
	for i := range s.Samples {
		s.Samples[i] *= 0.7 / top
	}
	return s
}

func peak(s wave.Sound) (top float64) {
	for _, v := range s.Samples {
		top = max(top, math.Abs(v))
	}
	return top
}

func read(t *testing.T, path string) wave.Sound {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := wave.Decode(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return s
}

// Each sentence of the lists has a sound that can be its speech, and there
// are no other sounds.
func TestSounds(t *testing.T) {
	total := int64(0)
	for _, lang := range []string{"en", "ja"} {
		if *update {
			makeSounds(t, lang)
		}
		entries, err := os.ReadDir("fixed/" + lang)
		if err != nil {
			t.Fatal(err)
		}
		sentences := list(t, lang)
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), ".wav")
			if sentences[name] == (listed{}) {
				t.Errorf("%s/%s is not in the list", lang, e.Name())
			}
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			total += info.Size()
			checkSound(t, filepath.Join("fixed", lang, e.Name()), sentences[name].reading)
		}
		if len(entries) != len(sentences) {
			t.Errorf("%s: %d sounds for %d sentences: run this test with -update", lang, len(entries), len(sentences))
		}
	}
	if total > 4<<20 {
		t.Errorf("they have %d bytes, which is too much for a program", total)
	}
}

// checkSound knows that nobody says less than 3 or more than 25 letters a
// second.
func checkSound(t *testing.T, path, text string) {
	t.Helper()
	s := read(t, path)
	letters := time.Duration(len([]rune(text)))
	if d := s.Duration(); s.Rate != wave.PhoneRate || d < letters*time.Second/25 || d > time.Second+letters*time.Second/3 {
		t.Errorf("%s has %d Hz and lasts %s", path, s.Rate, d)
	}
	if p := peak(s); p < 0.6 || p > 0.8 {
		t.Errorf("%s has its peak at %.2f", path, p)
	}
}

// Both languages have the same sentences; numbers are theirs.
func TestLanguagesAreAlike(t *testing.T) {
	names := func(lang string) []string {
		return slices.DeleteFunc(slices.Sorted(maps.Keys(list(t, lang))), func(n string) bool { return len(n) == 3 && n[0] == 'n' })
	}
	if en, ja := names("en"), names("ja"); !slices.Equal(en, ja) {
		t.Errorf("English has %q\nJapanese %q", en, ja)
	}
}
