package speech_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech"
	"tebiki/adapters/phone/speech/recorded"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/adapters/phone/speech/speechtest"
)

// away is a voice that never speaks.
type away struct{}

func (away) Speak(context.Context, string, []phone.Sentence) ([]string, error) {
	return nil, &adapters.Error{Op: "speak", Err: errors.New("away")}
}

// A Fallback keeps the contract with what its second voice gives.
func TestConformance(t *testing.T) {
	speechtest.Run(t, func(t *testing.T) (speech.Voice, sounds.Folder) {
		folder, err := sounds.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		second, err := recorded.New(folder)
		if err != nil {
			t.Fatal(err)
		}
		f := speech.NewFallback(away{}, second, time.Minute, func(error) {})
		t.Cleanup(f.Wait)
		return f, folder
	})
}
