package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/knowhow"
	"tebiki/knowhow/source/forge"
	"tebiki/knowhow/source/gittest"
)

const broken = index + "    typo: x\n"

// good is know-how of which the title of the document says the state.
func good(title string) map[string]string {
	return map[string]string{"ops/knowhow.yaml": index, "ops/docs/free.en.md": strings.Replace(document, "title: Free", "title: "+title, 1)}
}

var bad = map[string]string{"ops/knowhow.yaml": broken}

// A world is a repository and a source of it.
type world struct {
	*testing.T
	repo    *gittest.Repo
	options GitOptions
	log     *syncBuffer
	*Source
}

func newWorld(t *testing.T, change func(*gittest.Repo, *GitOptions)) *world {
	t.Helper()
	repo := gittest.New(t)
	w := &world{T: t, repo: repo, log: new(syncBuffer),
		options: GitOptions{URL: repo.URL(), Folder: "ops", Cache: filepath.Join(t.TempDir(), "cache"), Timeout: 20 * time.Second}}
	if change != nil {
		change(repo, &w.options)
	}
	w.restart()
	return w
}

// restart makes a new source, as a new process does.
func (w *world) restart() {
	w.Helper()
	s, err := Git(w.options, slog.New(slog.NewTextHandler(w.log, nil)))
	if err != nil {
		w.Fatal(err)
	}
	w.Source = s
}

// serves looks as Run does, and wants a document of this title, from this
// commit; "" wants nothing.
func (w *world) serves(title, commit string) *Snapshot {
	w.Helper()
	w.look(w.Context())
	now := w.Current()
	d, ok := now.Base.Doc("free", knowhow.English)
	switch {
	case title == "" && (ok || now.ID != "" || now.Commit != nil):
		w.Fatalf("there is know-how of %+v, want none; fault %v", now.Commit, now.Fault)
	case title != "" && (!ok || d.Title != title || now.ID == "" || now.Commit.hash() != commit):
		w.Fatalf("the document is %+v of %+v, want %q of %.7s; fault %v", d, now.Commit, title, commit, now.Fault)
	}
	return now
}

// blames wants a fault with all the words, that is the commit's or nobody's.
func (w *world) blames(now *Snapshot, commit string, words ...string) {
	w.Helper()
	if now.Fault == nil || now.Failed.hash() != commit {
		w.Fatalf("the fault is %v of %+v, want one of %.7s", now.Fault, now.Failed, commit)
	}
	for _, word := range words {
		if !strings.Contains(now.Fault.Error(), word) {
			w.Errorf("the fault is %q, want %q in it", now.Fault, word)
		}
	}
}

func (w *world) fine(now *Snapshot) {
	w.Helper()
	if now.Fault != nil || now.Away != nil || now.Failed != nil {
		w.Errorf("the fault is %v of %+v, away %v", now.Fault, now.Failed, now.Away)
	}
}

