package recording

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"tebiki/adapters"
)

var (
	at  = time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	wav = "RIFF\x24\x00\x00\x00WAVEfmt " + strings.Repeat("voice", 100)
)

func folder(t *testing.T, l Limits) (*Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data", "recordings")
	f, err := Open(dir, l, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return f, dir
}

func keep(t *testing.T, f *Folder, at time.Time) string {
	t.Helper()
	id, err := f.Keep(t.Context(), strings.NewReader(wav), at)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestKeep(t *testing.T) {
	f, dir := folder(t, Limits{10, time.Hour})
	id := keep(t, f, at)
	r, when, err := f.Recording(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if string(got) != wav || err != nil || !when.Equal(at) {
		t.Errorf("kept %d bytes of %s, %v; want %d of %s", len(got), when, err, len(wav), at)
	}
	info, err := os.Stat(filepath.Join(dir, id+".wav"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

// What is not whole is not there.
func TestKeepFails(t *testing.T) {
	f, dir := folder(t, Limits{10, time.Hour})
	broken := errors.New("the line went dead")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx context.Context
		r   io.Reader
	}{
		"breaks":   {t.Context(), io.MultiReader(strings.NewReader(wav), iotest.ErrReader(broken))},
		"empty":    {t.Context(), strings.NewReader("")},
		"page":     {t.Context(), strings.NewReader("<html>not found</html>")},
		"endless":  {t.Context(), io.MultiReader(strings.NewReader(wav), zeros{})},
		"too late": {ended, strings.NewReader(wav)},
	} {
		if id, err := f.Keep(c.ctx, c.r, at); err == nil || id != "" || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %q, %v", name, id, err)
		}
		if got := files(t, dir); len(got) != 0 {
			t.Errorf("%s left %q", name, got)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Keep(t.Context(), strings.NewReader(wav), at); err == nil {
		t.Error("without a folder something was kept")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestHostileIDs(t *testing.T) {
	f, dir := folder(t, Limits{10, time.Hour})
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.wav"), []byte(wav), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "../secret", "%2e%2e/secret", "a\x00b", strings.Repeat("a", 1<<20), "20261125-030000-" + strings.Repeat("0", 32),
		"99999999-999999-" + strings.Repeat("f", 32), "20261125-030000-" + strings.Repeat("A", 32), "20261125-030000-" + strings.Repeat("a", 32) + "/../../secret"} {
		if r, _, err := f.Recording(t.Context(), id); adapters.CodeOf(err) != adapters.NotFound || r != nil {
			t.Errorf("%.50q: %v", id, err)
		}
	}
}

func TestBounds(t *testing.T) {
	f, dir := folder(t, Limits{3, time.Hour})
	foreign := filepath.Join(dir, "letter.wav")
	if err := os.WriteFile(foreign, []byte("ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range 5 {
		ids = append(ids, keep(t, f, at.Add(time.Duration(i)*time.Minute)))
	}
	expect(t, f, ids, false, false, true, true, true)
	f.prune(at.Add(time.Hour + 3*time.Minute + time.Second))
	expect(t, f, ids, false, false, false, false, true)
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file of others: %v", err)
	}
}

func expect(t *testing.T, f *Folder, ids []string, there ...bool) {
	t.Helper()
	for i, id := range ids {
		r, _, err := f.Recording(t.Context(), id)
		if err == nil {
			r.Close()
		}
		if (err == nil) != there[i] {
			t.Errorf("recording %d is there: %v, want %v", i, err == nil, there[i])
		}
	}
}

func TestAgeWithoutCalls(t *testing.T) {
	f, dir := folder(t, Limits{10, 24 * time.Hour})
	synctest.Test(t, func(t *testing.T) {
		keep(t, f, time.Now())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		time.Sleep(23 * time.Hour)
		synctest.Wait()
		if n := len(files(t, dir)); n != 1 {
			t.Errorf("%d files after 23 hours", n)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := len(files(t, dir)); n != 0 {
			t.Errorf("%d files after 25 hours", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAtOnce(t *testing.T) {
	f, dir := folder(t, Limits{4, time.Hour})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if _, err := f.Keep(context.Background(), bytes.NewReader([]byte(wav)), at.Add(time.Duration(i)*time.Second)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(files(t, dir)); n != 4 {
		t.Errorf("%d are left, want 4", n)
	}
}

// A crash leaves a part, which the next start takes out.
func TestLeftOver(t *testing.T) {
	f, dir := folder(t, Limits{10, time.Hour})
	id := keep(t, f, at)
	if err := os.WriteFile(filepath.Join(dir, "20261125-030000-x.wav.part"), []byte("RI"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Limits{10, time.Hour}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 || got[0] != id+".wav" {
		t.Errorf("there are %q", got)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Limits{}, nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file was taken for a folder: %v", err)
	}
}
