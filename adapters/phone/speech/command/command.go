// Package command speaks with programs outside: one for each language, given
// by its arguments, which takes a text on its standard input and gives a WAV
// on its standard output or in the file that "{out}" in its arguments stands
// for. ESpeak and OpenJTalk are the arguments of two programs from Debian.
//
// A sentence goes this way: Speak cleans it and parts what is too long for
// one run; each part has a name made of the program, the language and the
// text; when the sounds folder has no sound of that name, a run of the program
// makes it, as WAV for a telephone line. So what is often said is made once.
// Sweep removes what nobody has heard for long.
//
// The text comes from strangers: no shell sees it, it is never an argument,
// and a run is limited in text, time and output, and is ended together with
// all the processes it started.
package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/lanes"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech/sounds"
)

// Limits keep programs and their sounds from using up the machine.
type Limits struct {
	Run    int           // characters that a program gets at once; longer texts are parted
	Text   int           // characters of all sentences of one Speak
	Time   time.Duration // of one run
	Output int64         // bytes of the WAV of one run
	AtOnce int           // runs
	Unused time.Duration // after which a sound is removed that nobody heard
	Folder int64         // bytes of all sounds
}

// DefaultLimits suit the two programs of Debian. A run gets 300 characters
// because open_jtalk 1.11 writes past the end of its memory with more than 341.
func DefaultLimits() Limits {
	return Limits{
		Run: 300, Text: 4000, Time: 10 * time.Second, Output: 16 << 20, AtOnce: 2,
		Unused: 30 * 24 * time.Hour, Folder: 256 << 20,
	}
}

// A Voice speaks with programs.
type Voice struct {
	programs map[string][]string
	folder   sounds.Folder
	limits   Limits
	runs     chan struct{} // one for each run that is under way
	lanes    lanes.Lanes   // by the names of sounds

	use  sync.RWMutex // of the files: one who sweeps is alone with them
	size atomic.Int64 // bytes of all sounds, as far as is known
}

// New makes a voice out of a program's arguments for each language.
func New(folder sounds.Folder, programs map[string][]string, l Limits) (*Voice, error) {
	if min(l.Run, l.Text, l.AtOnce) < 1 || min(l.Time, l.Unused) <= 0 || min(l.Output, l.Folder) < 1 {
		return nil, refused("set up speech", fmt.Errorf("a limit is not above 0: %+v", l))
	}
	for lang, args := range programs {
		if err := checkArgs(args); err != nil {
			return nil, refused(fmt.Sprintf("set up speech in %q", lang), err)
		}
	}
	v := &Voice{programs: programs, folder: folder, limits: l, runs: make(chan struct{}, l.AtOnce)}
	all, err := v.list()
	if err != nil {
		return nil, unavailable(fmt.Sprintf("set up speech in %s", folder.Dir()), err)
	}
	for _, k := range all {
		v.size.Add(k.size)
	}
	return v, nil
}

// Speak implements speech.Voice. The sentences are made side by side; the
// first that fails ends the others.
func (v *Voice) Speak(ctx context.Context, lang string, s []phone.Sentence) ([]string, error) {
	args, ok := v.programs[lang]
	if !ok {
		return nil, refused("speak", fmt.Errorf("there is no program for the language %q in the configuration", lang))
	}
	texts, err := v.texts(s)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	media := make([]string, len(texts))
	var all sync.WaitGroup
	for i, text := range texts {
		all.Go(func() {
			name, err := v.sound(ctx, lang, args, text)
			if err != nil {
				cancel(err)
				return
			}
			media[i] = sounds.Media(name)
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, unavailable(fmt.Sprintf("speak %d sentences in %q", len(s), lang), err)
	}
	return media, nil
}

// texts is what the programs are to say, each short enough for one run.
func (v *Voice) texts(s []phone.Sentence) (out []string, err error) {
	length := 0
	for _, one := range s {
		if length += len([]rune(one.Text)); length > v.limits.Text {
			return nil, refused("speak", fmt.Errorf("more than %d characters are too many for a call", v.limits.Text))
		}
		out = append(out, parts(clean(one.Text), v.limits.Run)...)
	}
	return out, nil
}

// out stands in a program's arguments for the file that it writes.
const out = "{out}"

func checkArgs(args []string) error {
	if len(args) == 0 || args[0] == "" {
		return errors.New("name the program, and its arguments after it")
	}
	if strings.Contains(args[0], out) || strings.Contains(args[0], "/") && !filepath.IsAbs(args[0]) {
		return fmt.Errorf("name the program %q alone or by its path from /", args[0])
	}
	if slices.ContainsFunc(args, func(a string) bool { return strings.ContainsRune(a, 0) }) {
		return errors.New("an argument has a zero byte")
	}
	return nil
}

func refused(op string, err error) error {
	return &adapters.Error{Op: op, Code: adapters.Refused, Err: err}
}

// unavailable gives an error the form of the port, unless it has it.
func unavailable(op string, err error) error {
	if e := (*adapters.Error)(nil); errors.As(err, &e) {
		return err
	}
	return &adapters.Error{Op: op, Code: adapters.Unavailable, Err: err}
}
