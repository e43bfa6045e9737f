package sounds

import (
	"os"
	"strings"
	"testing"
)

func TestFindings(t *testing.T) {
	f := open(t)
	if got := f.Findings(); len(got) != 0 {
		t.Errorf("of a good folder: %+v", got)
	}
	if left, err := os.ReadDir(f.Dir()); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := os.Chmod(f.Dir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := f.Findings(); len(got) != 1 || !strings.Contains(got[0].Fault, "0700") || !strings.Contains(got[0].Do, "chmod o+rx "+f.Dir()) {
		t.Errorf("of a closed folder: %+v", got)
	}
	if err := os.Mkdir(f.Path("tebiki/try"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := f.Findings(); len(got) != 1 || !strings.Contains(got[0].Fault, "write the sound") || !strings.Contains(got[0].Do, "install -d") {
		t.Errorf("of one that cannot be written: %+v", got)
	}
}
