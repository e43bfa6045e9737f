package mirror

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tebiki/knowhow/source/gittest"
)

func (w *world) files(folder string) fs.FS {
	w.Helper()
	v := w.view()
	head, err := v.Head()
	if err != nil {
		w.Fatal(err)
	}
	files, err := v.Files(head.Hash, folder)
	if err != nil {
		w.Fatal(err)
	}
	return files
}

func TestFiles(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{
		"README.md": "x", "ops/knowhow.yaml": "components: []\n", "ops/docs/a.en.md": "a", "ops/docs/日本.ja.md": "日", "ops/docs/deep/x": "", "ops-2/z": "z",
	})
	w := newWorld(t, repo, "", nil)
	w.fetch()
	if err := fstest.TestFS(w.files("/ops/"), "knowhow.yaml", "docs/a.en.md", "docs/日本.ja.md", "docs/deep/x"); err != nil {
		t.Error(err)
	}
	if err := fstest.TestFS(w.files(""), "README.md", "ops/docs/a.en.md"); err != nil {
		t.Error(err)
	}
	info, err := fs.Stat(w.files("ops"), "docs/a.en.md")
	if err != nil || info.Size() != 1 || !info.ModTime().Equal(time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("the file is %+v, %v", info, err)
	}
	for _, folder := range []string{"nowhere", "README.md", "ops/docs/a.en.md", "../etc", "ops/nowhere"} {
		v := w.view()
		if _, err := v.Files(repo.Head(), folder); err == nil || !strings.Contains(err.Error(), "has no folder") || v.Damage() != nil {
			t.Errorf("the folder %s gives %v", folder, err)
		}
	}
}

// TestLinksAndSubmodules: what leads out of the tree is shown as what it is,
// and never followed.
func TestLinksAndSubmodules(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{"docs/a.en.md": "a", "knowhow.yaml": "x"})
	for name, to := range map[string]string{"docs/out.en.md": "/etc/passwd", "docs/up.en.md": "../knowhow.yaml", "linked": "docs"} {
		if err := os.Symlink(to, repo.Path(name)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	repo.CommitAll("links")
	repo.Git("update-index", "--add", "--cacheinfo", "160000,"+repo.Head()+",docs/module.en.md")
	repo.Git("commit", "-q", "-m", "a submodule")
	w := newWorld(t, repo, "", nil)
	w.fetch()
	files := w.files("")
	for name, mode := range map[string]fs.FileMode{
		"docs/out.en.md": fs.ModeSymlink, "docs/up.en.md": fs.ModeSymlink, "linked": fs.ModeSymlink, "docs/module.en.md": fs.ModeIrregular,
	} {
		info, err := fs.Stat(files, name)
		if err != nil || info.Mode().Type() != mode {
			t.Errorf("%s is %v, %v, want %v", name, info, err, mode)
		}
		if data, err := fs.ReadFile(files, name); err == nil {
			t.Errorf("%s can be read: %q", name, data)
		}
	}
	if _, err := fs.ReadDir(files, "linked"); err == nil {
		t.Error("a link to a folder was followed")
	}
	if _, err := w.view().Files(repo.Head(), "linked"); err == nil {
		t.Error("a link was taken for the folder")
	}
}

// rawTree makes a tree that git itself would refuse to make.
func rawTree(repo *gittest.Repo, entries ...string) (tree string) {
	var raw strings.Builder
	for i := 0; i < len(entries); i += 3 {
		hash := entries[i+2]
		raw.WriteString(entries[i] + " " + entries[i+1] + "\x00")
		for j := 0; j < len(hash); j += 2 {
			var b byte
			_, _ = fmt.Sscanf(hash[j:j+2], "%02x", &b)
			raw.WriteByte(b)
		}
	}
	return repo.Object("tree", raw.String())
}

// TestNames: a tree may hold names that lead elsewhere on a disk.
func TestNames(t *testing.T) {
	repo := gittest.New(t)
	blob := repo.Object("blob", "text")
	docs := rawTree(repo, "100644", "..", blob, "100644", ".", blob, "100644", "../up.en.md", blob, "100644", `a\b.en.md`, blob,
		"100644", "good.en.md", blob, "100644", "good.en.md", blob, "100664", "old.en.md", blob, "100755", "run.en.md", blob, "100644", "z\xff.md", blob)
	root := rawTree(repo, "40000", "docs", docs, "40000", "..", docs)
	repo.Git("update-ref", "refs/heads/main", repo.Git("commit-tree", "-m", "x", root))
	w := newWorld(t, repo, "", nil)
	w.fetch()
	entries, err := fs.ReadDir(w.files(""), "docs")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "good.en.md old.en.md run.en.md" {
		t.Errorf("the names are %q", got)
	}
	for name, want := range map[string]bool{"docs/good.en.md": true, "docs/old.en.md": true, "docs/run.en.md": true, "docs/../x": false, "../docs/good.en.md": false, "/docs": false} {
		if data, err := fs.ReadFile(w.files(""), name); (err == nil) != want {
			t.Errorf("%s is %q, %v", name, data, err)
		}
	}
}

func TestBrokenTree(t *testing.T) {
	for _, raw := range []string{"100644", "100644 a", "100644 a\x00short", "9 a\x00" + strings.Repeat("x", 20), " a\x00" + strings.Repeat("x", 20), "a\x00 b" + strings.Repeat("x", 20)} {
		if e, _, err := cutEntry([]byte(raw)); err == nil {
			t.Errorf("%q is read as %+v", raw, e)
		}
	}
}

// TestCommit: what an author says of himself may be anything.
func TestCommit(t *testing.T) {
	repo := gittest.New(t)
	tree := rawTree(repo)
	long := strings.Repeat("長", 500)
	hash := repo.Object("commit", "tree "+tree+"\nauthor \x1b[31m\u202eEvil\tName\xff <a@b> 1775034000 +0900\ncommitter C <c@d> 1775037600 +0000\n\n"+"fix \x07it\r: "+long+"\n\nbody\n")
	repo.Git("update-ref", "refs/heads/main", hash)
	w := newWorld(t, repo, "", nil)
	w.fetch()
	c, err := w.view().Head()
	if err != nil {
		t.Fatal(err)
	}
	if c.Hash != hash || c.Author != "[31mEvil Name\uFFFD" || c.Mail != "a@b" || !c.At.Equal(time.Unix(1775037600, 0)) {
		t.Errorf("the commit is %+q", c)
	}
	if subject := []rune(c.Subject); len(subject) != 200 || !strings.HasPrefix(c.Subject, "fix it : 長長") || !strings.HasSuffix(c.Subject, "長…") {
		t.Errorf("the subject is %q", c.Subject)
	}
}
