package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/knowhow/source"
)

// shelf writes know-how of one component and gives its folder.
func shelf(t *testing.T, dir, word string) {
	t.Helper()
	index := fmt.Sprintf("components:\n  - {name: %s, request_type: x, subtickets: [{title: %[1]s, document: doc}]}\n", word)
	doc := fmt.Sprintf("---\ntitle: About the %s\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\na\n## Procedure\nb\n", word)
	if err := os.MkdirAll(filepath.Join(dir, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"knowhow.yaml": index, "docs/doc.en.md": doc} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The index is there before anybody asks, and again after each change.
func TestIndexFollows(t *testing.T) {
	dir := t.TempDir()
	shelf(t, dir, "tape")
	synctest.Test(t, func(t *testing.T) {
		src := source.Folder(dir, slog.New(slog.DiscardHandler))
		l := newLibrary(src)
		if err := src.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); l.follow(ctx, knowHowEvery, func(*source.Snapshot) error { return nil }) }()
		synctest.Wait()
		if l.made.Load() == nil {
			t.Error("nothing was asked yet, and there is no index")
		}
		before := l.index()
		shelf(t, dir, "zebra")
		time.Sleep(2 * knowHowEvery)
		if l.index() == before || len(l.Search("zebra", "en", 1)) != 1 || len(l.ForText("a zebra is on the loose", 1)) != 1 {
			t.Error("the know-how has changed and the index has not")
		}
		stop()
		<-ended
	})
}

// Who asks while a new index is made is answered from the one before.
func TestNobodyWaitsForAnIndex(t *testing.T) {
	dir := t.TempDir()
	shelf(t, dir, "tape")
	src := source.Folder(dir, slog.New(slog.DiscardHandler))
	l := newLibrary(src)
	if err := src.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if hits := l.Search("tape", "en", 1); len(hits) != 1 {
		t.Fatalf("the first question finds %+v", hits)
	}
	shelf(t, dir, "zebra")
	if err := src.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.making.Lock() // as whoever makes the next
	defer l.making.Unlock()
	if hits := l.Search("tape", "en", 1); len(hits) != 1 {
		t.Errorf("while an index is made a question finds %+v", hits)
	}
}
