package knowhow

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const sampleFolder = "../bot/sample/workspace/knowhow"

func loadSample(t testing.TB) *Base {
	t.Helper()
	base, err := Load(os.DirFS(sampleFolder))
	if err != nil {
		t.Fatalf("the sample has faults:\n%v", err)
	}
	return base
}

func TestSample(t *testing.T) {
	base := loadSample(t)
	if w := base.Warnings(); len(w) > 0 {
		t.Errorf("the sample has warnings:\n%v", w)
	}
	if n := len(base.Components()); n != 8 {
		t.Errorf("the sample has %d components, want 8", n)
	}
	for _, e := range base.Components() {
		if n := len(e.Subtickets); n < 2 || n > 3 {
			t.Errorf("%s has %d sub-tickets, want 2 or 3", e.Name, n)
		}
		for _, s := range e.Subtickets {
			for _, lang := range []string{Japanese, English} {
				if d, ok := base.Doc(s.Doc, lang); !ok || d.Lang != lang || d.Special == "" || d.Checks == "" {
					t.Errorf("%s: document %s is not complete in %s", e.Name, s.Doc, lang)
				}
			}
		}
	}
	people := []string{"tanaka", "sato", "suzuki", "smith", "garcia", "lee"}
	teams := []string{"infra-jp", "platform-en"}
	faults := base.CheckRoster(
		func(id string) bool { return slices.Contains(people, id) },
		func(id string) bool { return slices.Contains(teams, id) })
	if len(faults) > 0 {
		t.Errorf("the sample names strangers:\n%v", faults)
	}
}

// small is a base with one of everything.
func small() map[string]string {
	return map[string]string{
		"knowhow.yaml": `components:
  - name: disk
    aliases: [ディスク]
    team: infra
    request_type: incident
    alerts: [{check: "disk*"}]
    subtickets: [{title: {ja: 空きを作る, en: Free some}, document: free, checks: [df]}]
checks:
  df:
    run: [df, -h, "{path}"]
    params: {path: {from: host, pattern: "[a-z/]+", default: /}}
`,
		"docs/free.en.md": "---\ntitle: Free\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\n- [ ] a\n\n```\n## not a heading\n```\n## Procedure ##\n\n1. b\n\n### More\n\nc\n",
	}
}

func TestDocument(t *testing.T) {
	base, err := Load(filesOf(small()))
	if err != nil {
		t.Fatal(err)
	}
	d, ok := base.Doc("free", Japanese)
	if !ok || d.Lang != English {
		t.Fatalf("asked for Japanese, got %+v, %v; want the English document", d, ok)
	}
	if want := "- [ ] a\n\n```\n## not a heading\n```"; d.TODO != want {
		t.Errorf("TODO is %q, want %q", d.TODO, want)
	}
	if want := "1. b\n\n### More\n\nc"; d.Procedure != want {
		t.Errorf("Procedure is %q, want %q", d.Procedure, want)
	}
	if d.Title != "Free" || d.Owner != "sato" || d.Source != "docs/free.en.md" || d.Reviewed.Format(time.DateOnly) != "2026-04-01" {
		t.Errorf("front matter is %+v", d)
	}
	if c := base.Checks()[0]; c.Where != Bot || c.Timeout != 10*time.Second {
		t.Errorf("the defaults of a check are %q and %v", c.Where, c.Timeout)
	}
}

// TestLineEnds: a file from another system reads the same, faults included.
func TestLineEnds(t *testing.T) {
	files := small()
	for name, text := range files {
		files[name] = "\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n")
	}
	base, err := Load(filesOf(files))
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := base.Doc("free", English); strings.Contains(d.Procedure, "\r") {
		t.Errorf("Procedure holds a carriage return: %q", d.Procedure)
	}
}

func TestWarnings(t *testing.T) {
	files := small()
	files["docs/lonely.en.md"] = files["docs/free.en.md"]
	files["knowhow.yaml"] += "  lonely: {run: [date]}\n"
	base, err := Load(filesOf(files))
	if err != nil {
		t.Fatal(err)
	}
	want := `docs/lonely.en.md:1: no sub-ticket and no other document refers to the document "lonely"; refer to it or remove it
knowhow.yaml:12: no sub-ticket uses the check "lonely"; use it or remove it`
	if got := base.Warnings().Error(); got != want {
		t.Errorf("warnings are\n%s\nwant\n%s", got, want)
	}
	files["docs/lonely.en.md"] += "See [itself](lonely.en.md).\n"
	files["docs/free.en.md"] += "See [more](./lonely.en.md#x).\n"
	if base, err = Load(filesOf(files)); err != nil || len(base.Warnings()) != 1 {
		t.Errorf("with a link to the document: %v, %v", base.Warnings(), err)
	}
}

func TestNoText(t *testing.T) {
	tests := []struct {
		name string
		file *fstest.MapFile
		want string
	}{
		{"not UTF-8", &fstest.MapFile{Data: []byte("a: b\nc: \x83\x65\n")}, "knowhow.yaml:2: this line is not UTF-8; save the file as UTF-8"},
		{"NUL", &fstest.MapFile{Data: []byte("a: b\x00\n")}, "knowhow.yaml:1: this line holds the control character U+0000; remove it"},
		{"too large", &fstest.MapFile{Data: []byte(strings.Repeat("#", maxIndex+1))}, "knowhow.yaml:1: the file is larger than 16384 KiB; split it or remove what is no know-how"},
		{"a pipe", &fstest.MapFile{Mode: os.ModeNamedPipe}, "knowhow.yaml:1: this is no regular file; put the text itself here"},
		{"deep", &fstest.MapFile{Data: []byte(strings.Repeat("[", 100_000))}, "knowhow.yaml:1: this is not YAML"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"knowhow.yaml": tt.file})
			var faults Faults
			if !errors.As(err, &faults) || len(faults) != 1 || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestDigest(t *testing.T) {
	first, err := Load(filesOf(small()))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Load(filesOf(small()))
	files := small()
	files["docs/free.en.md"] += "d\n"
	other, err := Load(filesOf(files))
	if err != nil {
		t.Fatal(err)
	}
	if first.Digest() != again.Digest() || first.Digest() == other.Digest() || len(first.Digest()) != 12 {
		t.Errorf("digests are %s, %s and, after a change, %s", first.Digest(), again.Digest(), other.Digest())
	}
}

func TestWithChanges(t *testing.T) {
	base, err := Load(filesOf(small()))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	changed := base.WithChanges(func(path string) Change { return Change{At: at, Author: "sato", Link: "/x/" + path} })
	d, _ := changed.Doc("free", English)
	if d.Changed != (Change{At: at, Author: "sato", Link: "/x/docs/free.en.md"}) {
		t.Errorf("changed is %+v", d.Changed)
	}
	if d, _ := base.Doc("free", English); d.Changed != (Change{}) {
		t.Errorf("the base itself was changed: %+v", d.Changed)
	}
}
