package command

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"tebiki/adapters/phone/speech/wave"
)

// scripts are programs that speak, or fail to. Their $wav is a folder in
// which N.wav is a hum for a text of N bytes.
var scripts = map[string]string{
	// says in the file $1 what it was given
	"tone":         `t=$(cat); printf '%s\n' "$t" >>"$1"; cat "$wav/${#t}.wav"`,
	"file":         `cat "$wav/3.wav" >"$1"`,
	"fail":         `printf 'no such voice\033[31m\377\n' >&2; head -c 65536 /dev/zero | tr '\0' x >&2; exit 3`,
	"crash":        `kill -9 $$`,
	"print":        `printf '%s' "$1"`,
	"silence":      `cat "$wav/0.wav"`,
	"flood":        `exec cat /dev/zero`,
	"flood a file": `while :; do head -c 20000 /dev/zero; done >"$1"`,
	"link":         `ln -s "$2" "$1"`,
	// has a child that holds its pipes, whose id goes into the file $1
	"hang":   `sleep 60 & echo $! >"$1.$$"; mv "$1.$$" "$1"; wait`,
	"orphan": `sleep 60 & cat "$wav/3.wav"`,
	"sleep":  `exec sleep 60`,
}

// wavs is the folder, made once for all tests.
var wavs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if wavs, err = os.MkdirTemp("", "tebiki-hums-"); err != nil {
			fmt.Fprintln(os.Stderr, "making a folder for sounds:", err)
			return 1
		}
		defer func() { _ = os.RemoveAll(wavs) }()
		for n := range 61 {
			if err := os.WriteFile(filepath.Join(wavs, fmt.Sprintf("%d.wav", n)), hum(n).Encode(), 0o600); err != nil {
				fmt.Fprintln(os.Stderr, "writing a sound:", err)
				return 1
			}
		}
		return m.Run()
	}())
}

// fake gives the arguments of a program that does something.
func fake(t testing.TB, what string, args ...string) []string {
	t.Helper()
	script, ok := scripts[what]
	if !ok {
		t.Fatalf("there is no script %q", what)
	}
	return append([]string{"/bin/sh", "-c", fmt.Sprintf("wav='%s'; %s", wavs, script), "speaker"}, args...)
}

// hum lasts 20 ms for each byte of a text; none is silence.
func hum(n int) wave.Sound {
	const rate = 22050
	out := make([]float64, max(1, n)*rate/50)
	for i := range out {
		out[i] = 0.5 * math.Sin(2*math.Pi*440*float64(i)/rate)
		if n == 0 {
			out[i] = 0
		}
	}
	return wave.Sound{Rate: rate, Samples: out}
}
