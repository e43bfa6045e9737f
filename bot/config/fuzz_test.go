package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/bot/roster"
)

// Whatever the file holds, Load returns; what it accepts, the rules and the
// roster accept; what it refuses, it refuses with a line of the file.
func FuzzLoad(f *testing.F) {
	f.Add(minimal)
	f.Add(full)
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "../sample/workspace/tebiki.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := loadText(text)
		if err != nil {
			checkFaults(t, err, text)
			return
		}
		if err := c.Rules.Check(); err != nil {
			t.Errorf("accepted rules: %v", err)
		}
		if _, err := roster.New(c.Roster.People(), c.Roster.Teams()); err != nil {
			t.Errorf("accepted roster: %v", err)
		}
		for name, p := range c.Rules.Policies {
			if _, ok := c.Roster.Person(p.Leader); !ok {
				t.Errorf("policy %q is led by nobody: %q", name, p.Leader)
			}
		}
	})
}

func checkFaults(t *testing.T, err error, text string) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("not faults: %v", err)
	}
	lines := strings.Count(strings.ReplaceAll(text, "\r", "\n"), "\n") + strings.Count(text, "\u0085") +
		strings.Count(text, "\u2028") + strings.Count(text, "\u2029") + 2
	for _, f := range faults {
		if f.Line < 1 || f.Line > lines || strings.Contains(f.What, "\n") || f.What == "" {
			t.Errorf("not a fault anybody could find: %q", f)
		}
	}
}