// hide takes the repository away, until the function it gives is called.
func (w *world) hide() func() {
	w.Helper()
	if err := os.Rename(w.repo.Dir, w.repo.Dir+".hidden"); err != nil {
		w.Fatal(err)
	}
	return func() {
		if err := os.Rename(w.repo.Dir+".hidden", w.repo.Dir); err != nil {
			w.Fatal(err)
		}
	}
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestGit(t *testing.T) {
	w := newWorld(t, func(_ *gittest.Repo, o *GitOptions) {
		o.Pages = forge.Pages{File: "https://git.example.jp/{branch}/{path}", History: "https://git.example.jp/log?c={commit}&p={path}", Commit: "https://git.example.jp/c/{commit}"}
	})
	w.blames(w.serves("", ""), "", "the repository is empty")
	if !w.Fetched().IsZero() {
		t.Error("it was fetched")
	}
	first := w.repo.Commit("first", good("One"))
	second := w.repo.Commit("Add a note\n\nbody", map[string]string{"note.txt": "x"})
	now := w.serves("One", second)
	w.fine(now)
	if w.Fetched().IsZero() {
		t.Error("it was not fetched")
	}
	want := Commit{Hash: second, Author: "Sato", Mail: "sato@example.jp", At: now.Commit.At, Subject: "Add a note", Link: "https://git.example.jp/c/" + second}
	if *now.Commit != want || !want.At.Equal(time.Date(2026, 4, 1, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("the commit is %+v, want %+v", *now.Commit, want)
	}
	d, _ := now.Base.Doc("free", knowhow.English)
	change := knowhow.Change{At: d.Changed.At, Author: "Sato", Commit: first, Link: "https://git.example.jp/main/ops/docs/free.en.md",
		History: "https://git.example.jp/log?c=" + second + "&p=ops%2Fdocs%2Ffree.en.md"}
	if d.Changed != change || !change.At.Equal(time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("the change is %+v, want %+v", d.Changed, change)
	}
	if again := w.serves("One", second); again != now {
		t.Error("without a change there is another snapshot")
	}
}

// TestGitFault: the author of what does not load can be told.
func TestGitFault(t *testing.T) {
	w := newWorld(t, nil)
	first := w.repo.Commit("first", good("One"))
	w.fine(w.serves("One", first))
	wrong := w.repo.Commit("Break it", bad)
	now := w.serves("One", first)
	w.blames(now, wrong, "knowhow.yaml:5: ")
	var faults knowhow.Faults
	if !errors.As(now.Fault, &faults) || faults[0].File != "knowhow.yaml" || faults[0].Line != 5 || now.Failed.Subject != "Break it" || now.Failed.Mail != "sato@example.jp" {
		t.Errorf("the fault is %v of %+v", now.Fault, now.Failed)
	}
	if again := w.serves("One", first); again != now {
		t.Error("a fault that stays makes another snapshot")
	}
	worse := w.repo.Commit("Break it more", map[string]string{"ops/docs/free.en.md": "x"})
	w.blames(w.serves("One", first), worse, "docs/free.en.md:1: ")
	w.repo.Commit("fix", good("Two"))
	w.fine(w.serves("Two", w.repo.Head()))
	if n := strings.Count(w.log.String(), "does not load"); n != 2 {
		t.Errorf("two faults are logged %d times:\n%s", n, w.log)
	}
}

// TestGitRestart: what is served after a restart is what was before, whatever
// is the matter with the repository.
func TestGitRestart(t *testing.T) {
	w := newWorld(t, nil)
	w.repo.Commit("first", good("One"))
	second := w.repo.Commit("second", good("Two"))
	w.fine(w.serves("Two", second))
	wrong := w.repo.Commit("wrong", bad)
	w.restart()
	w.blames(w.serves("Two", second), wrong, "knowhow.yaml:5: ")

	show := w.hide()
	w.restart()
	now := w.serves("Two", second)
	w.blames(now, wrong, "knowhow.yaml:5: ", "the server has no such repository")
	if now.Away == nil || w.Reload(t.Context()) == nil {
		t.Error("nothing says that the repository is away")
	}
	w.restart()
	if err := w.Reload(t.Context()); err == nil || w.Current().ID == "" {
		t.Errorf("reloading gives %v, and there is %+v", err, w.Current())
	}
	show()
	now = w.serves("Two", second)
	if now.Away != nil {
		t.Errorf("the repository is still away: %v", now.Away)
	}
	w.blames(now, wrong)
	third := w.repo.Commit("right", good("Three"))
	w.fine(w.serves("Three", third))

	w.hide()
	w.restart()
	now = w.serves("Three", third)
	if now.Away == nil || now.Failed != nil || now.Fault == nil {
		t.Errorf("of a repository that is away the fault is %v, of %+v", now.Fault, now.Failed)
	}
}

// TestGitOlder: a cache that knows of no good commit looks for one.
func TestGitOlder(t *testing.T) {
	w := newWorld(t, nil)
	w.repo.Commit("first", good("One"))
	second := w.repo.Commit("second", good("Two"))
	w.repo.Commit("wrong", bad)
	wrong := w.repo.Commit("still wrong", map[string]string{"x": "y"})
	w.blames(w.serves("Two", second), wrong, "knowhow.yaml:5: ")
	w.restart()
	w.blames(w.serves("Two", second), wrong)

	w = newWorld(t, nil)
	wrong = w.repo.Commit("wrong", bad)
	w.blames(w.serves("", ""), wrong, "knowhow.yaml:")
	w.fine(w.serves("One", w.repo.Commit("right", good("One"))))
}

func TestGitForced(t *testing.T) {
	w := newWorld(t, nil)
	first := w.repo.Commit("first", good("One"))
	w.repo.Commit("second", good("Two"))
	w.serves("Two", w.repo.Head())
	w.repo.Reset(first)
	w.fine(w.serves("One", first))
	other := w.repo.Commit("other", good("Other"))
	w.fine(w.serves("Other", other))

	w.repo.Git("branch", "-m", "main", "trunk")
	now := w.serves("Other", other)
	w.blames(now, "", "has no such branch (it has: trunk)")
	if now.Away == nil {
		t.Error("a branch that is gone is not told of")
	}
	w.repo.Git("branch", "-m", "trunk", "main")
	w.fine(w.serves("Other", other))

	w.repo.Git("checkout", "-q", "--orphan", "new")
	wrong := w.repo.Commit("unrelated and wrong", bad)
	w.repo.Git("branch", "-f", "main", wrong)
	w.blames(w.serves("Other", other), wrong)
	w.restart()
	w.blames(w.serves("", ""), wrong)
}

// TestGitRevoked: what was taken off the branch is not served on when the rest
// of the branch does not load, whether the bot is started anew or not.
func TestGitRevoked(t *testing.T) {
	for name, restarts := range map[string]bool{"running": false, "started anew": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.repo.Commit("first", good("One"))
			second := w.repo.Commit("second", good("Two"))
			w.serves("Two", second)
			third := w.repo.Commit("a check that nobody approved", good("Three"))
			w.serves("Three", third)
			w.repo.Reset(second)
			wrong := w.repo.Commit("wrong", bad)
			if restarts {
				w.restart()
			}
			w.blames(w.serves("Two", second), wrong, "knowhow.yaml:5: ")
			if logged := strings.Contains(w.log.String(), "no longer on the branch"); logged == restarts {
				t.Errorf("it is logged: %v\n%s", logged, w.log)
			}
			w.restart()
			w.blames(w.serves("Two", second), wrong)
			w.fine(w.serves("Four", w.repo.Commit("right", good("Four"))))
		})
	}
}

