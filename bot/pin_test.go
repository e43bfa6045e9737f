package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/bot/roster/pin"
	"tebiki/bot/sample"
)

// typed carries out a command line for somebody who types.
func typed(t *testing.T, keys string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	none := func(string) (string, bool) { return "", false }
	code := run(world{t.Context(), strings.NewReader(keys), &out, &errs, none}, args)
	return said{code, out.String(), errs.String()}
}

func TestPIN(t *testing.T) {
	s := typed(t, " 837264\r\n", "pin")
	s.expect(t, 0, "pbkdf2-sha256$600000$", "4 to 10 digits")
	h := pin.Hash(strings.TrimSpace(s.out))
	if who, err := pin.Match("837264", map[string]pin.Hash{"lee": h}); err != nil || len(who) != 1 {
		t.Errorf("what it printed is the PIN of %v, %v", who, err)
	}
	for keys, want := range map[string]string{"0000\n": "others would try this first", "1234": "others would try this first", "": "want 4 to 10 digits",
		"12a4\n": "want 4 to 10 digits", strings.Repeat("7", 1<<20): "want 4 to 10 digits"} {
		s := typed(t, keys, "pin")
		s.expect(t, 1, "", want)
		if strings.Contains(s.errs, "12a4") || strings.Contains(s.errs, "7777") {
			t.Errorf("it repeats what was typed: %s", s.errs)
		}
	}
	typed(t, "837264", "pin", "837264").expect(t, 2, "", "Try: tebiki --help")
}

// With the configuration, colleagues share a salt and nobody has another's.
func TestPINOfATeam(t *testing.T) {
	dir := ours(t)
	config := filepath.Join(dir, sample.Config)
	first := strings.TrimSpace(typed(t, "837264\n", "pin", "--config", config).out)
	replace(t, config, "mail: sato@example.jp", "mail: sato@example.jp, pin: "+first)
	typed(t, "837264\n", "pin", "--config", config).expect(t, 1, "", "choose another number")
	second := typed(t, "591738\n", "pin", "--config", config).out
	if i := strings.LastIndexByte(first, '$'); !strings.HasPrefix(second, first[:i]) {
		t.Errorf("%s and %s have no salt in common", first, second)
	}
	replace(t, config, "mail: suzuki@example.jp", "mail: suzuki@example.jp, pin: "+strings.TrimSpace(second))
	command(t, "check", dir).expect(t, 0, "no faults", "")
	typed(t, "837264\n", "pin", "--config", filepath.Join(dir, "none")).expect(t, 1, "", "tebiki init DIR")
}
