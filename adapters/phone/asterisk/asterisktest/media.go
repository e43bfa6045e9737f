package asterisktest

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The lengths that Asterisk's own English voice takes, about.
const (
	wordLength = 500 * time.Millisecond
	coreLength = time.Second
)

// endless is the length of a tone: it goes on until it is stopped.
const endless = time.Duration(-1)

var (
	errMissing = errors.New("there is no such sound")
	// errSilent is for media whose playback begins and is never said to end:
	// Asterisk logs an error and goes on to the next of the list.
	errSilent = errors.New("it cannot be played at all")
)

// core are the names of sounds that every Asterisk has, as far as a client
// may think of them.
var core = strings.Fields(`
	beep beeperr hello-world demo-congrats goodbye vm-goodbye auth-thankyou thank-you-cooperation please-try-again
	pbx-invalid invalid an-error-has-occurred activated cancelled is-in-use one-moment-please pls-hold-while-try
	transfer vm-enter-num-to-call vm-password vm-incorrect vm-rec-generic vm-saved vm-press press-0 press-1 press-2 press-3
	silence/1 silence/2 silence/3 silence/4 silence/5 letters/a digits/0 digits/1 digits/2 digits/3 digits/4 digits/5
	digits/6 digits/7 digits/8 digits/9 digits/star digits/pound`)

// length tells how long a medium takes, and whether it can be stopped.
// Digits, numbers and characters cannot.
func (a *Asterisk) length(media string) (d time.Duration, stoppable bool, err error) {
	scheme, rest, _ := strings.Cut(media, ":")
	switch scheme {
	case "sound":
		d, err = a.sound(rest)
		return d, true, err
	case "recording":
		r := a.stored[rest]
		if r == nil {
			return 0, false, errSilent
		}
		d, err = wavLength(r.WAV)
		return d, true, err
	case "tone":
		return endless, true, nil
	case "digits", "characters":
		return time.Duration(len(rest)) * wordLength, false, nil
	case "number":
		if _, err := strconv.ParseInt(rest, 10, 32); err != nil {
			return 0, false, errSilent
		}
		return time.Duration(spoken(rest)) * wordLength, false, nil
	}
	return 0, false, errSilent
}

// spoken is about how many words a number has.
func spoken(digits string) (words int) {
	digits = strings.TrimLeft(strings.TrimPrefix(digits, "-"), "0")
	for i := range digits {
		if digits[i] != '0' {
			words++
		}
		if place := len(digits) - 1 - i; place > 1 && place%3 != 1 && digits[i] != '0' {
			words++ // hundred, thousand
		}
	}
	return max(words, 1)
}

// sound finds a sound: in the folders given, for the language first, then
// among Asterisk's own.
func (a *Asterisk) sound(name string) (time.Duration, error) {
	if a.folder != "" {
		name = strings.TrimPrefix(name, a.folder+"/")
	}
	for _, files := range a.sounds {
		for _, file := range []string{path.Join(a.language, name) + ".wav", name + ".wav"} {
			if !fs.ValidPath(file) {
				continue
			}
			if content, err := fs.ReadFile(files, file); err == nil {
				return wavLength(content)
			}
		}
	}
	if slices.Contains(core, name) {
		return coreLength, nil
	}
	return 0, errMissing
}

// wavLength is how long a WAV plays. Asterisk plays 8 kHz mono of 16 bits, and
// nothing else.
func wavLength(b []byte) (time.Duration, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return 0, errMissing
	}
	known := false
	for b = b[12:]; len(b) >= 8; {
		kind, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:8]))
		b = b[8:]
		if size < 0 || size > len(b) {
			size = len(b) // a file that is still being written
		}
		switch {
		case kind == "fmt " && size >= 16:
			known = binary.LittleEndian.Uint16(b) == 1 && binary.LittleEndian.Uint16(b[2:]) == 1 &&
				binary.LittleEndian.Uint32(b[4:]) == rate && binary.LittleEndian.Uint16(b[14:]) == 16
		case kind == "data" && known:
			return time.Duration(size) * time.Second / (2 * rate), nil
		}
		b = b[min(size+size%2, len(b)):]
	}
	return 0, errMissing
}

// rate is how many samples a second of sound has.
const rate = 8000

// WAV is a file of silence that Asterisk can play, for as long as d.
func WAV(d time.Duration) []byte {
	size := uint32(d*rate/time.Second) * 2
	b := append([]byte("RIFF"), le32(36+size)...)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	b = append(append(b, le32(rate)...), le32(2*rate)...)
	b = append(b, "\x02\x00\x10\x00data"...)
	b = append(b, le32(size)...)
	return append(b, make([]byte, size)...)
}

// A span is a part of a sound.
type span struct{ from, to time.Duration }

// spokenWAV is a file of silence in which somebody speaks now and then.
func spokenWAV(d time.Duration, voiced []span) []byte {
	const head, loud = 44, 0x20
	b := WAV(d)
	place := func(at time.Duration) int { return min(len(b), head+2*int(at*rate/time.Second)) }
	for _, s := range voiced {
		for i := place(s.from); i+3 < place(s.to); i += 4 {
			b[i+1], b[i+3] = loud, 0x100-loud
		}
	}
	return b
}

func le32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
