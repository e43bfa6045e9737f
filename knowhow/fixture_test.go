package knowhow

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// A fixture is a text file of files, each after a line "-- path --". What
// stands under "faults" is what Load must say of the others.
func readFixture(t testing.TB, file string) (fs.FS, string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	var name string
	for line := range strings.Lines(string(data)) {
		if after, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(line, " --\n") {
			name = strings.TrimSuffix(after, " --\n")
			files[name] = ""
			continue
		}
		files[name] += line
	}
	wanted := files["faults"]
	delete(files, "faults")
	return filesOf(files), wanted
}

func filesOf(files map[string]string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return fsys
}

// TestFaults reads one fixture for each rule, named for the rule.
func TestFaults(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/faults/*.txt")
	if err != nil || len(fixtures) < 50 {
		t.Fatalf("found %d fixtures, error %v", len(fixtures), err)
	}
	for _, file := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			fsys, wanted := readFixture(t, file)
			base, err := Load(fsys)
			if err == nil {
				t.Fatal("loaded, though it breaks the rule it is named for")
			}
			if base != nil {
				t.Error("there is a base beside the faults")
			}
			if diff := cmp.Diff(strings.TrimSpace(wanted), err.Error()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
