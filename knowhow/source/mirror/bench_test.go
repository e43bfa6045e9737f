package mirror

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"testing"

	"tebiki/knowhow/source/gittest"
)

// large imports a repository of so many documents, each written once, and
// then so many commits that change one each.
func large(t testing.TB, docs, commits int) *gittest.Repo {
	r := gittest.New(t)
	random := rand.New(rand.NewPCG(1, 2))
	var s bytes.Buffer
	commit := func(n int) {
		fmt.Fprintf(&s, "commit refs/heads/main\nauthor Sato <sato@example.jp> %d +0900\ncommitter Sato <sato@example.jp> %[1]d +0900\ndata 2\nx\n", 1_700_000_000+60*n)
	}
	put := func(doc int) {
		text := fmt.Sprintf("---\ntitle: Doc %d\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\n%x\n## Procedure\nb\n", doc, random.Uint64())
		fmt.Fprintf(&s, "M 100644 inline ops/docs/doc-%05d.en.md\ndata %d\n%s\n", doc, len(text), text)
	}
	commit(0)
	fmt.Fprintf(&s, "M 100644 inline ops/knowhow.yaml\ndata 16\ncomponents: []\n\n")
	for doc := range docs {
		put(doc)
	}
	for n := range commits - 1 {
		commit(n + 1)
		put(random.IntN(docs))
	}
	r.Import(s.Bytes())
	return r
}

// BenchmarkLastChanges is measured with 10,000 documents and 5,000 commits:
// whole with nothing remembered, next after one more commit, restart with what
// the process before has noted, and log as git itself would need it for one
// document.
func BenchmarkLastChanges(b *testing.B) {
	const docs = 10_000
	r := large(b, docs, 5_000)
	m, err := New(Options{Address: parsed(b, r.URL()), Branch: "main", Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("fetch", func(b *testing.B) {
		for b.Loop() {
			if err := errors.Join(m.Discard(), m.Fetch(b.Context())); err != nil {
				b.Fatal(err)
			}
		}
	})
	ask := func(b *testing.B, hash string) {
		v, err := m.Open()
		if err != nil {
			b.Fatal(err)
		}
		last, err := v.LastChanges(b.Context(), hash, "ops/docs")
		if err = errors.Join(err, v.Close()); err != nil || len(last) != docs {
			b.Fatal(len(last), err)
		}
	}
	before := r.Git("rev-parse", "main~1")
	for name, prepare := range map[string]func(*testing.B){
		"whole":   func(*testing.B) { m.changes = changes{Version: changesVersion, Folder: "ops/docs"} },
		"next":    func(b *testing.B) { ask(b, before) },
		"restart": func(b *testing.B) { ask(b, m.state.Head); m.changes = changes{} },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				prepare(b)
				b.StartTimer()
				ask(b, m.state.Head)
			}
		})
	}
	b.Run("log", func(b *testing.B) {
		for b.Loop() {
			r.Git("log", "-1", "--format=%H", "main", "--", "ops/docs/doc-00000.en.md")
		}
	})
}

// BenchmarkRead reads 10,000 documents of one commit, as a load of the
// know-how does.
func BenchmarkRead(b *testing.B) {
	r := large(b, 10_000, 100)
	m, err := New(Options{Address: parsed(b, r.URL()), Branch: "main", Dir: b.TempDir()})
	if err = errors.Join(err, m.Fetch(b.Context())); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		v, err := m.Open()
		if err != nil {
			b.Fatal(err)
		}
		files, err := v.Files(m.state.Head, "ops")
		if err != nil {
			b.Fatal(err)
		}
		names, err := fs.Glob(files, "docs/*.md")
		if err != nil || len(names) != 10_000 {
			b.Fatal(len(names), err)
		}
		for _, name := range names {
			if _, err := fs.ReadFile(files, name); err != nil {
				b.Fatal(err)
			}
		}
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
