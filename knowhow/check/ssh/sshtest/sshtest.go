//go:build unix

// Package sshtest is an SSH server that misbehaves as a test says.
//
// The data's way: Start listens on a port of this host; each session's command
// goes to Options.Handle, or to a real sh. What a client needs is in files, as
// it would be for a real server: see KnownHosts and KeyFile.
package sshtest

import (
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// Options are a server's behaviour; all may be left out.
type Options struct {
	HostKeys   []ssh.Signer // default one of Ed25519
	Authorized []ssh.PublicKey
	Handle     func(*Session)                       // default runs sh
	Refuse     func(open int) bool                  // a session while so many are open
	Conn       func(net.Conn) net.Conn              // wraps each connection
	Silent     func() bool                          // answers no keepalive
	Login      func(user string, ok bool) (in bool) // changes whether somebody is let in
}

// A Server is one at work.
type Server struct {
	Address string

	options  Options
	config   *ssh.ServerConfig
	listener net.Listener
	work     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	dials int
	open  int
	users []string
}

// StartKnown starts a server that lets in whoever has the key in a file, and
// whose own key is in a known_hosts file.
func StartKnown(t testing.TB, handle func(*Session)) (s *Server, keyFile, knownHosts string) {
	t.Helper()
	keyFile, public := KeyFile(t)
	host := NewKey(t)
	s = Start(t, Options{HostKeys: []ssh.Signer{host}, Authorized: []ssh.PublicKey{public}, Handle: handle})
	return s, keyFile, KnownHosts(t, s.Address, host.PublicKey())
}

// Start starts a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if len(o.HostKeys) == 0 {
		o.HostKeys = []ssh.Signer{NewKey(t)}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), options: o, listener: l, conns: make(map[net.Conn]bool)}
	s.config = &ssh.ServerConfig{PublicKeyCallback: s.login}
	for _, key := range o.HostKeys {
		s.config.AddHostKey(key)
	}
	s.work.Go(s.accept)
	t.Cleanup(s.Stop)
	return s
}

// Stop ends the server and all its connections.
func (s *Server) Stop() {
	_ = s.listener.Close()
	s.Drop()
	s.work.Wait()
}

// Drop breaks all connections.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

// Dials is how many connections there have been.
func (s *Server) Dials() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dials
}

// Users are who logged in, one for each connection.
func (s *Server) Users() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users
}

// Open waits until so many connections are open.
func (s *Server) Open(t testing.TB, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(2 * time.Millisecond) {
		s.mu.Lock()
		open := len(s.conns)
		s.mu.Unlock()
		if open == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are open, want %d", open, n)
		}
	}
}

func (s *Server) login(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	ok := false
	for _, a := range s.options.Authorized {
		ok = ok || string(a.Marshal()) == string(key.Marshal())
	}
	if s.options.Login != nil {
		ok = s.options.Login(c.User(), ok)
	}
	if !ok {
		return nil, os.ErrPermission
	}
	return nil, nil
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.dials++
		s.conns[c] = true
		s.mu.Unlock()
		s.work.Go(func() {
			defer func() {
				_ = c.Close()
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
			}()
			s.serve(c)
		})
	}
}

func (s *Server) serve(c net.Conn) {
	conn, channels, requests, err := ssh.NewServerConn(c, s.config)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.users = append(s.users, conn.User())
	s.mu.Unlock()
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { ssh.DiscardRequests(requests) })
	for ch := range channels {
		switch {
		case ch.ChannelType() == "direct-tcpip":
			all.Go(func() { forward(ch) })
		case ch.ChannelType() != "session":
			_ = ch.Reject(ssh.UnknownChannelType, "not here")
		case !s.begin():
			_ = ch.Reject(ssh.ConnectionFailed, "open failed")
		default:
			all.Go(func() { s.session(ch) })
		}
	}
}

func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.Refuse != nil && s.options.Refuse(s.open) {
		return false
	}
	s.open++
	return true
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
}
