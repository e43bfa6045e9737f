package asterisktest

import (
	"io/fs"
	"math/rand/v2"
	"os"
)

// An Option changes an Asterisk before it starts.
type Option func(*Asterisk)

// WithoutNetwork listens at no socket: Asterisk is reached through Transport,
// Dialer and DialContext only, which a bubble of testing/synctest allows. All
// its time is the bubble's then.
func WithoutNetwork() Option {
	return func(a *Asterisk) { a.power.address, a.power.offline = inProcessHost, true }
}

// WithSpeed lets Asterisk's own time go faster: media, keys, recordings and
// how long a phone rings. Scripts of people are in the test's time. 1 is real.
func WithSpeed(times float64) Option {
	return func(a *Asterisk) { a.speed = times }
}

// WithSeed lets chance decide, always in the same way for a seed, what
// Asterisk leaves to its threads: which leg's events come first where the
// recordings show both orders, and whether events come before the answer to
// the request that caused them.
func WithSeed(seed uint64) Option {
	return func(a *Asterisk) { a.rng = rand.New(rand.NewPCG(seed, 0)) }
}

// WithSounds adds WAV files that Asterisk has, named as in a "sound:" without
// the suffix, perhaps in a folder for the language. They are read when they
// are played.
func WithSounds(files fs.FS) Option {
	return func(a *Asterisk) { a.sounds = append(a.sounds, files) }
}

// WithSoundsFolder is WithSounds for a folder, whose files may be played by
// their absolute names, too.
func WithSoundsFolder(folder string) Option {
	return func(a *Asterisk) {
		a.sounds = append(a.sounds, os.DirFS(folder))
		a.folder = folder
	}
}

// WithApplication names the Stasis application that calls from outside come
// into; "tebiki" without it.
func WithApplication(name string) Option {
	return func(a *Asterisk) { a.app = name }
}

// WithVersion is the version that /asterisk/info tells.
func WithVersion(version string) Option {
	return func(a *Asterisk) { a.version = version }
}

// WithoutRecord keeps no requests and events, for tests with very many.
func WithoutRecord() Option {
	return func(a *Asterisk) { a.record = false }
}
