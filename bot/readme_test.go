package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"tebiki/bot/config"
	"tebiki/bot/sample"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
)

// blocks are the indented blocks of a README that configure a section.
func blocks(t *testing.T, file, section string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", file))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range regexp.MustCompile(`(?m)(?:^(?:    .*)?\n)+`).FindAllString(string(text), -1) {
		indent := regexp.MustCompile(` +`).FindString(strings.TrimLeft(b, "\n"))
		var lines []string
		for line := range strings.SplitSeq(b, "\n") {
			lines = append(lines, strings.TrimPrefix(line, indent))
		}
		if b = strings.Join(lines, "\n"); strings.HasPrefix(strings.TrimSpace(b), section+":") {
			found = append(found, strings.TrimLeft(b, "\n"))
		}
	}
	return found
}

// without takes a section out of a configuration.
func without(text []byte, section string) []byte {
	return regexp.MustCompile(`(?m)^`+section+`:.*\n(?:^[ #].*\n|^\n)*`).ReplaceAll(text, nil)
}

// TestWrittenRulesLetTheSampleRun holds the sample's checks against the lists
// that the README and the sample's own configuration propose.
func TestWrittenRulesLetTheSampleRun(t *testing.T) {
	plain, err := fs.ReadFile(sample.FS(), sample.Config)
	if err != nil {
		t.Fatal(err)
	}
	commented := regexp.MustCompile(`(?m)^# checks:\n(?:#   .*\n)+`).FindString(string(plain))
	written := append(blocks(t, "README.md", "checks"), strings.ReplaceAll("\n"+commented, "\n# ", "\n"))
	files, err := fs.Sub(sample.FS(), "knowhow")
	if err != nil {
		t.Fatal(err)
	}
	base, err := knowhow.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for _, text := range written {
		rules := check.Rules{Allow: list(text, "allow"), Deny: list(text, "deny")}
		if rules.Allow == nil {
			continue
		}
		listed++
		if _, err := check.New(check.Options{Rules: rules}); err != nil {
			t.Error(err)
		}
		for _, never := range base.CheckRules(rules.Never) {
			t.Errorf("%s\nby these lists:\n%s", never, text)
		}
	}
	if listed != 2 {
		t.Errorf("%d lists, want the README's and the sample's", listed)
	}
}

// list gives the words of a list that is written in brackets.
func list(text, key string) (out []string) {
	m := regexp.MustCompile(`(?s)\n +` + key + `: \[(.*?)\]`).FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	for word := range strings.SplitSeq(m[1], ",") {
		out = append(out, strings.TrimSpace(word))
	}
	return out
}

// TestReadmesConfigure loads what the READMEs say to write, with the comments
// taken away too: a key that does not exist would be a user's first minute.
func TestReadmesConfigure(t *testing.T) {
	env := func(string) (string, bool) { return "xoxb-secret", true }
	plain, err := fs.ReadFile(sample.FS(), sample.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ name, section string }{
		{"README.md", "tracker"}, {"adapters/tracker/jira/README.md", "tracker"}, {"adapters/tracker/redmine/README.md", "tracker"}, {"adapters/phone/asterisk/README.md", "phone"},
		{"README.md", "inventory"}, {"adapters/inventory/README.md", "inventory"},
	} {
		name, section := one.name, one.section
		found := blocks(t, name, section)
		if len(found) == 0 {
			t.Errorf("%s configures no %s", name, section)
		}
		for _, b := range found {
			for _, text := range []string{b, regexp.MustCompile(`(?m)^(\s*)# (\w+:)`).ReplaceAllString(b, "$1$2")} {
				file := &fstest.MapFile{Data: append(without(plain, section), "\n"+text...)}
				if _, err := config.Load(fstest.MapFS{sample.Config: file}, sample.Config, env); err != nil {
					t.Errorf("%s: %v\n%s", name, err, text)
				}
			}
		}
	}
}
