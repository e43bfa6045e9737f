package redminetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var shared Shared

func TestMain(m *testing.M) { os.Exit(shared.Run(m)) }

func TestWalk(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t, "disk")
	bot, sato := s.As(t, s.Bot), s.As(t, s.People["sato"])

	parent := bot.Create(p, "Disk is full", Fields{
		"category_id": p.Categories["disk"], "custom_fields": []Fields{{"id": s.ServerField, "value": "web1"}},
	})
	if parent.Author.ID != s.Bot.ID || parent.Status.Name != "New" || parent.CustomFields[0].Value != "web1" {
		t.Errorf("created %+v", parent)
	}
	child := bot.Create(p, "Free space", Fields{"parent_issue_id": parent.ID})
	sato.Assign(child.ID, s.People["tanaka"])
	sato.SetStatus(child.ID, "In Progress")
	sato.Note(child.ID, "looking")

	got := bot.Issue(child.ID)
	if got.Parent.ID != parent.ID || got.Assignee.ID != s.People["tanaka"].ID || got.Status.Name != "In Progress" {
		t.Errorf("after a person's changes %+v", got)
	}
	if last := got.Journals[2]; len(got.Journals) != 3 || last.Notes != "looking" || last.User.ID != s.People["sato"].ID {
		t.Errorf("history %+v", got.Journals)
	}
	if got := bot.Issue(parent.ID); len(got.Children) != 1 || got.Children[0].ID != child.ID {
		t.Errorf("children %+v", got.Children)
	}
	sato.Delete(parent.ID)
	for _, id := range []int{parent.ID, child.ID} {
		if got := bot.Call(http.MethodGet, issuePath(id), nil); got.Status != http.StatusNotFound || len(got.Body) != 0 {
			t.Errorf("a deleted issue gives %d %q, want 404 and nothing", got.Status, got.Body)
		}
	}
}

func issuePath(id int) string { return fmt.Sprintf("/issues/%d.json", id) }

// Several write at once without errors from SQLite.
func TestManyAtOnce(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t)
	bot := s.As(t, s.Bot)
	parent := bot.Create(p, "parent", nil)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			issue := Fields{"project_id": p.ID, "subject": "child", "parent_issue_id": parent.ID}
			if got, err := bot.call(t.Context(), http.MethodPost, "/issues.json", Fields{"issue": issue}); err != nil || got.Status != http.StatusCreated {
				t.Errorf("create: %d %s, %v:\n%s", got.Status, got.Body, err, s.logged())
			}
		})
	}
	wg.Wait()
	if got := len(bot.Issue(parent.ID).Children); got != 20 {
		t.Errorf("%d children, want 20", got)
	}
}

func TestFormattings(t *testing.T) {
	textile := shared.Server(t)
	for _, c := range []struct {
		f    Formatting
		s    *Server
		text string
	}{{Textile, textile, "*strong*"}, {CommonMark, Start(t, CommonMark), "**strong**"}} {
		who := c.s.As(t, c.s.Bot)
		issue := who.Create(c.s.Project(t), "markup", Fields{"description": c.text})
		page := who.Call(http.MethodGet, fmt.Sprintf("/issues/%d", issue.ID), nil)
		if !strings.Contains(string(page.Body), "<strong>strong</strong>") {
			t.Errorf("%s: %s is not strong in the page", c.f, c.text)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(t.Context(), Textile); !errors.Is(err, ErrMissing) {
		t.Errorf("without programs: %v, want ErrMissing", err)
	}
}

func TestStartThatIsGivenUp(t *testing.T) {
	shared.Server(t)
	ctx, cancel := context.WithCancel(t.Context())
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	time.AfterFunc(300*time.Millisecond, cancel)
	if _, err := Open(ctx, Textile); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if left, _ := os.ReadDir(temp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A test binary that is killed takes its Redmine with it.
func TestDiesWithItsBinary(t *testing.T) {
	if os.Getenv("REDMINETEST_CHILD") != "" {
		fmt.Println("at " + shared.Server(t).URL)
		<-t.Context().Done() // the parent kills us
	}
	shared.Server(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDiesWithItsBinary$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), "REDMINETEST_CHILD=1", "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url := readURL(t, out)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // says "killed"
	orphan := &Client{url: url}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := orphan.call(ctx, http.MethodGet, "/issues.json", nil); err != nil && ctx.Err() == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s still answers", url)
		}
	}
}

func readURL(t *testing.T, from interface{ Read([]byte) (int, error) }) string {
	t.Helper()
	var seen []byte
	buf := make([]byte, 256)
	for {
		n, err := from.Read(buf)
		seen = append(seen, buf[:n]...)
		if found := regexp.MustCompile(`at (http\S+)\n`).FindSubmatch(seen); found != nil {
			return string(found[1])
		}
		if err != nil {
			t.Fatalf("the child printed %s: %v", seen, err)
		}
	}
}
