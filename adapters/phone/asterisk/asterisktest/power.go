package asterisktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// inProcessHost is Asterisk's address where nothing listens.
const inProcessHost = "asterisk.test:8088"

// power is whether Asterisk can be reached, and all its connections.
type power struct {
	gate    gate
	address string // host and port
	offline bool   // without a network

	mu     sync.Mutex
	server *http.Server // nil while it is off
	memory *socketless  // of a server without a network
	wires  map[*wire]bool
}

var errOff = errors.New("it is switched off")

// on listens, at the address of before if there was one.
func (a *Asterisk) on() error {
	a.mu.Lock()
	handler := process{a, a.lives}
	a.mu.Unlock()
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	listener, err := a.power.plugIn(server)
	if err != nil || listener == nil {
		return err
	}
	a.start(func() {
		_ = server.Serve(listener) // ends with off
	})
	return nil
}

// plugIn gives a server what it listens to, or nil when another one does.
func (p *power) plugIn(server *http.Server) (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil, nil
	}
	listener, err := p.listen()
	if err != nil {
		return nil, fmt.Errorf("listening at %s: %w", p.address, err)
	}
	p.address, p.server = listener.Addr().String(), server
	return &plug{listener, p, server}, nil
}

// A process is Asterisk between its start and its death. What reaches one
// that has died does nothing in the next.
type process struct {
	*Asterisk
	life int
}

func (p process) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.serveHTTP(w, r, p.life) }

func (p *power) listen() (net.Listener, error) {
	if p.offline {
		p.memory = &socketless{accept: make(chan net.Conn), gone: make(chan struct{})}
		return p.memory, nil
	}
	if p.address == "" {
		p.address = "127.0.0.1:0"
	}
	return net.Listen("tcp", p.address)
}

// off closes the listener and resets all connections.
func (p *power) off() {
	p.mu.Lock()
	server := p.server
	p.server = nil
	var wires []*wire
	for w := range p.wires {
		wires = append(wires, w)
	}
	p.mu.Unlock()
	for _, w := range wires {
		w.abort()
	}
	if server != nil {
		_ = server.Close() // fails only for what is closed already
	}
}

// A plug gives the server connections that can be held and cut.
type plug struct {
	net.Listener
	power  *power
	server *http.Server
}

func (l *plug) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: conn, gate: &l.power.gate, gone: make(chan struct{}), left: l.power.forget}
	l.power.mu.Lock()
	defer l.power.mu.Unlock()
	if l.power.server != l.server {
		_ = conn.Close()
		return nil, errOff
	}
	l.power.wires[w] = true
	return w, nil
}

func (p *power) forget(w *wire) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.wires, w)
}

// socketless listens where no sockets are.
type socketless struct {
	accept chan net.Conn
	once   sync.Once
	gone   chan struct{}
}

func (s *socketless) Accept() (net.Conn, error) {
	select {
	case conn := <-s.accept:
		return conn, nil
	case <-s.gone:
		return nil, net.ErrClosed
	}
}

func (s *socketless) Close() error {
	s.once.Do(func() { close(s.gone) })
	return nil
}

func (s *socketless) Addr() net.Addr { return place{} }

// DialContext connects to Asterisk, whatever the address says: over TCP, or
// in memory after WithoutNetwork. It fits http.Transport.DialContext and
// websocket.Dialer.NetDialContext.
func (a *Asterisk) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	p := &a.power
	p.mu.Lock()
	address, memory, off := p.address, p.memory, p.server == nil
	p.mu.Unlock()
	if !p.offline {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if off {
		return nil, refused()
	}
	client, server := newLink()
	select {
	case memory.accept <- server:
		return client, nil
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: place{}, Err: ctx.Err()}
	case <-memory.gone:
		return nil, refused()
	}
}

func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: place{}, Err: syscall.ECONNREFUSED}
}

// Die is the end of the process: connections are reset and refused, and
// everybody on a line is cut off without an event. What Asterisk keeps on its
// disk survives: sounds and stored recordings. Return starts it anew.
func (a *Asterisk) Die() {
	a.power.off()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wipe()
}

// Disconnect takes the network away: connections are reset and refused, while
// the calls go on and their events are lost. Return gives it back.
func (a *Asterisk) Disconnect() { a.power.off() }

// Return ends Die or Disconnect, at the same address.
func (a *Asterisk) Return() {
	a.tb.Helper()
	if err := a.on(); err != nil {
		a.tb.Errorf("bringing Asterisk back: %v", err)
	}
}

// Hang stops Asterisk as SIGSTOP does, as far as its clients can see:
// connections are taken and nothing is read or answered. People go on.
func (a *Asterisk) Hang() { a.power.gate.shut() }

// Resume ends Hang: what was sent meanwhile is read, and what happened
// meanwhile is told.
func (a *Asterisk) Resume() { a.power.gate.release() }
