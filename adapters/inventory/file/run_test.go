package file_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"tebiki/adapters/inventory/file"
)

// TestRun changes a file that is watched: good, bad, gone and good again.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		fsys := fstest.MapFS{"i.csv": {Data: []byte("host\nold\n")}}
		f, err := file.Load(fsys, "i.csv")
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.NewTextHandler(&said, nil))
		for i, step := range []struct {
			text, host, says string
			faulty           bool
		}{
			{"host\nold\n", "old", "", false},
			{"host\nnew1\n", "new1", "inventory loaded", false},
			{"hots\nnew2\n", "new1", "does not load", true},
			{"", "new1", "does not load", true}, // gone
			{"host\nnew3\n", "new3", "inventory loaded", false},
		} {
			said.Reset()
			delete(fsys, "i.csv")
			if step.text != "" {
				fsys["i.csv"] = &fstest.MapFile{Data: []byte(step.text), ModTime: time.Unix(int64(i), 0)}
			}
			ctx, stop := context.WithTimeout(t.Context(), 3500*time.Millisecond)
			f.Run(ctx, time.Second, log)
			stop()
			if _, err := f.Server(t.Context(), step.host); err != nil || (f.Fault() != nil) != step.faulty {
				t.Errorf("%q: %v, fault %v", step.text, err, f.Fault())
			}
			if n := strings.Count(said.String(), "\n"); n > 1 || step.says != "" && n == 0 || !strings.Contains(said.String(), step.says) {
				t.Errorf("%q: it is logged:\n%s", step.text, said.String())
			}
		}
	})
}
