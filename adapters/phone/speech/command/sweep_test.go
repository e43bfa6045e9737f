package command

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone/speech/sounds"
)

// age makes a file look as if it was used so long ago.
func age(t *testing.T, path string, d time.Duration) {
	t.Helper()
	at := time.Now().Add(-d)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// put writes a sound of so many bytes, used so long ago.
func put(t *testing.T, f sounds.Folder, name string, size int, used time.Duration) {
	t.Helper()
	if err := f.Write(name, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	age(t, f.Path(name), used)
}

func files(t *testing.T, f sounds.Folder) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(f.Dir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".wav"))
	}
	return out
}

// id is a name as nameOf gives.
func id(digit string) string { return strings.Repeat(digit, 2*nameSize) }

const day = 24 * time.Hour

func TestSweep(t *testing.T) {
	l := limits()
	l.Unused, l.Folder = 10*day, 8000
	v, f := newVoice(t, l, nil)
	for _, s := range []struct {
		name string
		size int
		used time.Duration
	}{
		{id("a"), 100, 11 * day},       // for too long
		{id("b"), 3000, 9 * day},       // the longest of those that do not fit
		{id("c"), 3000, 8 * day},       // then this
		{id("d"), 3000, 3 * time.Hour}, // fits
		{id("e"), 3000, time.Minute},   // was handed out
		{"fixed/en/hello", 5000, 99 * day},
		{"mine", 5000, 99 * day},
		{id("g")[1:] + "x", 5000, 99 * day},
	} {
		put(t, f, "tebiki/"+s.name, s.size, s.used)
	}
	for name, used := range map[string]time.Duration{".new-1": 2 * time.Hour, ".new-2": time.Minute} {
		path := filepath.Join(f.Dir(), name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		age(t, path, used)
	}
	got, err := v.Sweep(time.Now())
	if want := (Swept{Kept: 3, Removed: 4, KeptBytes: 6001, RemovedBytes: 6101}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	want := []string{".new-2", id("d"), id("e"), "fixed", id("g")[1:] + "x", "mine"}
	slices.Sort(want)
	if got := files(t, f); !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
}

// What was handed out within the hour stays, whatever its size: new sounds
// are refused instead, until it has gone.
func TestFull(t *testing.T) {
	l := limits()
	l.Folder = 2000
	v, f, _ := humming(t, l) // four letters have 1.3 kB
	first, err := v.Speak(t.Context(), "en", sentences("abcd"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Speak(t.Context(), "en", sentences("efgh"))
	if !errors.Is(err, errFull) || adapters.CodeOf(err) != adapters.Unavailable {
		t.Fatalf("got %v", err)
	}
	listen(t, f, first[0])
	age(t, f.Path(strings.TrimPrefix(first[0], "sound:")), 2*time.Hour)
	second, err := v.Speak(t.Context(), "en", sentences("efgh"))
	if err != nil {
		t.Fatal(err)
	}
	listen(t, f, second[0])
	if got := files(t, f); len(got) != 1 {
		t.Errorf("left are %q", got)
	}
}

// A sound that was used is new again.
func TestUseKeeps(t *testing.T) {
	v, f, said := humming(t, limits())
	media, err := v.Speak(t.Context(), "en", sentences("abc"))
	if err != nil {
		t.Fatal(err)
	}
	age(t, f.Path(strings.TrimPrefix(media[0], "sound:")), 99*day)
	if _, err := v.Speak(t.Context(), "en", sentences("abc")); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Sweep(time.Now()); err != nil || got.Removed != 0 || len(said()) != 1 {
		t.Errorf("%+v, %v after %q", got, err, said())
	}
}

// Whatever is swept meanwhile, what was handed out can be played.
func TestSweepWhileSpeaking(t *testing.T) {
	l := limits()
	l.Unused, l.Folder = time.Minute, 1<<20
	v, f, _ := humming(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	var sweeper, speakers sync.WaitGroup
	sweeper.Go(func() {
		v.Run(ctx, time.Millisecond, func(_ Swept, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	})
	for i := range 3 {
		speakers.Go(func() {
			for range 10 {
				media, err := v.Speak(t.Context(), "en", sentences("a", strings.Repeat("b", i+2)))
				if err != nil {
					t.Error(err)
					return
				}
				listen(t, f, media[0])
				listen(t, f, media[1])
				long := time.Now().Add(-2 * time.Hour) // nobody else was given this one
				_ = os.Chtimes(f.Path(strings.TrimPrefix(media[1], "sound:")), long, long)
			}
		})
	}
	speakers.Wait()
	cancel()
	sweeper.Wait()
}

func TestSweepTellsOfFailure(t *testing.T) {
	v, f := newVoice(t, limits(), nil)
	if err := os.RemoveAll(f.Dir()); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Sweep(time.Now()); adapters.CodeOf(err) != adapters.Unavailable || err == nil {
		t.Errorf("got %v", err)
	}
}
