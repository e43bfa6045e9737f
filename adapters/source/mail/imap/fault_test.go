package imap

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/source/mail/imap/imaptest"
)

// A line spoils one of the pieces in which what is sent arrives, of all
// connections together.
type line struct {
	mu    sync.Mutex
	n, at int
	how   string
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &spoilt{Conn: conn, line: l}, nil
}

// next counts a piece, and tells whether it is the one to spoil.
func (l *line) next() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return l.n == l.at
}

func (l *line) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n >= l.at
}

type spoilt struct {
	net.Conn
	line *line
	hung bool
}

func (c *spoilt) Read(b []byte) (int, error) {
	if c.hung {
		return c.hang(b)
	}
	n, err := c.Conn.Read(b)
	if err != nil || !c.line.next() {
		return n, err
	}
	switch c.line.how {
	case "cut":
		_ = c.Close()
		return 0, net.ErrClosed
	case "cut in its midst":
		_ = c.Close()
		return n / 2, nil
	case "garbled":
		for i := range b[:n] {
			b[i] ^= byte(i%7) << 4
		}
		return n, nil
	}
	c.hung = true
	return c.hang(b)
}

// hang swallows what comes, as a line whose far end is gone: nothing arrives
// and nothing is said until the near end gives up.
func (c *spoilt) hang(b []byte) (int, error) {
	for {
		if _, err := c.Conn.Read(b); err != nil {
			return 0, err
		}
	}
}

// Whatever happens to the line at whatever moment: all mails are taken, in
// their order but for repetitions, and flagged only after that.
func TestLineSpoilt(t *testing.T) {
	for _, how := range []string{"cut", "cut in its midst", "garbled", "hung"} {
		for at := 1; ; at++ {
			l := &line{at: at, how: how}
			t.Run(fmt.Sprintf("%s at %d", how, at), func(t *testing.T) { spoil(t, l) })
			if !l.over() || t.Failed() {
				break
			}
		}
	}
}

func spoil(t *testing.T, l *line) {
	s := imaptest.New(t, imaptest.Options{})
	for i := range 3 {
		s.Deliver(t, "INBOX", letter(fmt.Sprint(i)), nil)
	}
	k := newTaker()
	o := ofServer(s)
	o.Dial, o.Take, o.Every = l.dial, k.take, 10*time.Millisecond
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	m.limits = hasty
	if l.how == "hung" {
		m.limits.connect, m.limits.command, m.limits.search, m.limits.fetch = 60*time.Millisecond, 60*time.Millisecond, 60*time.Millisecond, 60*time.Millisecond
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Run(ctx)
	}()
	await(t, func() bool { return m.Status().Taken >= 3 && m.Status().Connected && !m.Status().Looked.IsZero() })
	cancel()
	<-done
	for i, stored := range s.Folder(t, "INBOX") {
		if stored.Body != letter(fmt.Sprint(i)) || !stored.Has(DoneFlag) {
			t.Errorf("mail %d has the flags %q", i, stored.Flags)
		}
	}
	seen := map[string]bool{}
	for _, subject := range k.subjects() {
		seen[subject] = true
	}
	for i := range 3 {
		if !seen[fmt.Sprint(i)] && l.how != "garbled" { // what is garbled within a mail nobody can know
			t.Errorf("mail %d was never taken: %q", i, k.subjects())
		}
	}
}
