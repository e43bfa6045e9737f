package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tebiki/bot/sample"
)

// ours is a workspace on disk, written by init.
func ours(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := sample.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func replace(t *testing.T, name, old, by string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s holds no %q", name, old)
	}
	write(t, name, strings.Replace(string(data), old, by, 1))
}

func TestCheckClean(t *testing.T) {
	dir := ours(t)
	for _, args := range [][]string{{}, {dir}, {filepath.Join(dir, sample.Config)}, {filepath.Join(dir, "knowhow")}} {
		command(t, append([]string{"check"}, args...)...).expect(t, 0, "no faults", "")
	}
	t.Chdir(dir)
	command(t, "check", ".").expect(t, 0, "no faults", "")
	command(t, "check", sample.Config).expect(t, 0, "no faults", "")
}

// All faults of all files come at once, each with a place that an editor opens.
func TestCheckFaults(t *testing.T) {
	dir := ours(t)
	t.Chdir(dir)
	replace(t, "inventory.yaml", "  - host: web1.example.jp", "  - hots: web1.example.jp")
	replace(t, "knowhow/knowhow.yaml", "components:", "nonsense: 1\ncomponents:")
	if err := os.Remove("knowhow/docs/disk-find.ja.md"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove("knowhow/docs/disk-find.en.md"); err != nil {
		t.Fatal(err)
	}
	s := command(t, "check", ".")
	s.expect(t, 1, "inventory.yaml:", "tebiki: there are faults: ")
	s.expect(t, 1, "knowhow/knowhow.yaml:", "tebiki: there are faults: ")
	s.expect(t, 1, "disk-find", "tebiki: there are faults: ")
	for line := range strings.Lines(s.out) {
		if !regexp.MustCompile(`^[a-z/-]+\.(yaml|md):\d+: .+\n$`).MatchString(line) {
			t.Errorf("no file:line: what: %q", line)
		}
	}
}

func TestCheckConfigurationFaults(t *testing.T) {
	dir := ours(t)
	replace(t, filepath.Join(dir, sample.Config), "leader: sato", "leader: satoh")
	replace(t, filepath.Join(dir, sample.Config), "retain: 400d", "retain: soon")
	s := command(t, "check", dir)
	s.expect(t, 1, `there is no person "satoh"`, "tebiki: there are faults: 2")
	s.expect(t, 1, filepath.Join(dir, sample.Config)+":", "tebiki: there are faults: 2")
}

// People of the know-how are those of the configuration.
func TestCheckKnowHowNamesPeople(t *testing.T) {
	dir := ours(t)
	doc := filepath.Join(dir, "knowhow/docs/disk-find.en.md")
	data, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	owner := regexp.MustCompile(`(?m)^owner: .*$`)
	write(t, doc, string(owner.ReplaceAll(data, []byte("owner: nobody-here"))))
	command(t, "check", dir).expect(t, 1, "nobody-here", "there are faults: 1")
	command(t, "check", filepath.Join(dir, "knowhow")).expect(t, 0, "no faults", "")
}

func TestCheckMissing(t *testing.T) {
	dir := ours(t)
	none := filepath.Join(dir, "none")
	command(t, "check", none).expect(t, 1, "", none)
	command(t, "check", t.TempDir()).expect(t, 1, "", "neither tebiki.yaml nor knowhow.yaml")

	replace(t, filepath.Join(dir, sample.Config), "knowhow: {dir: knowhow}", "knowhow: {dir: elsewhere}")
	command(t, "check", dir).expect(t, 1, "elsewhere", "there are faults: 1")
	replace(t, filepath.Join(dir, sample.Config), "knowhow: {dir: elsewhere}", "knowhow: {dir: ../elsewhere}")
	command(t, "check", dir).expect(t, 1, "elsewhere", "there are faults: 1")
	replace(t, filepath.Join(dir, sample.Config), "inventory: {file: inventory.yaml}", "inventory: {file: gone.yaml}")
	command(t, "check", dir).expect(t, 1, filepath.Join(dir, "gone.yaml")+": ", "there are faults: 2")
}
