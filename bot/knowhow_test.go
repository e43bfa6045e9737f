package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tebiki/bot/config"
	"tebiki/bot/roster"
	"tebiki/bot/sample"
	"tebiki/knowhow"
)

func TestKnowhowSchema(t *testing.T) {
	s := command(t, "knowhow", "schema")
	s.expect(t, 0, `"$schema": "https://json-schema.org/draft/2020-12/schema"`, "")
	if !json.Valid([]byte(s.out)) {
		t.Error("it is no JSON")
	}
}

func contents(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A new entry needs nothing more to pass the check.
func TestKnowhowNew(t *testing.T) {
	dir := ours(t)
	index := filepath.Join(dir, "knowhow", knowhow.File)
	before := contents(t, index)
	if err := os.Chmod(index, 0o640); err != nil {
		t.Fatal(err)
	}
	s := command(t, "knowhow", "new", "プリンタ 3F", "--dir", dir, "--owner", "infra-jp")
	s.expect(t, 0, "wrote "+filepath.Join(dir, "knowhow/docs/3f.ja.md"), "")
	s.expect(t, 0, "Its owner is infra-jp.", "")
	command(t, "check", dir, "--stale", "36500d").expect(t, 0, "no faults, warnings: 0", "")
	command(t, "knowhow", "new", "printer", "--dir", filepath.Join(dir, "knowhow"), "--owner", "sato", "--lang", "en", "--document", "paper").expect(t, 0, "docs/paper.en.md", "")
	command(t, "check", dir, "--stale", "36500d").expect(t, 0, "no faults, warnings: 0", "")

	after := contents(t, index)
	top, checks, _ := strings.Cut(before, "\n# Checks run")
	if !strings.HasPrefix(after, top[:len(top)-1]) || !strings.HasSuffix(after, checks) {
		t.Errorf("what was there is not kept:\n%s", after)
	}
	if info, err := os.Stat(index); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v now, %v", info.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "knowhow", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// Without a folder one is made, which passes too.
func TestKnowhowNewFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "team/knowhow")
	command(t, "knowhow", "new", "disk", "--dir", dir).expect(t, 1, "", "--owner")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it was refused and has made a folder: %v", err)
	}
	command(t, "knowhow", "new", "disk", "--dir", dir, "--owner", "sato").expect(t, 0, "wrote "+filepath.Join(dir, knowhow.File), "")
	command(t, "check", dir, "--stale", "36500d").expect(t, 0, "no faults, warnings: 0", "")
}

// Where there is one team, nobody need say whose the document is.
func TestKnowhowNewOwner(t *testing.T) {
	one, err := roster.New([]roster.Person{{ID: "sato", Team: "infra", Zone: time.UTC}}, []roster.Team{{ID: "infra", Leader: "sato", Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	if owner, err := new(knowhowNewCmd).owner(&config.Config{Roster: one}); owner != "infra" || err != nil {
		t.Errorf("the owner is %q, %v", owner, err)
	}
}

func TestKnowhowNewRefuses(t *testing.T) {
	dir := ours(t)
	index := filepath.Join(dir, "knowhow", knowhow.File)
	before := contents(t, index)
	command(t, "knowhow", "new", "Disk Full", "--dir", dir, "--owner", "sato").expect(t, 1, "", `finds the component "disk-full" already`)
	command(t, "knowhow", "new", "printer", "--dir", dir).expect(t, 1, "", "say with --owner")
	command(t, "knowhow", "new", "printer", "--dir", dir, "--owner", "nobody").expect(t, 1, "", "no such person or team")
	command(t, "knowhow", "new", "printer", "--dir", dir, "--lang", "fr").expect(t, 2, "", "Try: tebiki --help")
	command(t, "knowhow", "new").expect(t, 2, "", "Try: tebiki --help")
	if contents(t, index) != before {
		t.Error("what was refused has changed the file")
	}
	replace(t, filepath.Join(dir, sample.Config), "leader: sato", "leader: satoh")
	command(t, "knowhow", "new", "printer", "--dir", dir).expect(t, 1, "", "--dir may also name the folder of the know-how")
}

// What cannot be finished leaves nothing behind.
func TestWriteStarterFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, knowhow.Folder), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "docs", "x.ja.md"), "mine")
	files := map[string]string{knowhow.File: "index", "docs/x.en.md": "en", "docs/x.ja.md": "ja"}
	if err := writeStarter(dir, files); err == nil {
		t.Error("a document that was there is overwritten")
	}
	if contents(t, filepath.Join(dir, "docs/x.ja.md")) != "mine" {
		t.Error("what was there is gone")
	}
	for _, name := range []string{"docs/x.en.md", knowhow.File} {
		if _, err := os.Stat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
}

func TestReplaceFileKeepsLink(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real"), "old")
	if err := os.Symlink("real", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "link"), "new"); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(filepath.Join(dir, "link")); err != nil || to != "real" || contents(t, filepath.Join(dir, "real")) != "new" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}
