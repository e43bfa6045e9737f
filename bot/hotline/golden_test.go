package hotline

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/phone"
)

var update = flag.Bool("update", false, "write the golden files; read them aloud before you keep them")

// What each caller hears, in both languages, stands in files that people can
// read aloud.
func TestGolden(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(scripts)) {
			s := scripts[name]
			in(t, func(t *testing.T, w *world) {
				if lang == "en" {
					w.flow.Roster = inEnglish(t, w.flow.Roster)
				}
				w.raise(alert("db1", "disk /"))
				time.Sleep(3 * time.Minute)
				w.raise(alert("web1", "ping"))
				c := w.calls(&caller{number: s.number, keys: s.keys, talks: []phone.Outcome{phone.NotAnswered}})
				fmt.Fprintf(&b, "# %s: %q presses %q\n\n%s\n\n", name, s.number, s.keys, strings.Join(c.heard, "\n"))
			})
		}
		golden(t, "calls."+lang+".txt", b.String())
	}
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), text); d != "" {
		t.Errorf("%s (write it anew with -update, and read it):\n%s", path, d)
	}
}
