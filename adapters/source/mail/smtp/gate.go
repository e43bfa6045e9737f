package smtp

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// A gate lets connections in, and remembers them.
type gate struct {
	net.Listener
	server *Server

	mu    sync.Mutex
	lines map[*line]struct{}
	over  bool
}

// What whoever is not let in reads, once.
const (
	strangers = "554 5.7.1 your address is not on Tebiki's list (mail.smtp.networks)\r\n"
	crowded   = "421 4.3.2 too many connections; come again later\r\n"
	closing   = "421 4.3.2 Tebiki is shutting down; come again later\r\n"
)

// Accept gives the next connection that is let in.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l := g.admit(conn); l != nil {
			return l, nil
		}
	}
}

func (g *gate) admit(conn net.Conn) *line {
	counts := &g.server.counts
	if !g.known(conn.RemoteAddr()) {
		counts.strangers.Add(1)
		g.server.o.Log.Warn("a connection from outside mail.smtp.networks was refused", "peer", conn.RemoteAddr())
		turnAway(conn, strangers)
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.over:
		turnAway(conn, closing)
		return nil
	case len(g.lines) >= g.server.o.Sessions:
		counts.full.Add(1)
		turnAway(conn, crowded)
		return nil
	}
	l := &line{Conn: conn, gate: g, until: time.Now().Add(g.server.o.Life)}
	g.lines[l] = struct{}{}
	counts.sessions.Store(int64(len(g.lines)))
	return l
}

// turnAway says why and hangs up. So few bytes fit into any socket, so it does
// not wait.
func turnAway(conn net.Conn, why string) {
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = conn.Write([]byte(why))
	_ = conn.Close()
}

func (g *gate) known(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return false
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	for _, p := range g.server.o.Networks {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// end lets nobody in any more, and ends those who are about to say something.
func (g *gate) end() {
	_ = g.Listener.Close() // go-smtp closes only what it has begun to serve
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
	for l := range g.lines {
		l.end()
	}
}

// cut hangs up on whoever is left.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for l := range g.lines {
		_ = l.Conn.Close()
	}
}

func (g *gate) left(l *line) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.lines, l)
	g.server.counts.sessions.Store(int64(len(g.lines)))
}

// A line is one connection. Once it was too slow, or when the server ends,
// nothing of it is read any more: the rest of a mail that broke off would be
// taken for commands.
type line struct {
	net.Conn
	gate  *gate
	until time.Time

	mu     sync.Mutex
	over   error
	closed bool
}

// past is a deadline that makes a read return at once.
var past = time.Unix(1, 0)

// SetReadDeadline implements net.Conn.
func (l *line) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over != nil {
		t = past
	} else if t.After(l.until) {
		t = l.until
	}
	return l.Conn.SetReadDeadline(t)
}

// Read gives go-smtp's own errors, since it answers with a lasting refusal to
// others.
func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over == nil {
		l.over = errSlow
	}
	return n, l.over
}

func (l *line) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = errClosing
	_ = l.Conn.SetReadDeadline(past) // a connection that is over says so when it is read
}

// Close implements net.Conn.
func (l *line) Close() error {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	l.mu.Unlock()
	if first {
		l.gate.left(l)
	}
	return l.Conn.Close()
}
