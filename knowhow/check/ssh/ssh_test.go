//go:build unix

package ssh_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	cryptossh "golang.org/x/crypto/ssh"

	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
	"tebiki/knowhow/check/ssh"
	"tebiki/knowhow/check/ssh/sshtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// world is a server and a pool that knows it.
type world struct {
	*testing.T
	server  *sshtest.Server
	options ssh.Options
	pool    *ssh.Pool
}

// start makes them. Change may change the pool's options.
func start(t *testing.T, o sshtest.Options, change ...func(*ssh.Options)) *world {
	t.Helper()
	file, public := sshtest.KeyFile(t)
	o.Authorized = append(o.Authorized, public)
	if len(o.HostKeys) == 0 {
		o.HostKeys = []cryptossh.Signer{sshtest.NewKey(t)}
	}
	w := &world{T: t, server: sshtest.Start(t, o)}
	w.options = ssh.Options{User: "tebiki", KeyFile: file, KnownHosts: []string{sshtest.KnownHosts(t, w.server.Address, o.HostKeys[0].PublicKey())}}
	for _, c := range change {
		c(&w.options)
	}
	w.pool = open(t, w.options)
	return w
}

func open(t *testing.T, o ssh.Options) *ssh.Pool {
	t.Helper()
	pool, err := ssh.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return pool
}

func (w *world) run(argv ...string) (string, error) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	out, err := w.pool.Host(w.server.Address).Run(ctx, argv, 10_000)
	return string(out.Text), err
}

func (w *world) wants(text string, argv ...string) {
	w.Helper()
	if got, err := w.run(argv...); err != nil || got != text {
		w.Errorf("%q gives %q, %v; want %q", argv, got, err, text)
	}
}

func TestConformance(t *testing.T) {
	w := start(t, sshtest.Options{})
	checktest.Run(t, subject(w.pool.Host(w.server.Address)))
}

// subject is a server on which programs run for real.
func subject(e check.Executor) checktest.Subject {
	sh := func(script string) []string { return []string{"/bin/sh", "-c", script} }
	return checktest.Subject{
		Executor: e,
		Print:    func(text string) []string { return []string{"printf", "%s", text} },
		Lines:    func(n int) []string { return []string{"seq", fmt.Sprint(n)} },
		Exit:     func(status int) []string { return sh(fmt.Sprintf("echo done; exit %d", status)) },
		Status:   []int{0, 1, 2, 126, 255},
		Flood:    []string{"yes"},
		Hang:     sh("echo so far; exec sleep 20"),
		Break:    sh("echo half; kill -9 $$"),
		Missing:  [][]string{{"no-such-program"}, {"/no/such/program"}},
		Bad:      [][]string{{"./x"}, {"a/b"}, {"echo", "a\x00b"}, {"-x"}, {"echo", "\xff"}, {"echo", strings.Repeat("x", 1<<20)}},
	}
}

// TestOneConnection: checks of a host share it, and the next ticket's too.
func TestOneConnection(t *testing.T) {
	w := start(t, sshtest.Options{})
	for range 2 {
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() { w.wants(fmt.Sprint(i), "printf", fmt.Sprint(i)) })
		}
		all.Wait()
	}
	if n := w.server.Dials(); n != 1 {
		t.Errorf("there were %d connections", n)
	}
	if users := w.server.Users(); users[0] != "tebiki" {
		t.Errorf("logged in as %q", users)
	}
}

func TestIdleConnectionEnds(t *testing.T) {
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.Idle = 20 * time.Millisecond })
	w.wants("a", "printf", "a")
	w.server.Open(t, 0)
	w.wants("b", "printf", "b")
}

func TestDeadConnectionIsRemade(t *testing.T) {
	w := start(t, sshtest.Options{})
	for range 3 {
		w.wants("a", "printf", "a")
		w.server.Drop()
	}
	w.wants("a", "printf", "a")
	if n := w.server.Dials(); n != 4 {
		t.Errorf("there were %d connections, want 4", n)
	}
}
