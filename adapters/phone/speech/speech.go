// Package speech is the port that turns sentences into what Asterisk plays
// to a person.
//
// A Voice is asked before a phone rings, so that nobody who picks up hears
// silence. What it gives is a list of media as Asterisk names them:
// "sound:tebiki/3f2a..." is a WAV in the folder that Asterisk reads sounds
// from, without its ending; "tone:..." is heard until the player stops it.
// Everything that a Voice gives can be played from then on for at least an
// hour.
//
// speech/command speaks with an external program, speech/recorded with sounds
// that came with this one. A Fallback has the second step in for the first,
// and tones for both. speech/wave and speech/sounds are what they share: the
// one reads and makes WAVs, the other writes them where Asterisk finds them.
// speech/speechtest is the suite that every Voice passes.
package speech

import (
	"context"

	"tebiki/adapters/phone"
)

// A Voice speaks. It may be used by many calls at once.
type Voice interface {
	// Speak gives the media that say the sentences, in order. A sentence that
	// has nothing to say gives none. It returns soon after ctx has ended, and
	// its errors are *adapters.Error.
	Speak(ctx context.Context, lang string, s []phone.Sentence) (media []string, err error)
}

// Tone is what is played when nothing speaks: a beating tone, which no
// exchange uses and which keeps a person on the line and at the keys. It
// does not end by itself. Its kind has no comma, because Asterisk parts
// lists of media at those.
const Tone = "tone:880*4"
