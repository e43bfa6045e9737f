// Package imaptest is a mail server in memory for tests: go-imap's, with what
// mail servers do that make it hard for those who read from them. It refuses
// what it is told to refuse, allows what flags it is told to allow, and takes
// tokens.
package imaptest

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// The only account.
const (
	User     = "alerts@example.jp"
	Password = "swordfish"
	Token    = "ya29.token"
)

// Options are the server's peculiarities.
type Options struct {
	TLS        *tls.Config // for STARTTLS and, with Implicit, from the first byte
	Implicit   bool
	Permanent  []imap.Flag // flags that can be set; nil for all
	Move       bool        // it can move mails
	Mechanisms []string    // PLAIN unless given
}

// A Server is one, with one account.
type Server struct {
	o    Options
	ln   net.Listener
	back net.Listener // where nothing is counted or refused
	user *imapmemserver.User
	mem  *imapmemserver.Server

	mu      sync.Mutex
	refuse  map[string]error  // by command
	damaged map[imap.UID]bool // mails that it cannot give
	calls   map[string]int    // by command
}

// New starts a server, which ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{o: o, mem: imapmemserver.New(), user: imapmemserver.NewUser(User, Password),
		refuse: map[string]error{}, damaged: map[imap.UID]bool{}, calls: map[string]int{}}
	if err := s.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	s.mem.AddUser(s.user)
	s.ln = listen(t)
	front := s.ln
	if o.Implicit {
		front = tls.NewListener(front, o.TLS)
	}
	quiet := log.New(io.Discard, "", 0)
	serve(t, front, imapserver.Options{NewSession: s.session, Caps: s.caps(), TLSConfig: o.TLS, InsecureAuth: o.TLS == nil, Logger: quiet})
	s.back = listen(t)
	serve(t, s.back, imapserver.Options{InsecureAuth: true, Logger: quiet, NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return s.mem.NewSession(), nil, nil
	}})
	return s
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// serve answers until the end of the test.
func serve(t testing.TB, ln net.Listener, o imapserver.Options) {
	server := imapserver.New(&o)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ln) // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
}

func (s *Server) caps() imap.CapSet {
	caps := imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapESearch: {}, imap.CapIdle: {}}
	if s.o.Move {
		caps[imap.CapMove] = struct{}{}
	}
	return caps
}

// Port is where it listens, on 127.0.0.1.
func (s *Server) Port() int { return s.ln.Addr().(*net.TCPAddr).Port }

// Deliver puts a mail into a folder, as it comes from outside.
func (s *Server) Deliver(t testing.TB, folder, mail string, o *imap.AppendOptions) {
	t.Helper()
	if o == nil {
		o = &imap.AppendOptions{}
	}
	if _, err := s.user.Append(folder, literal{bytes.NewReader([]byte(mail)), int64(len(mail))}, o); err != nil {
		t.Fatal(err)
	}
}

type literal struct {
	io.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

// Create makes a folder.
func (s *Server) Create(t testing.TB, folder string) {
	t.Helper()
	if err := s.user.Create(folder, nil); err != nil {
		t.Fatal(err)
	}
}

// Recreate makes a folder anew: it is empty, and its UIDs mean other mails.
func (s *Server) Recreate(t testing.TB, folder string) {
	t.Helper()
	if err := s.user.Delete(folder); err != nil {
		t.Fatal(err)
	}
	s.Create(t, folder)
}

// Refuse lets a command fail from now on; nil lets it go well again.
func (s *Server) Refuse(command string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[command] = err
}

// Damage makes a mail one that the server lists and cannot give.
func (s *Server) Damage(uid imap.UID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damaged[uid] = true
}

// Calls is how often a command was given.
func (s *Server) Calls(command string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[command]
}

// called counts a command, and gives what it is to fail with.
func (s *Server) called(command string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[command]++
	return s.refuse[command]
}

// No is how a server refuses.
func No(text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeOverQuota, Text: text}
}

// A Stored is a mail as it lies in a folder.
type Stored struct {
	UID   imap.UID
	Flags []imap.Flag
	Body  string
}

// Has tells whether a flag is set.
func (m Stored) Has(flag string) bool {
	return slices.ContainsFunc(m.Flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), flag) })
}
