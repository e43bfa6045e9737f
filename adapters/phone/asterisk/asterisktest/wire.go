package asterisktest

import (
	"net"
	"sync"
)

// A gate holds all connections while Asterisk hangs: the kernel still takes
// connections and bytes, and nobody reads or answers.
type gate struct {
	mu   sync.Mutex
	open chan struct{} // nil while nothing hangs; closed when it goes on
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == nil {
		g.open = make(chan struct{})
	}
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open != nil {
		close(g.open)
		g.open = nil
	}
}

// pass waits while the gate is shut, or until gone is closed.
func (g *gate) pass(gone <-chan struct{}) {
	for {
		g.mu.Lock()
		open := g.open
		g.mu.Unlock()
		if open == nil {
			return
		}
		select {
		case <-open:
		case <-gone:
			return
		}
	}
}

// A wire is Asterisk's end of one connection.
type wire struct {
	net.Conn
	gate *gate
	once sync.Once
	gone chan struct{}
	left func(*wire)
}

func (w *wire) Read(p []byte) (int, error) {
	w.gate.pass(w.gone)
	n, err := w.Conn.Read(p)
	w.gate.pass(w.gone) // it may have shut while Read waited
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.gate.pass(w.gone)
	return w.Conn.Write(p)
}

func (w *wire) Close() error {
	w.once.Do(func() {
		close(w.gone)
		w.left(w)
	})
	return w.Conn.Close()
}

// abort resets the connection: the peer sees it at once, and what was under
// way is lost.
func (w *wire) abort() {
	switch c := w.Conn.(type) {
	case *end:
		c.abort()
	case *net.TCPConn:
		_ = c.SetLinger(0) // Close then sends a reset
	}
	_ = w.Close()
}
