// Package recorded speaks with sounds that came with this program, and needs
// nothing else: no program that speaks, no voice, no sounds of Asterisk's.
//
// Of each sentence it says what Sentence.Fixed holds: names of sounds,
// "number:12" and "digits:0312". Numbers are put together from our own sounds
// as well, because an Asterisk often has those of English only. New writes
// all sounds into Asterisk's folder; fixed/README.md says where they are from.
package recorded

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech/sounds"
)

//go:embed fixed/*/*.wav
var files embed.FS

// fallback is the language of those whose own has no sounds.
const fallback = "en"

// A Voice speaks with recorded sounds.
type Voice struct {
	names map[string]map[string]bool // by language
}

// New writes the sounds into Asterisk's folder, those that are not there or
// differ, and gives the voice that plays them.
func New(folder sounds.Folder) (*Voice, error) {
	v := &Voice{names: map[string]map[string]bool{}}
	err := fs.WalkDir(files, "fixed", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		wav, err := files.ReadFile(file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(file, ".wav")
		lang := path.Base(path.Dir(name))
		if v.names[lang] == nil {
			v.names[lang] = map[string]bool{}
		}
		v.names[lang][path.Base(name)] = true
		return folder.Keep(sounds.Ours+"/"+name, wav)
	})
	if err != nil {
		return nil, fmt.Errorf("write the recorded sounds: %w", err)
	}
	return v, nil
}

// Names gives the names of all sounds of a language.
func (v *Voice) Names(lang string) []string {
	return slices.Sorted(maps.Keys(v.names[v.language(lang)]))
}

func (v *Voice) language(lang string) string {
	if v.names[lang] == nil {
		return fallback
	}
	return lang
}

// maxMedia is how many sounds are played in a row: a Fixed that came from a
// fault must not hold a person on the line for long.
const maxMedia = 100

// Speak implements speech.Voice. It says as much as it has sounds for, and
// fails only when it has none for all of the sentences.
func (v *Voice) Speak(ctx context.Context, lang string, s []phone.Sentence) (media []string, err error) {
	op := fmt.Sprintf("speak %d sentences with recorded sounds", len(s))
	if err := ctx.Err(); err != nil {
		return nil, &adapters.Error{Op: op, Code: adapters.Unavailable, Err: err}
	}
	lang = v.language(lang)
	for _, one := range s {
		for _, word := range strings.Fields(one.Fixed) {
			for _, name := range namesOf(lang, word) {
				if v.names[lang][name] && len(media) < maxMedia {
					media = append(media, sounds.Media(path.Join(sounds.Ours, "fixed", lang, name)))
				}
			}
		}
	}
	if len(media) == 0 && len(s) > 0 {
		return nil, &adapters.Error{Op: op, Code: adapters.NotFound, Err: errors.New("none of them has words that are recorded")}
	}
	return media, nil
}
