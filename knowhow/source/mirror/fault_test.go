package mirror

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/knowhow/source/gittest"
)

// A proxy stands between the bot and a server, and lets only so many bytes of
// answers through. Then it breaks the connection, or says nothing more.
type proxy struct {
	address string
	reached chan struct{} // has one for each connection that came to the limit
}

func startProxy(t *testing.T, to string, limit int64, stall bool) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: l.Addr().String(), reached: make(chan struct{}, 100)}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(client, to, limit, stall) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return p
}

func (p *proxy) serve(client net.Conn, to string, limit int64, stall bool) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	left := make(chan struct{})
	go func() {
		_, _ = io.Copy(server, client)
		close(left)
		_ = server.Close()
	}()
	n, _ := io.CopyN(client, server, limit)
	if n == limit {
		p.reached <- struct{}{}
		if stall {
			<-left
		}
	}
	_ = client.Close()
	<-left
}

// commits makes a repository with something to send.
func commits(t *testing.T) (repo *gittest.Repo, head string) {
	repo = gittest.New(t)
	repo.Commit("first", map[string]string{"a.md": "one"})
	noise := strings.Builder{}
	for i := range 3000 {
		noise.WriteString(strings.Repeat(string(rune('a'+i*7%26)), i%13))
	}
	return repo, repo.Commit("second", map[string]string{"a.md": "two", "b.md": noise.String()})
}

// TestHang: a server that says nothing more does not hold the bot up, and
// leaves what was there.
func TestHang(t *testing.T) {
	repo, head := commits(t)
	daemon := strings.Split(repo.Daemon(), "/")[2]
	sshd := repo.SSHD()
	known := []string{sshd.KnownHosts(t, sshd.HostKeys...)}
	for name, c := range map[string]struct {
		url    func(at string) string
		server string
		limit  int64
		change func(*Options)
	}{
		"daemon, at once":  {func(at string) string { return "git://" + at + "/" + gittest.Name }, daemon, 0, nil},
		"daemon, mid-pack": {func(at string) string { return "git://" + at + "/" + gittest.Name }, daemon, 700, nil},
		"ssh, at once":     {func(at string) string { return "ssh://x@" + at + repo.Dir }, sshd.Address, 0, func(o *Options) { o.KeyFile, o.KnownHosts = sshd.Key, known }},
		"ssh, mid-login":   {func(at string) string { return "ssh://x@" + at + repo.Dir }, sshd.Address, 500, func(o *Options) { o.KeyFile, o.KnownHosts = sshd.Key, known }},
		"https":            {func(at string) string { return "https://" + at + "/" + gittest.Name }, daemon, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProxy(t, c.server, c.limit, true)
			w := newWorld(t, repo, c.url(p.address), c.change)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			go func() {
				if c.limit > 0 {
					<-p.reached
				}
				cancel(nil)
			}()
			if err := w.mirror.Fetch(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("the error is %v", err)
			}
			w.tidy()
			w.restart()
			w.mirror.dial = dialFile(Options{Address: parsed(t, repo.URL())})
			w.fetch()
			w.has(head, "a.md", "two")
		})
	}
}

func TestTimeLimit(t *testing.T) {
	repo, _ := commits(t)
	p := startProxy(t, strings.Split(repo.Daemon(), "/")[2], 0, true)
	w := newWorld(t, repo, "git://"+p.address+"/"+gittest.Name, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := w.mirror.Fetch(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "did not end in the time it has") {
		t.Errorf("the error is %v", err)
	}
}

// TestFileHangs: git on the bot's own host may hang as well, on a file system
// that went away.
func TestFileHangs(t *testing.T) {
	repo, _ := commits(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	w := newWorld(t, repo, "", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.mirror.Fetch(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// TestDiesHalfWay breaks the connection at many places.
func TestDiesHalfWay(t *testing.T) {
	repo, head := commits(t)
	at := strings.Split(repo.Daemon(), "/")[2]
	first := repo.Git("rev-parse", "main~1")
	for _, limit := range []int64{1, 4, 100, 300, 500, 700, 1000, 2000, 3000} {
		p := startProxy(t, at, limit, false)
		w := newWorld(t, repo, "git://"+p.address+"/"+gittest.Name, nil)
		if err := w.mirror.Fetch(t.Context()); err == nil {
			break // all of it fits
		} else if strings.Contains(err.Error(), "127.0.0.1:") && strings.Contains(err.Error(), "->") {
			t.Errorf("the error is another each time: %v", err)
		}
		w.tidy()
		if _, err := w.mirror.Open(); err == nil {
			t.Errorf("after %d bytes there is something to read", limit)
		}
		w.mirror.dial = dialGit(Options{Address: parsed(t, "git://"+at+"/"+gittest.Name)})
		w.fetch()
		w.has(head, "a.md", "two")
	}
	if repo.Git("rev-parse", "main~1") != first {
		t.Error("the repository has changed")
	}
}

func TestLimit(t *testing.T) {
	repo, _ := commits(t)
	w := newWorld(t, repo, "", func(o *Options) { o.Limit = 300 })
	w.fails("larger than 0 MiB; give the know-how a repository of its own")
	w.tidy()
}

// TestKilled ends a process in the middle of a fetch, as a power failure
// would.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("TEBIKI_TEST_FETCH"); dir != "" {
		m, err := New(Options{Address: parsed(t, os.Getenv("TEBIKI_TEST_URL")), Branch: "main", Dir: dir})
		if err == nil {
			err = m.Fetch(t.Context())
		}
		t.Fatal("not killed", err)
	}
	repo, head := commits(t)
	url := repo.Daemon()
	at := strings.Split(url, "/")[2]
	p := startProxy(t, at, 800, true)
	w := newWorld(t, repo, "git://"+p.address+"/"+gittest.Name, nil)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestKilled$")
	cmd.Env = append(os.Environ(), "TEBIKI_TEST_FETCH="+w.options.Dir, "TEBIKI_TEST_URL="+w.options.Address.String())
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.reached:
	case <-time.After(30 * time.Second):
		t.Errorf("it did not fetch: %s", said.Bytes())
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	w.mirror.dial = dialGit(Options{Address: parsed(t, url)})
	w.fetch()
	w.has(head, "a.md", "two")
	w.tidy()
}
