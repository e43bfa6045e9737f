package sample

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/config"
	"tebiki/bot/roster"
)

func noEnv(string) (string, bool) { return "", false }

func load(t *testing.T, fsys fs.FS) *config.Config {
	t.Helper()
	c, err := config.Load(fsys, Config, noEnv)
	if err != nil {
		t.Fatalf("the sample configuration has faults:\n%v", err)
	}
	return c
}

func TestConfigurationIsRight(t *testing.T) {
	c := load(t, FS())
	if err := c.Rules.Check(); err != nil {
		t.Errorf("Rules.Check: %v", err)
	}
	var got []string
	for _, p := range c.Roster.People() {
		leader, _ := c.Roster.Leader(p.Team)
		got = append(got, strings.Join([]string{p.ID, p.Team, p.Lang, p.Zone.String(), leader.ID}, " "))
	}
	want := []string{
		"garcia platform-en en America/New_York smith",
		"lee platform-en en Europe/London smith",
		"sato infra-jp ja Asia/Tokyo sato",
		"smith platform-en en Europe/London smith",
		"suzuki infra-jp ja Asia/Tokyo sato",
		"tanaka infra-jp ja Asia/Tokyo sato",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

// Nobody can be the second line of themselves.
func TestTwoLinesAreTwoPeople(t *testing.T) {
	c := load(t, FS())
	day := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for range 200 {
		for name, s := range c.Rules.Schedules {
			first, ok := s.At("primary", day)
			second, ok2 := s.At("secondary", day)
			if !ok || !ok2 || first.Person == second.Person {
				t.Errorf("%s at %s: %q and %q on call", name, day, first.Person, second.Person)
			}
		}
		day = day.AddDate(0, 0, 1)
	}
}

// What the comments call a default is one.
func TestStatedDefaults(t *testing.T) {
	data, err := fs.ReadFile(FS(), Config)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	skip := []string{"listen:", "  match: ", "  low:", "  storm:", "  reopen:", "  flapping:", "  acknowledged:",
		"phone:", "requests:", "checks:", "inventory:", "knowhow:", "retain:", "    repeat: 2", "    leader: {", "    morning:"}
	for line := range strings.Lines(string(data)) {
		if !slices.ContainsFunc(skip, func(s string) bool { return strings.HasPrefix(line, s) }) {
			kept = append(kept, line)
		}
	}
	without := fstest.MapFS{Config: {Data: []byte(strings.Join(kept, ""))}}
	if diff := compare(load(t, FS()), load(t, without)); diff != "" {
		t.Errorf("with what the comments say (-) and without it (+):\n%s", diff)
	}
}

func compare(a, b *config.Config) string {
	return cmp.Diff(a, b,
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
		cmp.Transformer("roster", func(r *roster.Roster) []any { return []any{r.People(), r.Teams()} }))
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "workspace")
	written, err := Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(written, Config) || !slices.Contains(written, "knowhow/knowhow.yaml") {
		t.Errorf("wrote only %q", written)
	}
	if diff := compare(load(t, FS()), load(t, os.DirFS(dir))); diff != "" {
		t.Errorf("embedded (-) and written (+):\n%s", diff)
	}
}

func TestWriteKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, Config)
	if err := os.WriteFile(own, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	written, err := Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(own); string(data) != "mine" || slices.Contains(written, Config) {
		t.Errorf("a file that was there is now %q (written: %q)", data, written)
	}
	if len(written) == 0 {
		t.Error("the missing files were not written")
	}
	again, err := Write(dir)
	if err != nil || len(again) != 0 {
		t.Errorf("a second time it wrote %q, %v", again, err)
	}
}

func TestWriteRefusesForeignFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	written, err := Write(dir)
	if err == nil || !strings.Contains(err.Error(), "thesis.txt") || len(written) != 0 {
		t.Errorf("Write gave %q, %v; want a refusal that names the file", written, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("it left %v", entries)
	}
}

func TestWriteSaysWhyItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("Write to a file gave %v", err)
	}
}

func TestFS(t *testing.T) {
	if err := fstest.TestFS(FS(), Config); err != nil {
		t.Error(err)
	}
}
