//go:build unix

package ssh_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
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

// fails wants a failure of a reason whose sentence holds all of words.
func fails(t *testing.T, err error, reason check.Reason, words ...string) {
	t.Helper()
	var f *check.Failure
	if !errors.As(err, &f) || f.Reason != reason {
		t.Errorf("the error is %v, want one that is %s", err, reason)
		return
	}
	for _, word := range words {
		if !strings.Contains(f.What, word) {
			t.Errorf("the error does not say %q:\n%s", word, f.What)
		}
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

func TestLostHalfWay(t *testing.T) {
	var server *sshtest.Server
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		_, _ = io.WriteString(s, "half")
		server.Drop()
	}})
	server = w.server
	text, err := w.run("df")
	fails(t, err, check.Lost, w.server.Address, "half way", "again")
	if text != "half" {
		t.Errorf("it kept %q", text)
	}
	if n := w.server.Dials(); n != 1 {
		t.Errorf("what had begun was run %d times", n)
	}
}

// TestNoStatus: a server that ends a session without saying how.
func TestNoStatus(t *testing.T) {
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) { _, _ = io.WriteString(s, "x") }})
	_, err := w.run("df")
	fails(t, err, check.Lost)
}

// silence is a network that, once it is cut, neither takes nor gives a byte.
type silence struct {
	net.Conn
	cut    *atomic.Bool
	closed chan struct{}
	once   *sync.Once
}

func (s silence) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if s.cut.Load() {
		<-s.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (s silence) Write(b []byte) (int, error) {
	if s.cut.Load() {
		return len(b), nil
	}
	return s.Conn.Write(b)
}

func (s silence) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

func TestHalfOpenConnectionIsNoticed(t *testing.T) {
	var cut atomic.Bool
	begun := make(chan struct{})
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		if strings.Contains(s.Command, "hang") {
			close(begun)
			<-s.Closed
			return
		}
		_, _ = io.WriteString(s, "ok")
		s.Exit(0)
	}}, func(o *ssh.Options) {
		o.KeepAlive = 50 * time.Millisecond
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return silence{c, &cut, make(chan struct{}), new(sync.Once)}, err
		}
	})
	ended := make(chan error)
	go func() {
		_, err := w.run("hang")
		ended <- err
	}()
	<-begun
	cut.Store(true)
	fails(t, <-ended, check.Lost)
	cut.Store(false)
	w.wants("ok", "df")
}

// TestHangIsKilled: the server is told to end it, and the connection stays.
func TestHangIsKilled(t *testing.T) {
	signals := make(chan string, 1)
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		if strings.Contains(s.Command, "sleep") {
			signals <- <-s.Signalled
			s.Killed("KILL")
			return
		}
		s.Exit(0)
	}})
	hang(t, w)
	if got := <-signals; got != "KILL" {
		t.Errorf("it was sent the signal %s", got)
	}
	w.wants("", "true")
	if n := w.server.Dials(); n != 1 {
		t.Errorf("there were %d connections", n)
	}
}

func hang(t *testing.T, w *world) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := w.pool.Host(w.server.Address).Run(ctx, []string{"sleep", "300"}, 1000); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// TestHangThatCannotBeKilled: the session stays at the server, so the next
// check gets a connection of its own.
func TestHangThatCannotBeKilled(t *testing.T) {
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		if strings.Contains(s.Command, "sleep") {
			<-s.Closed
			return
		}
		s.Exit(0)
	}})
	hang(t, w)
	w.wants("", "true")
	if n := w.server.Dials(); n != 2 {
		t.Errorf("there were %d connections, want another", n)
	}
	w.server.Open(t, 1)
}

// TestFewSessions: a server takes fewer than we would.
func TestFewSessions(t *testing.T) {
	w := start(t, sshtest.Options{Refuse: func(open int) bool { return open >= 2 }})
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() { w.wants(fmt.Sprint(i), "printf", fmt.Sprint(i)) })
	}
	all.Wait()
	if n := w.server.Dials(); n > 2 {
		t.Errorf("there were %d connections", n)
	}
}

func TestNoSessions(t *testing.T) {
	w := start(t, sshtest.Options{Refuse: func(int) bool { return true }})
	_, err := w.run("df")
	fails(t, err, check.Busy, w.server.Address, "MaxSessions")
}

