package app

import (
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"tebiki/bot/sample"
	"tebiki/knowhow/source"
)

// TestStrangers: whoever the roster lacks is logged once for each state of the
// know-how, which is in use all the same.
func TestStrangers(t *testing.T) {
	doc, err := fs.ReadFile(sample.FS(), "knowhow/docs/disk-find.en.md")
	if err != nil {
		t.Fatal(err)
	}
	index := func(team string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("components:\n  - {name: disk, title: {en: Disk}, request_type: task, team: " + team + ", subtickets: [{title: {en: Look}, document: disk-find}]}\n")}
	}
	files := fstest.MapFS{"knowhow.yaml": index("infra-jp"), "docs/disk-find.en.md": {Data: doc}}
	var log strings.Builder
	opt := officeOptions(t)
	x := newStrangers(opt.Config.Roster, slog.New(slog.NewTextHandler(&log, nil)))
	src := source.Embedded(files, slog.New(slog.DiscardHandler))
	look := func(want ...string) {
		t.Helper()
		log.Reset()
		if err := src.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		x.look(src.Current())
		if n := strings.Count(log.String(), "\n"); n != len(want) {
			t.Errorf("%d lines are logged, want %d:\n%s", n, len(want), log.String())
		}
		for _, part := range want {
			if !strings.Contains(log.String(), part) {
				t.Errorf("the log lacks %q:\n%s", part, log.String())
			}
		}
	}
	look()
	files["knowhow.yaml"] = index("elsewhere")
	look(`knowhow.yaml:2: the roster has no team \"elsewhere\"`)
	look()
	files["docs/disk-find.en.md"] = &fstest.MapFile{Data: []byte(strings.Replace(string(doc), "owner: ", "owner: x-", 1))}
	look("docs/disk-find.en.md:3:", "knowhow.yaml:2:")
}
