package mirror

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/knowhow/source/gittest"
)

// one finds the one file of a pattern in the copy.
func (w *world) one(pattern string) string {
	w.Helper()
	found, err := filepath.Glob(w.mirror.path(pattern))
	if err != nil || len(found) != 1 {
		w.Fatalf("there are %q of %s", found, pattern)
	}
	return found[0]
}

func (w *world) write(path, text string) {
	w.Helper()
	if err := errors.Join(os.RemoveAll(path), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		w.Fatal(err)
	}
}

// TestRestart: what a folder holds is used again if it is whole, and is
// fetched again if not. Nothing is fetched twice without need.
func TestRestart(t *testing.T) {
	repo, head := commits(t)
	for name, c := range map[string]struct {
		harm func(w *world)
		kept bool
	}{
		"whole": {func(*world) {}, true},
		"what a killed fetch leaves": {func(w *world) {
			w.write(w.mirror.path(repoDir, "objects", "pack", "incoming-1"), "PACK")
			w.write(w.mirror.path(repoDir, "objects", "pack", "pack-"+strings.Repeat("a", 40)+".pack"), "PACK")
			w.write(w.mirror.path(repoDir, "objects", "pack", "pack-"+strings.Repeat("b", 40)+".idx"), "x")
			w.write(w.mirror.path(repoDir, "objects", "pack", "pack-"+strings.Repeat("c", 40)+".idx.tmp"), "x")
			w.write(w.mirror.path(newDir), "x")
		}, true},
		"pack that ends early": {func(w *world) {
			if err := os.Truncate(w.one("repo/objects/pack/*.pack"), 200); err != nil {
				t.Fatal(err)
			}
		}, false},
		"a wrong byte":        {func(w *world) { w.flip(w.one("repo/objects/pack/*.pack")) }, false},
		"a wrong byte beside": {func(w *world) { w.flip(w.one("repo/objects/pack/*.idx")) }, false},
		"no index": {func(w *world) {
			if err := os.Remove(w.one("repo/objects/pack/*.idx")); err != nil {
				t.Fatal(err)
			}
		}, false},
		"no repository": {func(w *world) {
			if err := os.RemoveAll(w.mirror.path(repoDir)); err != nil {
				t.Fatal(err)
			}
		}, false},
		"a file in its place": {func(w *world) { w.write(w.mirror.path(repoDir), "x") }, false},
		"no state":            {func(w *world) { w.write(w.mirror.path(stateFile), "") }, false},
		"state cut off":       {func(w *world) { w.write(w.mirror.path(stateFile), `{"version":1,"rem`) }, false},
		"state of another version": {func(w *world) {
			w.write(w.mirror.path(stateFile), strings.Replace(w.read(stateFile), `"version":1`, `"version":2`, 1))
		}, false},
		"no such commit": {func(w *world) {
			w.write(w.mirror.path(stateFile), strings.Replace(w.read(stateFile), head, strings.Repeat("d", 40), 1))
		}, true},
		"another branch": {func(w *world) { w.options.Branch = "other" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			repo.Git("branch", "-f", "other", head)
			w := newWorld(t, repo, "", nil)
			w.fetch()
			pack := w.one("repo/objects/pack/*.pack")
			held := filepath.Join(t.TempDir(), "held") // so that no other file gets its number
			if err := os.Link(pack, held); err != nil {
				t.Fatal(err)
			}
			c.harm(w)
			w.restart()
			w.renewed()
			before, was := os.Stat(held)
			after, is := os.Stat(pack)
			if err := errors.Join(was, is); err != nil {
				t.Fatal(err)
			}
			if kept := os.SameFile(before, after); kept != c.kept {
				t.Errorf("the pack was kept: %v, want %v", kept, c.kept)
			}
			w.has(head, "a.md", "two")
			w.tidy()
		})
	}
}

// renewed fetches as package source does: what is damaged is thrown away.
func (w *world) renewed() {
	w.Helper()
	err := w.mirror.Fetch(w.Context())
	if err == nil {
		var v *View
		if v, err = w.mirror.Open(); err == nil {
			_, err = v.Head()
			_ = v.Close()
		}
	}
	if errors.Is(err, ErrDamaged) {
		err = errors.Join(w.mirror.Discard(), w.mirror.Fetch(w.Context()))
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.Helper()
	data, err := os.ReadFile(w.mirror.path(name))
	if err != nil {
		w.Fatal(err)
	}
	return string(data)
}

func (w *world) flip(path string) {
	w.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	data[len(data)/2] ^= 1
	w.write(path, string(data))
}

// TestDamageWhileOpen: a disk may lose what it had at the start.
func TestDamageWhileOpen(t *testing.T) {
	repo, head := commits(t)
	w := newWorld(t, repo, "", nil)
	w.fetch()
	v := w.view()
	files, err := v.Files(head, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(w.one("repo/objects/pack/*.pack")); err != nil {
		t.Fatal(err)
	}
	_ = v.Close()
	if _, err := fs.ReadFile(files, "b.md"); err == nil || !errors.Is(v.Damage(), ErrDamaged) {
		t.Errorf("the file is read with %v, the damage is %v", err, v.Damage())
	}
	w.renewed()
	w.has(head, "a.md", "two")
}

// TestAnew: the copy does not fall into more and more pieces.
func TestAnew(t *testing.T) {
	repo := gittest.New(t)
	w := newWorld(t, repo, "", nil)
	w.mirror.packs = 3
	good := repo.Commit("0", map[string]string{"a.md": "good"})
	w.fetch()
	if err := w.view().Keep(good); err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		text := strings.Repeat("x", i+1)
		head := repo.Commit(text, map[string]string{"a.md": text})
		w.fetch()
		w.has(head, "a.md", text)
		if n := packsIn(w.mirror.path(repoDir)); n > 3 {
			t.Errorf("there are %d packs", n)
		}
		if c, ok := w.view().Good(); !ok || c.Hash != good {
			t.Errorf("the good commit is %v, %v", c, ok)
		}
		w.tidy()
	}
	repo.Git("checkout", "-q", "--orphan", "fresh")
	head := repo.CommitAll("unrelated")
	repo.Git("branch", "-f", "main", head)
	w.mirror.packs = 1
	w.fetch()
	if c, ok := w.view().Good(); ok {
		t.Errorf("the good commit is %v, which is on no branch", c)
	}
}
