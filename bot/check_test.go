package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tebiki/adapters"
	"tebiki/bot/sample"
	"tebiki/knowhow"
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
		if !regexp.MustCompile(`^[a-z/-]+\.(yaml|md):\d+:(\d+:)? .+\n$`).MatchString(line) {
			t.Errorf("no file:line:column: what: %q", line)
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

// A document is warned of when its review is over, by its own time or ours.
func TestCheckReviews(t *testing.T) {
	dir := ours(t)
	doc := filepath.Join(dir, "knowhow/docs/disk-find.en.md")
	data, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	reviewed := regexp.MustCompile(`(?m)^reviewed: .*$`)
	write(t, doc, string(reviewed.ReplaceAll(data, []byte("reviewed: 2020-01-01\nreview_after: 30d"))))
	s := command(t, "check", dir, "--on", "2020-01-31")
	s.expect(t, 0, "no faults, warnings: 0", "")
	s = command(t, "check", dir, "--on", "2020-02-01")
	s.expect(t, 0, doc+":4:11: warning: reviewed on 2020-01-01", "")
	s.expect(t, 0, "no faults, warnings: 1", "")
	s = command(t, "check", filepath.Join(dir, "knowhow"), "--on", "2120-01-01", "--stale", "60000d")
	s.expect(t, 0, "no faults, warnings: 1", "")
	for _, wrong := range [][]string{{"--stale", "soon"}, {"--stale", "0d"}, {"--stale", "-1d"}, {"--on", "today"}, {"--format", "xml"}} {
		command(t, append([]string{"check", dir}, wrong...)...).expect(t, 2, "", "Try: tebiki --help")
	}
}

// A name that a pull request brings along stays a name.
func TestCheckHostileNames(t *testing.T) {
	dir := ours(t)
	t.Chdir(dir)
	write(t, "knowhow/docs/x\n::error file=a,line=1::b,c.md", "x")
	command(t, "check").expect(t, 0, "no faults", "")
	s := command(t, "check", ".", "--format", "github")
	s.expect(t, 1, "::error file=knowhow/docs/x\\n%3A%3Aerror file=a%2Cline=1%3A%3Ab%2Cc.md,line=1,col=1::the file's name must be", "faults: 1")
	if strings.Count(s.out, "\n") != 1 {
		t.Errorf("more than one line: %q", s.out)
	}
	command(t, "check", ".", "--format", "json").expect(t, 1, `"line": 1`, "faults: 1")
}

// The tracker is asked which components it has.
func TestCheckOnline(t *testing.T) {
	file, env, j := inJira(t, "subdomain", "account", "web-server-setting", "certificate", "mail-queue", "disk-full", "host-down")
	got := commandIn(t.Context(), env, "check", file, "--online", "--on", "2020-01-01")
	got.expect(t, 0, `warning: the tracker has no component "capacity"`, "")
	got.expect(t, 0, "no faults, warnings: 1", "")
	j.Revoke()
	commandIn(t.Context(), env, "check", file, "--online").expect(t, 1, file+": tracker: the credentials", "faults: 1")

	dir := ours(t)
	command(t, "check", dir, "--online").expect(t, 1, "leave --online away", "faults: 1")
	command(t, "check", filepath.Join(dir, "knowhow"), "--online").expect(t, 1, "", "the tracker is named in a configuration, and there is none: name the file with --config")
}

// Each tracker names components in its own way.
func TestComponentOf(t *testing.T) {
	base, err := knowhow.Load(os.DirFS(filepath.Join(ours(t), "knowhow")))
	if err != nil {
		t.Fatal(err)
	}
	for about, want := range map[string]string{
		"the component capacity": "capacity", `the component "capacity"`: "capacity",
		"the component other": "", "capacity": "", "the credentials": "",
	} {
		if got := componentOf(base, adapters.Finding{About: about}); got != want {
			t.Errorf("%q is about %q, want %q", about, got, want)
		}
	}
}

// What the bot's rules never let run is warned of, at the check's place.
func TestCheckRules(t *testing.T) {
	dir := ours(t)
	plain := "checks: {at_once: 4, per_host: 2, output: 64KiB}"
	replace(t, filepath.Join(dir, sample.Config), plain, "checks: {allow: [df *, cat ..., date ..., getent ..., grep ..., ls ..., nproc ..., ps ...], deny: [getent passwd]}")
	replace(t, filepath.Join(dir, "knowhow", knowhow.File), "  now:\n", "  now:\n    where: server\n")
	index := filepath.Join(dir, "knowhow", knowhow.File)
	s := command(t, "check", dir, "--stale", "36500d")
	s.expect(t, 0, "no faults, warnings: 6", "")
	for _, line := range []string{
		`: warning: the check "now" never runs: it is for servers, and the bot's configuration has no checks.ssh; change the check, or ask whoever runs the bot`,
		`: warning: the check "account-exists" never runs: the rule "getent passwd" of the bot's configuration denies it;`,
		`: warning: the check "disk-space" never runs: no rule of the bot's configuration allows it;`,
		`: warning: the check "spool-size" never runs: no rule`,
	} {
		s.expect(t, 0, line, "")
	}
	if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(index) + `:\d+:3: warning: the check "inodes"`).MatchString(s.out) {
		t.Errorf("no place of the check in\n%s", s.out)
	}
	command(t, "check", filepath.Join(dir, "knowhow"), "--stale", "36500d").expect(t, 0, "no faults, warnings: 0", "")
}
