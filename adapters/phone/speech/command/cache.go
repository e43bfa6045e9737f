package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"tebiki/adapters/phone/speech/sounds"
	"tebiki/adapters/phone/speech/wave"
)

// sound gives the name of the sound that says a text, and makes it when it is
// not there. One at a time makes it; the others wait and find it, or make it
// themselves when that one gave up.
func (v *Voice) sound(ctx context.Context, lang string, args []string, text string) (string, error) {
	name := nameOf(lang, args, text)
	unlock, err := v.lanes.Lock(ctx, name)
	if err != nil {
		return "", err
	}
	defer unlock()
	if v.touch(name) {
		return name, nil
	}
	select {
	case v.runs <- struct{}{}:
		defer func() { <-v.runs }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return name, v.make(ctx, name, lang, args, text)
}

// made counts what the sounds are made like: a program of another version of
// this one makes others, under other names.
const made = 1

// nameOf tells sounds apart by all that they are made of.
func nameOf(lang string, args []string, text string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q %q", made, lang, args, text)
	return sounds.Ours + "/" + hex.EncodeToString(h.Sum(nil)[:nameSize])
}

// nameSize is how many bytes of a hash are a name.
const nameSize = 16

// touch marks a sound as used now: Sweep goes by that. It gives false when
// the sound is not there, or cannot be marked and so is to be made again.
func (v *Voice) touch(name string) bool {
	v.use.RLock()
	defer v.use.RUnlock()
	path := v.folder.Path(name)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	now := time.Now()
	return os.Chtimes(path, now, now) == nil
}

// make runs the program and keeps what it says.
func (v *Voice) make(ctx context.Context, name, lang string, args []string, text string) error {
	op := fmt.Sprintf("speak %q in %q", text, lang)
	said, err := v.say(ctx, args, text)
	if err != nil {
		return unavailable(op, err)
	}
	wav := said.Encode()
	err = v.keep(name, wav)
	if errors.Is(err, errFull) {
		if _, err := v.sweep(time.Now(), max(int64(len(wav)), v.limits.Folder/8)); err != nil {
			return unavailable(op, err)
		}
		err = v.keep(name, wav)
	}
	if err != nil {
		return unavailable(op, err)
	}
	return nil
}

// say gives what a program makes of a text, as a telephone carries it.
func (v *Voice) say(ctx context.Context, args []string, text string) (wave.Sound, error) {
	file, err := v.run(ctx, args, text)
	if err != nil {
		return wave.Sound{}, err
	}
	said, err := wave.Decode(file)
	if err != nil {
		return wave.Sound{}, fmt.Errorf("run %s: %w", args[0], err)
	}
	if said = said.Phone(); said.Silent() {
		return wave.Sound{}, fmt.Errorf("run %s: it gave silence", args[0])
	}
	return said, nil
}

var errFull = errors.New("the sounds folder is full of what was used within the hour; allow more bytes in the configuration")

// keep writes a sound while there is room for it.
func (v *Voice) keep(name string, wav []byte) error {
	v.use.RLock()
	defer v.use.RUnlock()
	bytes := int64(len(wav))
	if v.size.Add(bytes) > v.limits.Folder {
		v.size.Add(-bytes)
		return errFull
	}
	err := v.folder.Write(name, wav)
	if err != nil {
		v.size.Add(-bytes)
	}
	return err
}
