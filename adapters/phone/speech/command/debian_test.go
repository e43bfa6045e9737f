package command

import (
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone/speech/wave"
)

// installed skips a test whose program is missing; where everything must be
// there the test fails.
func installed(t testing.TB, program, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: install Debian's package %s", program, pkg)
	}
	t.Skipf("%s is missing: install Debian's package %s to run this test", program, pkg)
}

// debian is a voice of both programs. open_jtalk has the voice of the tests,
// and the one of Debian's non-free archive as well where it is installed.
func debian(t *testing.T) map[string]*Voice {
	installed(t, "espeak-ng", "espeak-ng")
	installed(t, "open_jtalk", "open-jtalk")
	if _, err := os.Stat(NaistDictionary); err != nil {
		t.Fatalf("open_jtalk has no dictionary, install Debian's package open-jtalk-mecab-naist-jdic: %v", err)
	}
	voices := map[string]string{"a voice of our own": testVoice(t)}
	if _, err := os.Stat(NitechVoice); err == nil {
		voices["nitech"] = NitechVoice
	}
	out := map[string]*Voice{}
	for name, file := range voices {
		out[name], _ = newVoice(t, DefaultLimits(), map[string][]string{"en": ESpeak("en-us"), "ja": OpenJTalk(NaistDictionary, file)})
	}
	return out
}

func TestDebianSpeaks(t *testing.T) {
	for name, v := range debian(t) {
		for _, c := range []struct {
			lang, text string
			least      time.Duration
		}{
			{"en", "The disk of web 1 is full. It was reported 5 minutes ago.", 2500 * time.Millisecond},
			{"ja", "ウェブサーバーのディスクの容量が足りません。5分前に検知しました。", 3000 * time.Millisecond},
			{"en", "One", 300 * time.Millisecond},
			{"ja", "二", 150 * time.Millisecond},
			{"en", "--version; $(reboot) <speak>x</speak> [[h@l]] \x00\xff", 2000 * time.Millisecond},
			{"ja", "--version; $(reboot) <speak>x</speak> \x00\xff😀 ｱﾗｰﾄ", 2000 * time.Millisecond},
		} {
			t.Run(name+"/"+c.text, func(t *testing.T) {
				t.Parallel()
				media, err := v.Speak(t.Context(), c.lang, sentences(c.text))
				if err != nil || len(media) == 0 {
					t.Fatalf("got %q, %v", media, err)
				}
				checkSpeech(t, listen(t, v.folder, media[0]), c.least)
			})
		}
	}
}

// checkSpeech knows speech from silence, noise at full scale, and a rate that
// was misunderstood.
func checkSpeech(t *testing.T, s wave.Sound, least time.Duration) {
	t.Helper()
	if d := s.Duration(); d < least || d > 5*least {
		t.Errorf("it lasts %s, which is not between %s and %s", d, least, 5*least)
	}
	power, highest := 0.0, 0.0
	for _, v := range s.Samples {
		power += v * v / float64(len(s.Samples))
		highest = max(highest, math.Abs(v))
	}
	if level := math.Sqrt(power); level < 0.02 || level > 0.5 {
		t.Errorf("its level is %.3f", level)
	}
	if highest < 0.1 || highest > 0.9 {
		t.Errorf("its peak is %.3f: %d samples", highest, len(s.Samples))
	}
	if clipped := slices.IndexFunc(s.Samples, func(v float64) bool { return math.Abs(v) > 0.999 }); clipped >= 0 {
		t.Errorf("sample %d is clipped", clipped)
	}
}

// More than open_jtalk's memory holds is given to it in parts.
func TestDebianLongText(t *testing.T) {
	for name, v := range debian(t) {
		texts, err := v.texts(sentences(strings.Repeat("x", 500)))
		if err != nil || len(texts) != 2 {
			t.Fatalf("%s: got %q, %v", name, texts, err)
		}
		if _, err := v.run(t.Context(), v.programs["ja"], texts[0]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDebianFindings(t *testing.T) {
	for name, v := range debian(t) {
		if got := v.Findings(t.Context()); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	folder := debian(t)["a voice of our own"].folder
	broken, err := New(folder, map[string][]string{"en": ESpeak("none"), "ja": OpenJTalk("/nowhere", "/nothing")}, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	got := broken.Findings(t.Context())
	if len(got) != 2 || !strings.Contains(got[0].Fault, "voice does not exist") || !strings.Contains(got[1].Fault, "Cannot open /nowhere") {
		t.Errorf("got %+v", got)
	}
}
