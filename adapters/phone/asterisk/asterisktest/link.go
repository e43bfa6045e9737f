package asterisktest

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// linkBuffer is how much a link takes before its writer waits, for each
// direction. A connection without a buffer (net.Pipe) deadlocks two peers who
// ping each other at the same instant, which is usual in a synctest bubble.
const linkBuffer = 64 << 10

// A link is a TCP connection in memory: two ends and what is under way.
type link struct {
	mu    sync.Mutex
	moved *sync.Cond
	reset bool
}

// An end is one side of a link, a net.Conn.
type end struct {
	*link
	peer        *end
	in          []byte // what the peer wrote and nobody read yet
	closed      bool
	read, write deadline
}

type deadline struct {
	timer  *time.Timer
	passed bool
}

// newLink gives the two ends of a connection.
func newLink() (client, server *end) {
	l := &link{}
	l.moved = sync.NewCond(&l.mu)
	client, server = &end{link: l}, &end{link: l}
	client.peer, server.peer = server, client
	return client, server
}

func (e *end) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		switch err := e.broken(e.read.passed); {
		case err != nil:
			return 0, e.failed("read", err)
		case len(e.in) > 0:
			n := copy(p, e.in)
			e.in = e.in[n:]
			e.moved.Broadcast()
			return n, nil
		case e.peer.closed:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		e.moved.Wait()
	}
}

func (e *end) Write(p []byte) (n int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(p) > 0 {
		if err := e.broken(e.write.passed); err != nil {
			return n, e.failed("write", err)
		}
		if e.peer.closed {
			return n, e.failed("write", syscall.EPIPE)
		}
		if room := linkBuffer - len(e.peer.in); room > 0 {
			k := min(room, len(p))
			e.peer.in = append(e.peer.in, p[:k]...)
			n, p = n+k, p[k:]
			e.moved.Broadcast()
			continue
		}
		e.moved.Wait()
	}
	return n, nil
}

// broken tells why this end can do nothing more.
func (e *end) broken(late bool) error {
	switch {
	case e.closed:
		return net.ErrClosed
	case e.reset:
		return syscall.ECONNRESET
	case late:
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (e *end) failed(op string, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return err // its Timeout method must show
	}
	return &net.OpError{Op: op, Net: "tcp", Addr: place{}, Err: err}
}

func (e *end) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.read.stop()
	e.write.stop()
	e.moved.Broadcast()
	return nil
}

// abort ends the connection as a peer does that was killed.
func (e *end) abort() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reset = true
	e.moved.Broadcast()
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
	*d = deadline{}
}

// set moves a deadline. The lock is held.
func (e *end) set(d *deadline, t time.Time) {
	d.stop()
	if !t.IsZero() {
		if left := time.Until(t); left <= 0 {
			d.passed = true
		} else {
			e.arm(d, left)
		}
	}
	e.moved.Broadcast()
}

func (e *end) arm(d *deadline, left time.Duration) {
	var timer *time.Timer
	timer = time.AfterFunc(left, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if d.timer == timer { // else it was moved meanwhile
			d.passed = true
			e.moved.Broadcast()
		}
	})
	d.timer = timer
}

func (e *end) SetDeadline(t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set(&e.read, t)
	e.set(&e.write, t)
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set(&e.read, t)
	return nil
}

func (e *end) SetWriteDeadline(t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set(&e.write, t)
	return nil
}

func (e *end) LocalAddr() net.Addr  { return place{} }
func (e *end) RemoteAddr() net.Addr { return place{} }

// A place is an address where nothing listens.
type place struct{}

func (place) Network() string { return "tcp" }
func (place) String() string  { return inProcessHost }
