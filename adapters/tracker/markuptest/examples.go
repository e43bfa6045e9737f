package markuptest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A Case is a text and what becomes of it.
type Case = struct {
	Name, In, Want string
}

// Renders tries what becomes of Markdown.
func Renders(t *testing.T, render func(string) string, cases []Case) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if got := render(c.In); got != c.Want {
				t.Errorf("%q\n got %q\nwant %q", c.In, got, c.Want)
			}
		})
	}
}

// A CutCase is markup that is cut, with the note "more".
type CutCase = struct {
	Name, In string
	Limit    int
	Want     string
}

// Cuts tries what is left of markup.
func (m Markup) Cuts(t *testing.T, cases []CutCase) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got := m.Cut(c.In, c.Limit, "more")
			if got != c.Want || m.Size(got) > c.Limit {
				t.Errorf("got %q (%d), want %q", got, m.Size(got), c.Want)
			}
		})
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// docs are know-how as it comes with Tebiki, from the folder of a package
// such as adapters/tracker/jira/wiki.
const docs = "../../../../bot/sample/workspace/knowhow/docs"

// golden holds documents against files, with testdata/all.md which has one of
// each construct.
func golden(t *testing.T, render func(string) string) {
	files, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil || len(files) < 10 {
		t.Fatalf("the documents of the sample: %d files, %v", len(files), err)
	}
	for _, file := range append(files, "testdata/all.md") {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		t.Run(name, func(t *testing.T) {
			hold(t, filepath.Join("testdata", name+".golden"), render(body(t, file))+"\n")
		})
	}
}

// body is a document without its front matter.
func body(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := string(b)
	if front, ok := strings.CutPrefix(s, "---\n"); ok {
		_, s, _ = strings.Cut(front, "\n---\n")
	}
	return s
}

func hold(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", file, d)
	}
}
