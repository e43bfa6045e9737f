package mirror

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"tebiki/knowhow/source/address"
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

func BenchmarkLastChanges(b *testing.B) {
	r := large(b, 10_000, 5_000)
	a, err := address.Parse(r.URL())
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	m, err := New(Options{Address: a, Branch: "main", Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	if err := m.Fetch(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			m.changes = changes{Version: changesVersion, Folder: "ops/docs"}
			v, err := m.Open()
			if err != nil {
				b.Fatal(err)
			}
			last, err := v.LastChanges(b.Context(), m.state.Head, "ops/docs")
			if err != nil || len(last) != 10_000 {
				b.Fatal(len(last), err)
			}
			v.Close()
		}
	})
}
