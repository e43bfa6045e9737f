package recorded

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/adapters/phone/speech/speechtest"
)

func open(t *testing.T) (*Voice, sounds.Folder) {
	t.Helper()
	folder, err := sounds.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v, err := New(folder)
	if err != nil {
		t.Fatal(err)
	}
	return v, folder
}

func TestConformance(t *testing.T) {
	speechtest.Run(t, func(t *testing.T) (speech.Voice, sounds.Folder) { return open(t) })
}

func TestSpeak(t *testing.T) {
	v, _ := open(t)
	for _, c := range []struct{ lang, fixed, want string }{
		{"en", "hello", "hello"},
		{"en", "incident number:0 menu", "incident n0 menu"},
		{"en", "number:7", "n7"},
		{"en", "number:10", "n10"},
		{"en", "number:13", "n13"},
		{"en", "number:42", "n40 n2"},
		{"en", "number:90", "n90"},
		{"en", "number:007", "n7"},
		{"en", "number:250", "n2 n5 n0"},
		{"en", "digits:0312", "n0 n3 n1 n2"},
		{"en", "digits:*1-2#", "star n1 n2 hash"},
		{"ja", "number:10", "n10"},
		{"ja", "number:12", "n10 n2"},
		{"ja", "number:20", "n2 n10"},
		{"ja", "number:99", "n9 n10 n9"},
		{"ja", "number:5 of number:2 item", "n5 of n2 item"},
		{"ja", "number:100", "n1 n0 n0"},
		{"en", "unknown hello ../x number:x number:-1", "hello"},
		{"fr", "hello", "hello"},
	} {
		media, err := v.Speak(t.Context(), c.lang, []phone.Sentence{{Text: "x"}, {Fixed: c.fixed}})
		lang := v.language(c.lang)
		for i, m := range media {
			media[i] = strings.TrimPrefix(m, "sound:tebiki/fixed/"+lang+"/")
		}
		if got := strings.Join(media, " "); err != nil || got != c.want {
			t.Errorf("%s %q: got %q, %v, want %q", c.lang, c.fixed, got, err, c.want)
		}
	}
}

// Every number has sounds in both languages.
func TestNumbers(t *testing.T) {
	v, _ := open(t)
	for _, lang := range []string{"en", "ja"} {
		seen := map[string]int{}
		for n := range 100 {
			names := number(lang, strconv.Itoa(n))
			for _, name := range names {
				if !v.names[lang][name] {
					t.Errorf("%s: %d needs the sound %q", lang, n, name)
				}
			}
			seen[strings.Join(names, " ")]++
		}
		if len(seen) != 100 {
			t.Errorf("%s: 100 numbers are said in %d ways", lang, len(seen))
		}
	}
}

func TestNothingRecorded(t *testing.T) {
	v, _ := open(t)
	media, err := v.Speak(t.Context(), "en", []phone.Sentence{{Text: "The disk is full."}, {Fixed: "no-such"}})
	if media != nil || adapters.CodeOf(err) != adapters.NotFound {
		t.Errorf("got %q, %v", media, err)
	}
	media, err = v.Speak(t.Context(), "en", []phone.Sentence{{Fixed: strings.Repeat("digits:1234567890 ", 1000)}})
	if err != nil || len(media) != maxMedia {
		t.Errorf("got %d sounds, %v", len(media), err)
	}
}

// A second start writes only what differs, and Asterisk reads all of it.
func TestNewWritesWhatDiffers(t *testing.T) {
	v, folder := open(t)
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	for _, name := range v.Names("ja") {
		path := folder.Path("tebiki/fixed/ja/" + name)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(folder.Path("tebiki/fixed/ja/hello"), []byte("RIFF"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(folder); err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, name := range v.Names("ja") {
		info, err := os.Stat(folder.Path("tebiki/fixed/ja/" + name))
		if err != nil || info.Mode().Perm() != 0o644 {
			t.Fatalf("%v, %v", info, err)
		}
		if !info.ModTime().Equal(old) {
			written = append(written, name)
		}
	}
	if !slices.Equal(written, []string{"hello"}) {
		t.Errorf("written: %q", written)
	}
}

func TestNewFails(t *testing.T) {
	_, folder := open(t)
	hello := folder.Path("tebiki/fixed/en/hello")
	if err := os.Remove(hello); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(hello, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := New(folder)
	var e *adapters.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "tebiki/fixed/en/hello") {
		t.Errorf("got %v", err)
	}
}
