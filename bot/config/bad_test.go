package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what Load says beside the bad configurations; read it before you keep it")

// testEnv has a few secrets in it.
func testEnv(name string) (string, bool) {
	v, ok := map[string]string{"TEBIKI_PASSWORD": "hunter2", "EMPTY": "", "SLACK_BOT": "xoxb-hunter2", "SLACK_APP": "xapp-hunter2"}[name]
	return v, ok
}

func loadText(text string) (*Config, error) {
	fsys := fstest.MapFS{
		"etc/tebiki.yaml": {Data: []byte(text)},
		"etc/token.txt":   {Data: []byte("opensesame\n")},
		"etc/empty.txt":   {Data: []byte("\n")},
		"etc/lines.txt":   {Data: []byte("a\nb\n")},
		"etc/off.ics":     {Data: []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20000503\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:憲法記念日\r\nDESCRIPTION:祝日\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")},
		"etc/large.txt":   {Data: make([]byte, maxSecret+1)},
	}
	return Load(fsys, "etc/tebiki.yaml", testEnv)
}

// Each file in testdata/bad breaks one rule; beside it stands what is said.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bad configurations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) { testBad(t, file) })
	}
}

func testBad(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = loadText(string(text))
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Load gave %v, want Faults", err)
	}
	got := faults.Error() + "\n"
	golden := strings.TrimSuffix(file, ".yaml") + ".faults"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if strings.Contains(got, "hunter2") {
		t.Error("a fault tells the secret")
	}
}
