package source_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/source"
)

var update = flag.Bool("update", false, "write what bodies become beside them; read it before you keep it")

// wantGolden holds what each body in a folder becomes against what stands
// beside it, in Tebiki's own format. A body that becomes nothing has [].
func wantGolden(t *testing.T, folder string, parse func([]byte) ([]source.Alert, error)) {
	t.Helper()
	bodies, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if err != nil || len(bodies) == 0 {
		t.Fatalf("no bodies in %s: %v", folder, err)
	}
	for _, name := range bodies {
		t.Run(filepath.Base(name), func(t *testing.T) {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			alerts, err := parse(body)
			if err != nil {
				t.Fatal(err)
			}
			if len(alerts) > 0 {
				wantSound(t, alerts)
			}
			wantFile(t, strings.TrimSuffix(name, ".json")+".alerts", written(t, alerts))
		})
	}
}

// written gives alerts as a body that Parse takes.
func written(t *testing.T, alerts []source.Alert) []byte {
	t.Helper()
	list := []plainAlert{}
	for _, a := range alerts {
		status := ""
		if a.Resolved {
			status = "resolved"
		}
		list = append(list, plainAlert{a.Source, a.Key, a.Severity, a.Host, a.Service, a.Check, a.Summary, a.Labels, a.Link, status, a.At})
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(list); err != nil {
		t.Fatal(err)
	}
	if len(list) > 0 {
		if _, err := source.Parse(out.Bytes()); err != nil {
			t.Errorf("Tebiki's own format cannot say it: %v", err)
		}
	}
	return out.Bytes()
}

func wantFile(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
