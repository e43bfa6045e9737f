package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"tebiki/knowhow"
)

const (
	index = `components:
  - name: disk
    request_type: incident
    subtickets: [{title: Free some, document: free}]
`
	document = "---\ntitle: Free\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\na\n## Procedure\nb\n"
)

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func write(t *testing.T, dir, file, text string) {
	t.Helper()
	path := filepath.Join(dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func goodFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "knowhow.yaml", index)
	write(t, dir, "docs/free.en.md", document)
	return dir
}

func TestFolder(t *testing.T) {
	dir := goodFolder(t)
	written := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "docs/free.en.md"), written, written); err != nil {
		t.Fatal(err)
	}
	s := Folder(dir, silent())
	if now := s.Current(); now.ID != "" || now.Base == nil || len(now.Base.Components()) != 0 {
		t.Errorf("before the first load there is %+v", now)
	}
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := s.Current()
	if now.ID == "" || now.Loaded.IsZero() || now.Fault != nil {
		t.Errorf("snapshot is %+v", now)
	}
	d, ok := now.Base.Doc("free", knowhow.English)
	if !ok || !d.Changed.At.Equal(written) || d.Changed.Link != filepath.Join(dir, "docs", "free.en.md") || d.Changed.Author != "" {
		t.Errorf("the document's change is %+v", d)
	}
}

func TestLastGoodStays(t *testing.T) {
	dir := goodFolder(t)
	s := Folder(dir, silent())
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	good := s.Current()

	write(t, dir, "knowhow.yaml", index+"    typo: x\n")
	err := s.Reload(t.Context())
	var faults knowhow.Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Line != 5 {
		t.Fatalf("the faults are %v", err)
	}
	now := s.Current()
	if now.ID != good.ID || now.Base != good.Base || now.Loaded != good.Loaded || now.Fault == nil {
		t.Errorf("after a bad edit the snapshot is %+v, want %+v with its fault", now, good)
	}
	if good.Fault != nil {
		t.Error("a snapshot that was handed out has changed")
	}

	write(t, dir, "knowhow.yaml", index)
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := s.Current(); now.Fault != nil || now.ID != good.ID || now.Loaded != good.Loaded {
		t.Errorf("after the correction the snapshot is %+v", now)
	}
}

func TestNoFolder(t *testing.T) {
	s := Folder(filepath.Join(t.TempDir(), "nowhere"), silent())
	err := s.Reload(t.Context())
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "make it, or correct its path") {
		t.Errorf("the error is %v", err)
	}
	if s.Current().Fault == nil || s.Current().Base == nil {
		t.Errorf("snapshot is %+v", s.Current())
	}
}

// TestLinkOutOfFolder: who may write know-how must not read the bot's host.
func TestLinkOutOfFolder(t *testing.T) {
	dir := goodFolder(t)
	outside := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(outside, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "docs", "secret.en.md")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	err := Folder(dir, silent()).Reload(t.Context())
	if err == nil || !strings.Contains(err.Error(), "docs/secret.en.md:1: ") {
		t.Errorf("a link to the outside gave %v", err)
	}
}

func TestEmbedded(t *testing.T) {
	files := fstest.MapFS{
		"knowhow.yaml":    {Data: []byte(index)},
		"docs/free.en.md": {Data: []byte(document)},
	}
	s := Embedded(files, silent())
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, ok := s.Current().Base.Doc("free", knowhow.English); !ok || d.Changed != (knowhow.Change{}) {
		t.Errorf("an embedded document says it was changed: %+v", d)
	}
}

// live holds files that change while they are read, and counts how often
// they were read for parsing.
type live struct {
	mu    sync.Mutex
	files fstest.MapFS
	reads int
}

func (l *live) Open(name string) (fs.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if name == "knowhow.yaml" {
		l.reads++
	}
	return l.files.Open(name)
}

func (l *live) Stat(name string) (fs.FileInfo, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.files.Stat(name)
}

func (l *live) write(name, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files[name] = &fstest.MapFile{Data: []byte(text)}
}

func (l *live) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &live{files: make(fstest.MapFS)}
		files.write("knowhow.yaml", index)
		files.write("docs/free.en.md", document)
		var log bytes.Buffer
		s := Embedded(files, slog.New(slog.NewTextHandler(&log, nil)))
		if err := s.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := s.Current()
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { s.Run(ctx, time.Minute) })
		later := func(d time.Duration) {
			time.Sleep(d) // the bubble's time
			synctest.Wait()
		}

		files.write(".git/HEAD", "ref")
		later(10*time.Minute + time.Second)
		if files.count() != 1 || s.Current() != first {
			t.Errorf("without a change the files were read %d times", files.count())
		}

		files.write("knowhow.yaml", "x: y\n")
		later(5 * time.Minute)
		if now := s.Current(); now.ID != first.ID || now.Fault == nil || files.count() != 2 {
			t.Errorf("after a bad edit: %+v, files read %d times, want 2", now, files.count())
		}

		files.write("knowhow.yaml", index+"    team: infra\n")
		later(time.Minute)
		if now := s.Current(); now.ID == first.ID || now.Fault != nil || !now.Loaded.After(first.Loaded) {
			t.Errorf("after the correction: %+v", now)
		}
		stop()
		done.Wait()
		if n := strings.Count(log.String(), "does not load"); n != 1 {
			t.Errorf("a fault that stayed was logged %d times:\n%s", n, log.String())
		}
	})
}

// TestWokenOften: whoever wakes it again and again has it look no more often
// than it may, and what came last is seen.
func TestWokenOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &live{files: make(fstest.MapFS)}
		files.write("knowhow.yaml", index)
		files.write("docs/free.en.md", document)
		s := Embedded(files, silent())
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { s.Run(ctx, time.Hour) })
		for i := range 1000 {
			files.write("knowhow.yaml", index+fmt.Sprintf("    team: infra%d\n#%*d\n", i, i, 0)) // of another size each time
			s.Wake()
			time.Sleep(10 * time.Millisecond) // the bubble's time
		}
		time.Sleep(5 * time.Second)
		if n := files.count(); n < 5 || n > 7 {
			t.Errorf("in ten seconds it has looked %d times, want every 2 s", n)
		}
		if e, ok := s.Current().Base.Entry("disk"); !ok || e.Team != "infra999" {
			t.Errorf("what came last is not seen: %+v", e)
		}
		stop()
		done.Wait()
	})
}

func TestReloadAfterCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := Folder(goodFolder(t), silent())
	if err := s.Reload(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestReadersWhileReloading(t *testing.T) {
	dir := goodFolder(t)
	s := Folder(dir, silent())
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				if _, ok := s.Current().Base.Entry("disk"); !ok {
					t.Error("a reader found no entry")
				}
			}
		})
	}
	all.Go(func() {
		for range 20 {
			if err := s.Reload(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
}
