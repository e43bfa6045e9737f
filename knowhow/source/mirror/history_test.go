package mirror

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"tebiki/knowhow/source/gittest"
)

// like wants git's own answer for each file.
func (w *world) like(folder string) {
	w.Helper()
	head := w.repo.Git("rev-parse", "refs/heads/main")
	last, err := w.view().LastChanges(w.Context(), head, folder)
	if err != nil {
		w.Fatal(err)
	}
	n := 0
	for _, entry := range strings.Split(w.repo.Git("ls-tree", head+":"+folder), "\n") {
		meta, name, _ := strings.Cut(entry, "\t")
		if !strings.Contains(meta, " blob ") {
			continue
		}
		n++
		want := w.repo.Git("log", "-1", "--format=%H", head, "--", folder+"/"+name)
		if last[name].Hash != want {
			w.Errorf("%s was changed last by %.7s, git says %.7s", name, last[name].Hash, want)
		}
	}
	if n != len(last) || n == 0 {
		w.Errorf("there are %d files, and last changes of %d", n, len(last))
	}
}

func TestLastChanges(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{"docs/a": "1", "docs/b": "1", "docs/sub/x": "1", "other": "1"})
	changed := repo.Commit("a", map[string]string{"docs/a": "2"})
	repo.Commit("elsewhere", map[string]string{"other": "2", "docs/sub/x": "2"})
	w := newWorld(t, repo, "", nil)
	w.fetch()
	w.like("docs")
	last, err := w.view().LastChanges(t.Context(), repo.Head(), "docs")
	if c := last["a"]; err != nil || c.Hash != changed || c.Author != "Sato" || c.Mail != "sato@example.jp" || c.Subject != "a" || c.At.UTC().Hour() != 11 {
		t.Errorf("the change is %+v, %v", c, err)
	}
	repo.Commit("back", map[string]string{"docs/a": "1"})
	repo.Commit("gone", map[string]string{"docs/b": gittest.Gone})
	repo.Commit("again", map[string]string{"docs/b": "1", "docs/c": "1"})
	if err := os.Chmod(repo.Path("docs/c"), 0o755); err != nil {
		t.Fatal(err)
	}
	repo.CommitAll("mode")
	// A folder is ordered as if its name ended with "/".
	repo.Commit("folders", map[string]string{"docs/b": gittest.Gone, "docs/b.x": "1", "docs/b-x": "1", "docs/b0": "1"})
	repo.Commit("folder", map[string]string{"docs/b/deep": "1"})
	w.fetch()
	w.like("docs")
	w.restart()
	w.like("docs") // as it was noted
	repo.Commit("below", map[string]string{"docs/b/deep": "2"})
	w.fetch()
	w.like("docs")
	if last, err := w.view().LastChanges(t.Context(), repo.Head(), "nowhere"); err != nil || len(last) != 0 {
		t.Errorf("of no folder the changes are %v, %v", last, err)
	}
}

// TestLastChangesOfAnything compares with git on histories that branch and
// merge at random, as a whole and step by step.
func TestLastChangesOfAnything(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			repo := gittest.New(t)
			history := newHistory(seed)
			w := newWorld(t, repo, "", nil)
			for range 4 {
				repo.Import(history.grow(12))
				w.fetch()
				w.like("docs")
			}
			w.mirror.changes = changes{Version: changesVersion}
			w.like("docs")
		})
	}
}

// A history grows by commits that change some files, on top of one or two
// earlier ones. As there are few texts, it happens that both parents have the
// same.
type history struct {
	*rand.Rand
	trees  []map[string]int // of each commit
	stream bytes.Buffer
}

func newHistory(seed uint64) *history { return &history{Rand: rand.New(rand.NewPCG(seed, 7))} }

// grow gives the whole history, for marks are known within one stream only.
// What was sent before gets the names that it has.
func (h *history) grow(commits int) []byte {
	for range commits {
		n := len(h.trees)
		fmt.Fprintf(&h.stream, "commit refs/heads/main\nmark :%d\ncommitter A <a@b> %d +0000\ndata 1\nx\n", n+1, 1_700_000_000+60*n)
		parents := h.parents(n)
		for i, p := range parents {
			fmt.Fprintf(&h.stream, "%s :%d\n", []string{"from", "merge"}[i], p+1)
		}
		h.stream.WriteString("deleteall\n")
		tree := h.tree(parents)
		for name, text := range tree {
			fmt.Fprintf(&h.stream, "M 644 inline docs/%s\ndata 1\n%d\n", name, text)
		}
		h.trees = append(h.trees, tree)
	}
	return h.stream.Bytes()
}

func (h *history) parents(n int) []int {
	switch {
	case n == 0:
		return nil
	case n > 2 && h.IntN(3) == 0:
		return []int{n - 1, h.IntN(n - 1)}
	case n > 2 && h.IntN(4) == 0:
		return []int{n - 2}
	}
	return []int{n - 1}
}

// tree takes each file from one of the parents, and then changes some.
func (h *history) tree(parents []int) map[string]int {
	tree := map[string]int{"always": 0}
	for f := range 6 {
		name := fmt.Sprintf("f%d", f)
		if len(parents) > 0 {
			if text, ok := h.trees[parents[h.IntN(len(parents))]][name]; ok {
				tree[name] = text
			}
		}
		switch h.IntN(8) {
		case 0:
			tree[name] = h.IntN(3)
		case 1:
			delete(tree, name)
		}
	}
	return tree
}

// TestLastChangesEnds with the context, and loses nothing.
func TestLastChangesEnds(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{"docs/a": "1"})
	w := newWorld(t, repo, "", nil)
	w.fetch()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.view().LastChanges(ctx, repo.Head(), "docs"); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	w.write(w.mirror.path(changesFile), `{"version":1,"at":"`+repo.Head()+`","folder":"docs","last":{"a":"`+strings.Repeat("e", 40)+`"}}`)
	w.restart()
	if _, err := w.view().LastChanges(t.Context(), repo.Head(), "docs"); !errors.Is(err, ErrDamaged) {
		t.Errorf("a note of a commit that does not exist gives %v", err)
	}
	w.write(w.mirror.path(changesFile), `{"version":1,"at":`)
	w.restart()
	w.like("docs")
}
