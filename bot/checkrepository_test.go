package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"tebiki/bot/sample"
	"tebiki/knowhow"
	"tebiki/knowhow/source/gittest"
)

// In the know-how's own repository the configuration is somewhere else.
func TestCheckWithConfig(t *testing.T) {
	file, env, _ := inJira(t, "subdomain", "account", "web-server-setting", "certificate", "mail-queue", "disk-full", "host-down")
	checkout := filepath.Join(ours(t), "knowhow")
	commandIn(t.Context(), env, "check", checkout, "--config", file, "--online", "--on", "2020-01-01").
		expect(t, 0, filepath.Join(checkout, knowhow.File)+":", "")
	commandIn(t.Context(), env, "check", checkout, "-c", file, "--online", "--on", "2020-01-01").
		expect(t, 0, `warning: the tracker has no component "capacity"`, "")
	commandIn(t.Context(), nil, "check", checkout, "--config", file, "--on", "2020-01-01").expect(t, 0, "no faults, warnings: 0", "")
	commandIn(t.Context(), nil, "check", checkout, "--config", file, "--online").expect(t, 1, "JIRA", "faults: 1")
	commandIn(t.Context(), env, "check", "--config", file, "--on", "2020-01-01").expect(t, 0, "no faults, warnings: 0", "")

	replace(t, file, "checks: {at_once: 4,", "checks: {deny: [nproc], at_once: 4,")
	commandIn(t.Context(), nil, "check", checkout, "--config", file, "--on", "2020-01-01").expect(t, 0, `the check "cpus" never runs`, "")
	replace(t, filepath.Join(checkout, "docs/disk-find.en.md"), "owner: ", "owner: nobody-")
	commandIn(t.Context(), nil, "check", checkout, "--config", file).expect(t, 1, filepath.Join(checkout, "docs/disk-find.en.md")+":3:8: the roster has no person or team", "faults: 1")
	replace(t, file, "leader: sato", "leader: satoh")
	commandIn(t.Context(), nil, "check", checkout, "--config", file).expect(t, 1, `there is no person "satoh"`, "faults: 1")
	command(t, "check", filepath.Dir(file), "--config", file).expect(t, 1, "", "name the folder of knowhow.yaml")
}

// inGit is a workspace whose know-how, the sample's, is in a repository.
func inGit(t *testing.T) (file string, repo *gittest.Repo, files map[string]string) {
	t.Helper()
	repo, files = gittest.New(t), map[string]string{}
	known, err := fs.Sub(sample.FS(), "knowhow")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(known, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(known, name)
		files["kh/"+name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	repo.Commit("first", files)
	file = filepath.Join(ours(t), sample.Config)
	replace(t, file, "knowhow: {dir: knowhow}", fmt.Sprintf("knowhow: {git: {url: %q, folder: kh}}", repo.URL()))
	return file, repo, files
}

// Know-how in a repository is looked at when it is asked for, and otherwise
// said not to have been.
func TestCheckRepository(t *testing.T) {
	file, repo, files := inGit(t)
	s := command(t, "check", file)
	s.expect(t, 0, file+": warning: the know-how was not looked at: it is in the repository "+repo.URL()+"; --online fetches it", "")
	s.expect(t, 0, "no faults, warnings: 1", "")
	url, _ := fakeServer(t, 200, `{"checks":{"cpus":{"ran":0,"well":0,"tried":3},"load":{"ran":3,"well":1,"tried":3},"memory":{"ran":2,"well":0,"tried":0}}}`)
	s = command(t, "check", file, "--url", url, "--on", "2020-01-01")
	s.expect(t, 0, `warning: the check "cpus" has never run to its end`, "")
	s.expect(t, 0, `warning: the check "memory" has never run to its end`, "")
	s.expect(t, 0, "no faults, warnings: 2", "")
	command(t, "check", file, "--online").expect(t, 1, "leave --online away", "faults: 1")

	doc := "kh/docs/disk-find.en.md"
	files[doc] = regexp.MustCompile(`(?m)^owner: .*$`).ReplaceAllString(files[doc], "owner: nobody-here")
	repo.Commit("a stranger", files)
	command(t, "check", file, "--url", url, "--on", "2020-01-01").expect(t, 1, doc+`:3:8: the roster has no person or team "nobody-here"`, "faults: 1")
	command(t, "doctor", "knowhow", "--config", file).expect(t, 1, `fault: docs/disk-find.en.md:3: the roster has no person or team "nobody-here"`, "faults: 1")
	files[doc] = "no front matter"
	repo.Commit("broken", files)
	command(t, "check", file, "--url", url).expect(t, 1, doc+":1:1: ", "faults: 1")
	command(t, "knowhow", "new", "printer", "--dir", filepath.Dir(file), "--owner", "sato").expect(t, 1, "", "run it in a checkout, with --dir")
	if _, err := os.Stat(repo.Dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(repo.Dir, filepath.Join(t.TempDir(), "away")); err != nil {
		t.Fatal(err)
	}
	command(t, "check", file, "--url", url).expect(t, 1, "kh/knowhow.yaml: ", "faults: 1")
}
