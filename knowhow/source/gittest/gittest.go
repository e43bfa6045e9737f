// Package gittest makes repositories with the real git, and serves them as
// real servers do: over git daemon, over https with a token, and over a real
// sshd.
//
// The data's way: New makes a bare repository, Commit and Git change it, and
// Daemon, HTTPS and SSHD give addresses of it that end with the test.
package gittest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Need finds a program, or skips the test and says what is missing. In CI
// nothing may be missing.
func Need(t testing.TB, name, debian string) string {
	t.Helper()
	for _, path := range []string{name, filepath.Join("/usr/sbin", name)} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("CI has no %s: .ci/run is to install %s", name, debian)
	}
	t.Skipf("no %s here: on Debian, apt-get install %s", name, debian)
	return ""
}

// A Repo is a bare repository with the branch main.
type Repo struct {
	Dir string

	t    testing.TB
	work string
	now  time.Time
}

// Name is the repository's, with what a shell or a careless client would trip
// over.
const Name = "know'how!$x.git"

// New makes an empty one.
func New(t testing.TB) *Repo {
	t.Helper()
	Need(t, "git", "git")
	r := &Repo{Dir: filepath.Join(t.TempDir(), Name), t: t, work: t.TempDir(), now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
	r.run(nil, "init", "-q", "--bare", "-b", "main", r.Dir)
	r.Git("config", "http.receivepack", "false")
	return r
}

// URL is its address on this host.
func (r *Repo) URL() string { return "file://" + r.Dir }

// Git runs git in the repository and gives what it says.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	return r.run(nil, args...)
}

// Import gives a stream to git fast-import.
func (r *Repo) Import(stream []byte) {
	r.t.Helper()
	r.run(stream, "fast-import", "--quiet", "--force")
}

// Object puts an object into the repository, of whatever form, and gives its
// hash.
func (r *Repo) Object(kind, raw string) string {
	r.t.Helper()
	return r.run([]byte(raw), "hash-object", "-t", kind, "-w", "--literally", "--stdin")
}

func (r *Repo) run(in []byte, args ...string) string {
	r.t.Helper()
	at := fmt.Sprintf("%d +0900", r.now.Unix())
	cmd := exec.CommandContext(r.t.Context(), "git", append([]string{"-c", "core.bare=false", "-c", "gc.auto=0", "-c", "advice.detachedHead=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "HOME="+r.work,
		"GIT_AUTHOR_NAME=Sato", "GIT_AUTHOR_EMAIL=sato@example.jp", "GIT_COMMITTER_NAME=Merge Bot", "GIT_COMMITTER_EMAIL=bot@example.jp",
		"GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at)
	if args[0] != "init" {
		cmd.Env = append(cmd.Env, "GIT_DIR="+r.Dir, "GIT_WORK_TREE="+r.work)
	}
	cmd.Dir, cmd.Stdin = r.work, bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, said.Bytes())
	}
	return strings.TrimSpace(string(out))
}

// Gone, as a file's text, removes the file.
const Gone = "\x00gone"

// Commit writes files and commits them, an hour after the commit before. It
// gives the commit's hash.
func (r *Repo) Commit(message string, files map[string]string) string {
	r.t.Helper()
	r.now = r.now.Add(time.Hour)
	for name, text := range files {
		path := filepath.Join(r.work, name)
		if text == Gone {
			if err := os.Remove(path); err != nil {
				r.t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	return r.CommitAll(message)
}

// CommitAll commits what is in the work tree.
func (r *Repo) CommitAll(message string) string {
	r.t.Helper()
	r.Git("add", "-A")
	r.Git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message)
	return r.Head()
}

// Head is the newest commit of the branch that is worked on.
func (r *Repo) Head() string {
	r.t.Helper()
	return r.Git("rev-parse", "HEAD")
}

// Path is a file in the work tree, for what Commit cannot make.
func (r *Repo) Path(name string) string { return filepath.Join(r.work, name) }

// Reset moves the branch, and the work tree with it, as who forces a push
// does.
func (r *Repo) Reset(to string) {
	r.t.Helper()
	r.Git("reset", "-q", "--hard", to)
}
