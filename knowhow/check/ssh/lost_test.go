//go:build unix

package ssh_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
	"tebiki/knowhow/check/ssh"
	"tebiki/knowhow/check/ssh/sshtest"
)

func TestLostHalfWay(t *testing.T) {
	var server *sshtest.Server
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		_, _ = io.WriteString(s, "half")
		server.Drop()
	}})
	server = w.server
	text, err := w.run("df")
	checktest.Fails(t, err, check.Lost, w.server.Address, "half way", "again")
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
	checktest.Fails(t, err, check.Lost)
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
	checktest.Fails(t, <-ended, check.Lost)
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
	checktest.Fails(t, err, check.Busy, w.server.Address, "MaxSessions")
}

func TestSessionsAreWaitedFor(t *testing.T) {
	w := start(t, sshtest.Options{Handle: func(s *sshtest.Session) {
		if !strings.Contains(s.Command, "sleep") {
			s.Exit(0)
			return
		}
		<-s.Signalled
		s.Killed("KILL")
	}}, func(o *ssh.Options) { o.Sessions = 1 })
	w.wants("", "true") // connecting is not of the time that is looked at
	var busy, late atomic.Int32
	var all sync.WaitGroup
	// One deadline for all: with one each, a late goroutine could begin when
	// the one before it has ended, and nobody would have waited.
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	for range 3 {
		all.Go(func() {
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
	checktest.Fails(t, err, check.Unreachable, w.server.Address, "look whether it is up")
}

// TestUnreachableIsRemembered: the checks of a ticket do not each wait for a
// host that is down.
func TestUnreachableIsRemembered(t *testing.T) {
	var dials atomic.Int32
	w := start(t, sshtest.Options{}, func(o *ssh.Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) {
			dials.Add(1)
			return nil, errors.New("no route to host")
		}
	})
	for range 5 {
		_, err := w.run("df")
		checktest.Fails(t, err, check.Unreachable, "no route to host")
	}
	if n := dials.Load(); n != 1 {
		t.Errorf("it was dialled %d times", n)
	}
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
	checktest.Fails(t, <-slow, check.Unreachable, "did not answer")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pool.Host(l.Addr().String()).Run(ctx, []string{"df"}, 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while connecting gives %v", err)
	}
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
	checktest.Fails(t, <-ended, check.Lost)
	if _, err := w.run("df"); err == nil {
		t.Error("a closed pool runs")
	}
}