func TestSessionsAreWaitedFor(t *testing.T) {
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		<-s.Signalled
		s.Killed("KILL")
	}}, func(o *ssh.Options) { o.Sessions = 1 })
	var busy, late atomic.Int32
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err := w.pool.Host(w.server.Address).Run(ctx, []string{"sleep"}, 1000)
			var f *check.Failure
			if errors.As(err, &f) && f.Reason == check.Busy {
				busy.Add(1)
			} else if errors.Is(err, context.DeadlineExceeded) {
				late.Add(1)
			}
		})
	}
	all.Wait()
	if busy.Load() == 0 || busy.Load()+late.Load() != 3 {
		t.Errorf("%d waited in vain and %d hung, of 3 one after the other", busy.Load(), late.Load())
	}
}

func TestUnreachable(t *testing.T) {
	w := start(t, sshtest.Options{})
	w.server.Stop()
	_, err := w.run("df")
	fails(t, err, check.Unreachable, w.server.Address, "look whether it is up")
}

// TestSlowToConnect: a host that takes the connection and says nothing holds
// up nothing else, and is given up.
func TestSlowToConnect(t *testing.T) {
	w := start(t, sshtest.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	pool := open(t, func() ssh.Options { o := w.options; o.Connect = 100 * time.Millisecond; return o }())
	slow := make(chan error, 1)
	go func() {
		_, err := pool.Host(l.Addr().String()).Run(t.Context(), []string{"df"}, 1000)
		slow <- err
	}()
	if out, err := pool.Host(w.server.Address).Run(t.Context(), []string{"printf", "a"}, 1000); err != nil || string(out.Text) != "a" {
		t.Errorf("the other host gave %q, %v", out.Text, err)
	}
	fails(t, <-slow, check.Unreachable, "did not answer")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pool.Host(l.Addr().String()).Run(ctx, []string{"df"}, 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while connecting gives %v", err)
	}
}

func TestUnknownHost(t *testing.T) {
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.KnownHosts = []string{sshtest.KnownHosts(t)} })
	_, err := w.run("df")
	fails(t, err, check.UnknownKey, w.options.KnownHosts[0], "SHA256:", "console", "add the line: [127.0.0.1]:", "ssh-ed25519 AAAA")
}

