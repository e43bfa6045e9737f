package sounds

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters"
)

func open(t *testing.T) Folder {
	t.Helper()
	f, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// Asterisk is another user: it must be able to read all that is written.
func TestWrite(t *testing.T) {
	f := open(t)
	const name = "tebiki/fixed/en/hello"
	for _, text := range []string{"one", "two"} {
		if err := f.Write(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(f.Path(name)); err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if got := mode(t, f.Path(name)); got != 0o644 {
		t.Errorf("the file has mode %o", got)
	}
	for dir := filepath.Dir(f.Path(name)); dir != filepath.Dir(f.Dir()); dir = filepath.Dir(dir) {
		if got := mode(t, dir); got != 0o755 {
			t.Errorf("%s has mode %o", dir, got)
		}
	}
	if !strings.HasSuffix(f.Path(name), "/tebiki/fixed/en/hello.wav") || Media(name) != "sound:tebiki/fixed/en/hello" {
		t.Errorf("the path is %s, the media %s", f.Path(name), Media(name))
	}
}

// Whoever reads while others write sees one of the files, whole.
func TestWriteIsAtomic(t *testing.T) {
	f := open(t)
	texts := [][]byte{bytes.Repeat([]byte("a"), 1<<16), bytes.Repeat([]byte("b"), 1<<15)}
	if err := f.Write("tebiki/x", texts[0]); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for i := range 2 {
		writers.Go(func() {
			for n := range 10 {
				if err := f.Write("tebiki/x", texts[(i+n)%2]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 200 {
		if got, err := os.ReadFile(f.Path("tebiki/x")); err != nil || !bytes.Equal(got, texts[0]) && !bytes.Equal(got, texts[1]) {
			t.Fatalf("read %d bytes, %v", len(got), err)
		}
	}
	writers.Wait()
	if left, _ := filepath.Glob(f.Dir() + "/.*"); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

func TestKeepWritesWhatDiffers(t *testing.T) {
	f := open(t)
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	for _, c := range []struct {
		text    string
		written bool
	}{{"one", true}, {"one", false}, {"two", true}} {
		if err := f.Keep("tebiki/x", []byte(c.text)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(f.Path("tebiki/x"))
		if err != nil {
			t.Fatal(err)
		}
		if written := !info.ModTime().Equal(old); written != c.written {
			t.Errorf("%q: written is %v", c.text, written)
		}
		if err := os.Chtimes(f.Path("tebiki/x"), old, old); err != nil {
			t.Fatal(err)
		}
	}
}

// A folder that is in the way of a sound shows a failure that even the
// super-user has: nothing is left of what was begun.
func TestWriteFails(t *testing.T) {
	f := open(t)
	if err := os.Mkdir(f.Path("tebiki/x"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := f.Write("tebiki/x", []byte("one"))
	var e *adapters.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "write the sound tebiki/x") {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(f.Dir() + "/.*"); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]adapters.Code{
		"sounds": adapters.Refused, "": adapters.Refused, file: adapters.Refused, file + "-not": adapters.NotFound,
	} {
		if _, err := Open(dir); err == nil || adapters.CodeOf(err) != want {
			t.Errorf("%q: %v, want %v", dir, err, want)
		}
	}
}

func TestFailureSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err  error
		code adapters.Code
		do   string
	}{
		{fmt.Errorf("x: %w", os.ErrPermission), adapters.Denied, "let this process's user write there"},
		{os.ErrNotExist, adapters.NotFound, "name the folder"},
		{errors.New("no space left on device"), adapters.Unavailable, "no space left"},
	} {
		got := failure("write", c.err)
		if adapters.CodeOf(got) != c.code || !errors.Is(got, c.err) || !strings.Contains(got.Error(), c.do) {
			t.Errorf("%v became %v", c.err, got)
		}
	}
}
