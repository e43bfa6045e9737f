package speech

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

type voiceFunc func(ctx context.Context) ([]string, error)

func (f voiceFunc) Speak(ctx context.Context, _ string, _ []phone.Sentence) ([]string, error) {
	return f(ctx)
}

func says(media ...string) voiceFunc {
	return func(context.Context) ([]string, error) { return media, nil }
}

var errBroken = &adapters.Error{Op: "speak", Code: adapters.Denied, Err: errors.New("broken")}

func broken(context.Context) ([]string, error) { return nil, errBroken }

func slow(ctx context.Context) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// deaf does not even listen to its context.
func deaf(free <-chan struct{}) voiceFunc {
	return func(context.Context) ([]string, error) {
		<-free
		return []string{"late"}, nil
	}
}

var sentence = []phone.Sentence{{Text: "hello", Fixed: "hello"}}

func TestFallback(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second voiceFunc
		want          string
		failures      int
		took          time.Duration
	}{
		{"the first", says("a", "b"), says("c"), "a b", 0, 0},
		{"the second", broken, says("c"), "c", 1, 0},
		{"slow", slow, says("c"), "c", 1, 2 * time.Second},
		{"silent", says(), says("c"), "c", 1, 0},
		{"tones", slow, slow, Tone, 2, 4 * time.Second},
		{"both broken", broken, broken, Tone, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var failures []error
				f := NewFallback(c.first, c.second, 2*time.Second, func(err error) { failures = append(failures, err) })
				began := time.Now()
				got, err := f.Speak(t.Context(), "en", sentence)
				if err != nil || strings.Join(got, " ") != c.want || len(failures) != c.failures {
					t.Errorf("got %q, %v with failures %v", got, err, failures)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
				f.Wait()
			})
		})
	}
}

func TestFallbackTellsTheCause(t *testing.T) {
	var failures []error
	f := NewFallback(voiceFunc(broken), says("c"), time.Second, func(err error) { failures = append(failures, err) })
	if _, err := f.Speak(t.Context(), "en", sentence); err != nil {
		t.Fatal(err)
	}
	if len(failures) != 1 || !errors.Is(failures[0], errBroken) || adapters.CodeOf(failures[0]) != adapters.Denied {
		t.Errorf("told of %v", failures)
	}
}

func TestFallbackSaysNothingOfNothing(t *testing.T) {
	f := NewFallback(says(), says("c"), time.Second, func(err error) { t.Error(err) })
	if got, err := f.Speak(t.Context(), "en", nil); err != nil || len(got) != 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFallbackEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f := NewFallback(voiceFunc(slow), says("c"), time.Minute, func(err error) { t.Error(err) })
		got, err := f.Speak(ctx, "en", sentence)
		var e *adapters.Error
		if got != nil || !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) {
			t.Errorf("got %q, %v", got, err)
		}
		f.Wait()
	})
}

// A voice that hangs is left behind, is not asked again once too many calls
// of it hang, and is asked again when they have come back.
func TestFallbackLeavesBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		var failures []error
		f := NewFallback(deaf(free), says("c"), time.Second, func(err error) { failures = append(failures, err) })
		began := time.Now()
		for range maxStuck + 3 {
			if got, err := f.Speak(t.Context(), "en", sentence); err != nil || !slices.Equal(got, []string{"c"}) {
				t.Fatalf("got %q, %v", got, err)
			}
		}
		if took := time.Since(began); took != maxStuck*time.Second {
			t.Errorf("it took %s", took)
		}
		if !errors.Is(failures[0], errImpatient) || !errors.Is(failures[maxStuck], errStuck) {
			t.Errorf("told of %v", failures)
		}
		close(free)
		f.Wait()
		if got, _ := f.Speak(t.Context(), "en", sentence); !slices.Equal(got, []string{"late"}) {
			t.Errorf("a voice that came back is not asked again: %q", got)
		}
	})
}
