package mirror

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tebiki/knowhow/source/address"
	"tebiki/knowhow/source/gittest"
)

// A world is a repository and the bot's copy of it.
type world struct {
	*testing.T
	repo    *gittest.Repo
	options Options
	mirror  *Mirror
}

// newWorld copies from url, or from the repository's folder if that is "".
func newWorld(t *testing.T, repo *gittest.Repo, url string, change func(*Options)) *world {
	t.Helper()
	if url == "" {
		url = repo.URL()
	}
	w := &world{T: t, repo: repo, options: Options{Address: parsed(t, url), Branch: "main", Dir: filepath.Join(t.TempDir(), "cache")}}
	if change != nil {
		change(&w.options)
	}
	w.restart()
	return w
}

func parsed(t testing.TB, url string) address.Address {
	t.Helper()
	a, err := address.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// restart forgets all but the folder.
func (w *world) restart() {
	w.Helper()
	m, err := New(w.options)
	if err != nil {
		w.Fatal(err)
	}
	w.mirror = m
}

func (w *world) fetch() {
	w.Helper()
	if err := w.mirror.Fetch(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// fails fetches, and wants an error with all words, and none of the secrets.
func (w *world) fails(words ...string) error {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	defer cancel()
	err := w.mirror.Fetch(ctx)
	if err == nil {
		w.Fatalf("the fetch worked, want an error with %q", words)
	}
	for _, word := range append(words, w.options.Address.String()) {
		if !strings.Contains(err.Error(), word) {
			w.Errorf("the error is %q, want %q in it", err, word)
		}
	}
	if strings.Contains(err.Error(), token) {
		w.Errorf("the error shows a secret: %v", err)
	}
	return err
}

func (w *world) view() *View {
	w.Helper()
	v, err := w.mirror.Open()
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = v.Close() })
	return v
}

// has wants the commit to be the newest, with a file of this text.
func (w *world) has(hash, file, text string) {
	w.Helper()
	v := w.view()
	head, err := v.Head()
	if err != nil || head.Hash != hash {
		w.Fatalf("the newest commit is %+v, %v, want %s", head, err, hash)
	}
	files, err := v.Files(hash, "")
	if err != nil {
		w.Fatal(err)
	}
	if got, err := fs.ReadFile(files, file); err != nil || string(got) != text {
		w.Errorf("%s is %q, %v, want %q", file, got, err, text)
	}
}

// tidy wants no more in the folder than what the package says.
func (w *world) tidy() {
	w.Helper()
	err := filepath.WalkDir(w.options.Dir, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil || d.IsDir() && name != newDir:
			return err
		case name == stateFile, name == changesFile, strings.HasPrefix(name, "pack-") && (strings.HasSuffix(name, ".pack") || strings.HasSuffix(name, ".idx")):
			return nil
		}
		w.Errorf("%s was left behind", path)
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		w.Error(err)
	}
}

const token = "t0ken-of-the-bot"

func secret(s string) func() string { return func() string { return s } }
