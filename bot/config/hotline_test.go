package config

import (
	"strings"
	"testing"

	"tebiki/bot/roster/pin"
)

// TestTrustNumbers: numbers are trusted unless it is said that they are not.
func TestTrustNumbers(t *testing.T) {
	salt, err := pin.NewSalt(10)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := pin.New("73914", salt)
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(minimal, "{team: infra", "{pin: '"+string(hash)+"', team: infra", 1)
	for text, asks := range map[string]bool{"": false, "\nphone: {hotline: {trust_numbers: true}}\n": false, "\nphone: {hotline: {trust_numbers: false}}\n": true} {
		if c := mustLoad(t, with+text); c.Phone.Hotline.AskPIN != asks {
			t.Errorf("%q: known numbers are asked for a PIN: %v", text, c.Phone.Hotline.AskPIN)
		}
	}
}
