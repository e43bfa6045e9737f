package wiki

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// docs are know-how as it comes with Tebiki.
const docs = "../../../../bot/sample/workspace/knowhow/docs"

func TestGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil || len(files) < 10 {
		t.Fatalf("the documents of the sample: %d files, %v", len(files), err)
	}
	files = append(files, "testdata/all.md")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		t.Run(name, func(t *testing.T) {
			golden(t, filepath.Join("testdata", name+".golden"), Render(body(t, file))+"\n")
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

func golden(t *testing.T, file, got string) {
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
