package command

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tebiki/adapters"
)

// ESpeak is espeak-ng of the package of this name, in a language of its own:
// "en-us", "en-gb", "ja" and some hundred more (espeak-ng --voices). -b 1 is
// UTF-8; --stdin reads all before it speaks. Its Japanese reads kana alone:
// it spells kanji as "Chinese letter".
func ESpeak(language string) []string {
	return []string{"espeak-ng", "-v", language, "-s", "150", "-b", "1", "--stdin", "--stdout"}
}

// Where the packages open-jtalk-mecab-naist-jdic and
// hts-voice-nitech-jp-atr503-m001 put a dictionary and a voice. The second
// is in Debian's non-free archive.
const (
	NaistDictionary = "/var/lib/mecab/dic/open-jtalk/naist-jdic"
	NitechVoice     = "/usr/share/hts-voice/nitech-jp-atr503-m001/nitech_jp_atr503_m001.htsvoice"
)

// OpenJTalk is open_jtalk of the package open-jtalk: Japanese, kanji and all,
// with any voice of the form HTS 1.0.
func OpenJTalk(dictionary, voice string) []string {
	return []string{"open_jtalk", "-x", dictionary, "-m", voice, "-ow", out}
}

// probes are what Findings says, in the languages that have words of their
// own for it.
var probes = map[string]string{"en": "This is a test.", "ja": "テストです。"}

// Findings tries every program, and says which do not speak.
func (v *Voice) Findings(ctx context.Context) (out []adapters.Finding) {
	for _, lang := range slices.Sorted(maps.Keys(v.programs)) {
		text, ok := probes[lang]
		if !ok {
			text = "1 2 3"
		}
		if _, err := v.say(ctx, v.programs[lang], text); err != nil {
			out = append(out, adapters.Finding{
				About: fmt.Sprintf("the speech program for %q", lang), Fault: err.Error(),
				Do: fmt.Sprintf("run %q by hand with a text on its standard input, and install or correct what is missing", v.programs[lang]),
			})
		}
	}
	return out
}