func TestAddedHostIsKnownAtOnce(t *testing.T) {
	key := sshtest.NewKey(t)
	w := start(t, sshtest.Options{HostKeys: []cryptossh.Signer{key}}, func(o *ssh.Options) { o.KnownHosts = []string{sshtest.KnownHosts(t)} })
	_, err := w.run("df")
	var f *check.Failure
	if !errors.As(err, &f) {
		t.Fatal(err)
	}
	// What the error says is what helps.
	_, line, _ := strings.Cut(f.What, "add the line: ")
	if err := os.WriteFile(w.options.KnownHosts[0], []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.wants("a", "printf", "a")
}

func TestChangedHostKey(t *testing.T) {
	ran := false
	other := sshtest.NewKey(t).PublicKey()
	w := start(t, sshtest.Options{Handle: func(*sshtest.Session) { ran = true }})
	w.options.KnownHosts = []string{sshtest.KnownHosts(t, "other", other, w.server.Address, other)}
	w.pool = open(t, w.options)
	_, err := w.run("df")
	fails(t, err, check.ChangedKey, w.options.KnownHosts[0]+":2", cryptossh.FingerprintSHA256(other), "listening", "replace that line with: [127.0.0.1]:")
	if ran || len(w.server.Users()) > 0 {
		t.Error("a stranger was given a key or a command")
	}
}

func TestRevokedHostKey(t *testing.T) {
	key := sshtest.NewKey(t)
	w := start(t, sshtest.Options{HostKeys: []cryptossh.Signer{key}}, func(o *ssh.Options) {
		text, err := os.ReadFile(o.KnownHosts[0])
		if err != nil {
			t.Fatal(err)
		}
		revoked := "@revoked * " + string(cryptossh.MarshalAuthorizedKey(key.PublicKey()))
		if err := os.WriteFile(o.KnownHosts[0], append(text, revoked...), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	_, err := w.run("df")
	fails(t, err, check.ChangedKey, w.options.KnownHosts[0]+":2 revokes")
}

func TestNotLetIn(t *testing.T) {
	w := start(t, sshtest.Options{Login: func(string, bool) bool { return false }})
	_, err := w.run("df")
	fails(t, err, check.Locked, w.server.Address, "as tebiki", "SHA256:", "authorized_keys")
}

// TestAddresses: what the inventory has for a server is a host and no more.
func TestAddresses(t *testing.T) {
	var dialled string
	w := start(t, sshtest.Options{}, func(o *ssh.Options) {
		o.Port = "2222"
		o.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = address
			return nil, errors.New("no network")
		}
	})
	for address, want := range map[string]string{
		"web1": "web1:2222", "web1:22": "web1:22", "::1": "[::1]:2222", "[::2]": "[::2]:2222", "[::1]:22": "[::1]:22", "root@web1": "root@web1:2222", "": "",
	} {
		dialled = ""
		_, err := w.pool.Host(address).Run(t.Context(), []string{"df"}, 100)
		if dialled != want || err == nil {
			t.Errorf("%q dials %q, %v; want %q", address, dialled, err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	w := start(t, sshtest.Options{})
	for want, change := range map[string]func(*ssh.Options){
		"need a user":        func(o *ssh.Options) { o.User = "" },
		"need a known_hosts": func(o *ssh.Options) { o.KnownHosts = nil },
		"need a key":         func(o *ssh.Options) { o.KeyFile = "" },
		"no/such/hosts":      func(o *ssh.Options) { o.KnownHosts = []string{"/no/such/hosts"} },
		"no/such/key":        func(o *ssh.Options) { o.KeyFile = "/no/such/key" },
		"no valid entries":   func(o *ssh.Options) { o.KnownHosts = []string{o.KeyFile} },
		"jump host is empty": func(o *ssh.Options) { o.Jump = []string{""} },
	} {
		o := w.options
		change(&o)
		if _, err := ssh.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestJump: two hosts on the way, each known and each with its own user; the
// connections to them are shared by all servers behind them.
func TestJump(t *testing.T) {
	first, second := sshtest.NewKey(t), sshtest.NewKey(t)
	file, public := sshtest.KeyFile(t)
	o := sshtest.Options{Authorized: []cryptossh.PublicKey{public}}
	hop := func(key cryptossh.Signer) *sshtest.Server {
		o := o
		o.HostKeys = []cryptossh.Signer{key}
		return sshtest.Start(t, o)
	}
	a, b := hop(first), hop(second)
	w := start(t, o, func(o *ssh.Options) {
		known := sshtest.KnownHosts(t, a.Address, first.PublicKey(), b.Address, second.PublicKey())
		o.KnownHosts = append(o.KnownHosts, known)
		o.KeyFile, o.Jump, o.Idle = file, []string{"guest@" + a.Address, b.Address}, 50*time.Millisecond
	})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { w.wants("a", "printf", "a") })
	}
	all.Wait()
	if out, err := w.pool.Host(b.Address).Run(t.Context(), []string{"printf", "b"}, 100); err != nil || string(out.Text) != "b" {
		t.Errorf("the second jump host itself: %q, %v", out.Text, err)
	}
	if got := fmt.Sprint(a.Users(), b.Users(), w.server.Users()); got != "[guest] [tebiki] [tebiki]" {
		t.Errorf("logged in as %s", got)
	}
	for _, s := range []*sshtest.Server{w.server, b, a} {
		s.Open(t, 0) // idle ones end from the last to the first
	}
	checktest.Run(t, subject(w.pool.Host(w.server.Address)))
	w.server.Stop()
	_, err := w.run("df")
	fails(t, err, check.Unreachable, w.server.Address, "through "+b.Address)
}

func TestUnknownJump(t *testing.T) {
	jump := sshtest.Start(t, sshtest.Options{})
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.Jump = []string{jump.Address} })
	_, err := w.run("df")
	fails(t, err, check.UnknownKey, jump.Address)
	if w.server.Dials() > 0 {
		t.Error("the server was reached past an unknown host")
	}
}

// TestSilentAgent: an agent that asks somebody who is not there.
func TestSilentAgent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.KeyFile, o.Agent, o.Connect = "", path, 100*time.Millisecond })
	_, err = w.run("df")
	fails(t, err, check.Unreachable)
}

func TestNoAgent(t *testing.T) {
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.KeyFile, o.Agent = "", "/no/such/agent" })
	_, err := w.run("df")
	fails(t, err, check.Locked, "/no/such/agent", "start it again")
}

// TestCloseEndsAll: whatever is under way.
func TestCloseEndsAll(t *testing.T) {
	begun := make(chan struct{})
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		close(begun)
		<-s.Closed
	}})
	ended := make(chan error)
	go func() {
		_, err := w.run("hang")
		ended <- err
	}()
	<-begun
	if err := w.pool.Close(); err != nil {
		t.Error(err)
	}
	fails(t, <-ended, check.Lost)
	if _, err := w.run("df"); err == nil {
		t.Error("a closed pool runs")
	}
}