// TestGitMerged: what became the second parent of a merge is on the branch.
func TestGitMerged(t *testing.T) {
	w := newWorld(t, nil)
	first := w.repo.Commit("first", good("One"))
	second := w.repo.Commit("second", good("Two"))
	w.serves("Two", second)
	w.repo.Reset(first)
	side := w.repo.Commit("side", bad)
	merged := w.repo.Git("commit-tree", "-p", side, "-p", second, "-m", "merged", side+"^{tree}")
	w.repo.Reset(merged)
	w.blames(w.serves("Two", second), merged)
	w.restart()
	w.blames(w.serves("Two", second), merged)
}

func TestGitNoFolder(t *testing.T) {
	w := newWorld(t, nil)
	head := w.repo.Commit("first", map[string]string{"knowhow.yaml": index})
	w.blames(w.serves("", ""), head, `has no folder "ops"`)
}

// TestGitLinks: a link in the know-how shows nothing of the bot's host, nor
// of other folders.
func TestGitLinks(t *testing.T) {
	w := newWorld(t, nil)
	w.repo.Commit("first", good("One"))
	first := w.repo.Head()
	w.serves("One", first)
	for name, to := range map[string]string{"ops/docs/passwd.en.md": "/etc/passwd", "ops/docs/up.en.md": "../../other.md"} {
		if err := os.Symlink(to, w.repo.Path(name)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	wrong := w.repo.CommitAll("links")
	w.blames(w.serves("One", first), wrong, "docs/passwd.en.md:1: this is no regular file", "docs/up.en.md:1: this is no regular file")
}

func TestGitHugeDocument(t *testing.T) {
	w := newWorld(t, nil)
	w.repo.Commit("first", good("One"))
	first := w.repo.Head()
	w.serves("One", first)
	wrong := w.repo.Commit("huge", map[string]string{"ops/docs/free.en.md": document + strings.Repeat("x", 8<<20)})
	w.blames(w.serves("One", first), wrong, "docs/free.en.md:1: the file is larger than 256 KiB")
}

// TestGitDamage: a copy that is damaged while the bot runs is made anew.
func TestGitDamage(t *testing.T) {
	for name, harm := range map[string]func(packs []string) error{
		"lost":        func(packs []string) error { return os.Remove(packs[0]) },
		"cut off":     func(packs []string) error { return os.Truncate(packs[0], 50) },
		"all lost":    func(packs []string) error { return os.RemoveAll(filepath.Dir(filepath.Dir(filepath.Dir(packs[0])))) },
		"overwritten": func(packs []string) error { return os.WriteFile(packs[0], bytes.Repeat([]byte("x"), 2000), 0o600) },
		"no index": func(packs []string) error {
			return os.WriteFile(strings.TrimSuffix(packs[0], ".pack")+".idx", bytes.Repeat([]byte("x"), 2000), 0o600)
		},
	} {
		for _, is := range []string{"as it was", "away", "pushed to"} {
			t.Run(name+", "+is, func(t *testing.T) {
				w := newWorld(t, nil)
				first := w.repo.Commit("first", good("One"))
				now := w.serves("One", first)
				packs, err := filepath.Glob(filepath.Join(w.options.Cache, "repo", "objects", "pack", "*.pack"))
				if err != nil || len(packs) != 1 {
					t.Fatal(packs, err)
				}
				if err := harm(packs); err != nil {
					t.Fatal(err)
				}
				show, title := func() {}, "One"
				switch is {
				case "away":
					show = w.hide()
				case "pushed to":
					title = "Two"
					w.repo.Commit("second", good(title))
				}
				_ = w.Reload(t.Context())
				if w.Current().Base.Docs()[0].Title != title || (w.Current().Fault != nil) != (is == "away") || w.Current().ID == now.ID && title != "One" {
					t.Errorf("after the damage there is %+v", w.Current())
				}
				if is != "pushed to" && !strings.Contains(w.log.String(), "made anew") { // else it may have been sent again unasked
					t.Errorf("the damage is not told of: %s", w.log)
				}
				show()
				w.fine(w.serves("Three", w.repo.Commit("third", good("Three"))))
				w.restart()
				w.fine(w.serves("Three", w.repo.Head()))
			})
		}
	}
}

func TestGitCancel(t *testing.T) {
	w := newWorld(t, nil)
	w.repo.Commit("first", good("One"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := w.Current()
	if err := w.Reload(ctx); !errors.Is(err, context.Canceled) || w.Current() != before {
		t.Errorf("the error is %v, the snapshot %+v", err, w.Current())
	}
	w.look(ctx)
	if w.Current() != before || w.log.String() != "" {
		t.Errorf("the end of the bot is told as a fault: %s", w.log)
	}
}

// TestGitOptions: what cannot be right is told before anything is tried, and
// printing options shows no secret.
func TestGitOptions(t *testing.T) {
	secret := func() string { return "sesame" }
	fine := GitOptions{URL: "https://git.example.jp/kh.git", Cache: t.TempDir(), Token: secret, Passphrase: secret}
	for word, change := range map[string]func(*GitOptions){
		"address":          func(o *GitOptions) { o.URL = "https://bot:sesame@git.example.jp/kh.git" },
		"name of a branch": func(o *GitOptions) { o.Branch = "a b" },
		"the link":         func(o *GitOptions) { o.Pages.File = "javascript:x" },
		"needs a folder":   func(o *GitOptions) { o.Cache = "" },
		"key":              func(o *GitOptions) { o.URL = "git@git.example.jp:kh.git" },
	} {
		o := fine
		change(&o)
		if _, err := Git(o, silent()); err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("the error is %v, want %q", err, word)
		}
	}
	s, err := Git(fine, silent())
	if err != nil || strings.Contains(fmt.Sprintf("%v %+v %#v %+v", fine, fine, fine, s), "sesame") {
		t.Errorf("the options show a secret, or cannot be right: %v", err)
	}
}

// TestRecall: the bot begins its work with what it has, though the repository
// says nothing.
func TestRecall(t *testing.T) {
	w := newWorld(t, nil)
	before := w.Current()
	if err := w.Recall(t.Context()); err == nil || !strings.Contains(err.Error(), "nothing was fetched of") || w.Current().ID != "" {
		t.Errorf("with nothing at hand there is %+v, %v", w.Current(), err)
	}
	replaced(t, before)
	first := w.repo.Commit("first", good("One"))
	w.fine(w.serves("One", first))
	second := w.repo.Commit("second", good("Two"))
	w.restart()
	if err := w.Recall(t.Context()); err != nil || w.Current().Commit.hash() != first || !w.Fetched().IsZero() {
		t.Errorf("what was fetched before is %+v, %v", w.Current(), err)
	}
	before = w.Current()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Source.Run(ctx, time.Hour) })
	replaced(t, before)
	stop()
	running.Wait()
	if now := w.Current(); now.Commit.hash() != second || now.Fault != nil {
		t.Errorf("after the first look there is %+v", now)
	}
	wrong := w.repo.Commit("wrong", bad)
	w.blames(w.serves("Two", second), wrong)
	w.restart()
	if err := w.Recall(t.Context()); err == nil || w.Current().Commit.hash() != second || w.Current().Failed.hash() != wrong {
		t.Errorf("what was fetched before is %+v, %v", w.Current(), err)
	}
	if folder := Folder(goodFolder(t), silent()); folder.Recall(t.Context()) != nil || folder.Current().ID == "" {
		t.Errorf("of a folder there is %+v", folder.Current())
	}
}
