package mailbox

import (
	"context"
	"fmt"
	"net"
	"net/smtp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/source/mail/imap"
	"tebiki/adapters/source/mail/imap/imaptest"
	smtpin "tebiki/adapters/source/mail/smtp"
	"tebiki/bot/flowtest"
	"tebiki/store"
)

// brought are the mails of these tests: three problems, the recovery of one,
// and one of them a second time, under another UID.
func brought() (mails []string) {
	for _, id := range []string{"a", "b", "c", "a"} {
		mails = append(mails, string(zabbix(id, "web-"+id)))
	}
	return append(mails, strings.Replace(strings.Replace(string(zabbix("b", "web-b")), "Problem:", "Resolved:", 1), "<b@", "<r@", 1))
}

// A piece is something that arrives from the mail server; at one of them the
// process dies.
type piece struct {
	mu    sync.Mutex
	n, at int
	die   func()
}

func (p *piece) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	return &dying{conn, p}, err
}

type dying struct {
	net.Conn
	p *piece
}

func (c *dying) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.p.mu.Lock()
	c.p.n++
	now := c.p.n == c.p.at
	c.p.mu.Unlock()
	if now {
		c.p.die()
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

// live reads the mailbox until all is marked, or the process dies.
func live(t *testing.T, s *imaptest.Server, st store.Store, g *flowtest.Gate, p *piece) {
	t.Helper()
	proc := start(t, g.Store(st))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g.Start(cancel)
	p.die = cancel
	box, err := imap.New(imap.Options{Host: "127.0.0.1", Port: s.Port(), Security: imap.Plain, User: imaptest.User,
		Password: func() (string, error) { return imaptest.Password, nil }, Every: 5 * time.Millisecond, Dial: p.dial, Take: proc.FromIMAP("INBOX")})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		box.Run(ctx)
	}()
	await(t, func() bool { return ctx.Err() != nil || allMarked(t, s) })
	cancel()
	<-done
	proc.end()
}

func allMarked(t *testing.T, s *imaptest.Server) bool {
	for _, m := range s.Folder(t, "INBOX") {
		if !m.Has(imap.DoneFlag) {
			return false
		}
	}
	return true
}

// Wherever the process dies between a mail server and a commit, each mail is
// one alert, and no mail is marked that is not.
func TestDiesReadingAMailbox(t *testing.T) {
	for name, c := range map[string]struct {
		store bool
		mode  flowtest.Mode
	}{"at a commit": {true, flowtest.Crash}, "at a refused commit": {true, flowtest.Refuse}, "at what the server says": {false, 0}} {
		t.Run(name, func(t *testing.T) {
			for at := 1; ; at++ {
				s := imaptest.New(t, imaptest.Options{})
				for _, m := range brought() {
					s.Deliver(t, "INBOX", m, nil)
				}
				st, g, p := store.NewMemory(), &flowtest.Gate{}, &piece{}
				if c.store {
					g.Spoil(at, c.mode)
				} else {
					p.at = at
				}
				live(t, s, st, g, p)
				met := g.Calls() >= at
				if !c.store {
					met = p.n >= at
				}
				for i, m := range s.Folder(t, "INBOX") {
					if m.Has(imap.DoneFlag) && len(stored(t, st)) == 0 {
						t.Errorf("step %d: mail %d is marked and no alert is there", at, i)
					}
				}
				live(t, s, st, &flowtest.Gate{}, &piece{})
				checkBrought(t, fmt.Sprintf("step %d", at), st)
				if n := len(s.Folder(t, "INBOX")); n != len(brought()) {
					t.Errorf("step %d: %d mails are left", at, n)
				}
				if !met || t.Failed() {
					t.Logf("%d steps", at-1)
					return
				}
			}
		})
	}
}

// checkBrought wants each mail's signal once.
func checkBrought(t *testing.T, step string, st store.Store) {
	t.Helper()
	want := []string{"web-a event 1a", "web-b event 1b", "web-b event 1b", "web-c event 1c"} // b and its recovery
	if got := stored(t, st); !slices.Equal(got, want) {
		t.Errorf("%s: there are the alerts %q, want %q", step, got, want)
	}
}

// A mail server sends again what it has no 250 for. Wherever the process dies,
// each mail is one alert.
func TestDiesAtTheListener(t *testing.T) {
	for name, mode := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for at := 1; ; at++ {
				st, g := store.NewMemory(), &flowtest.Gate{}
				g.Spoil(at, mode)
				waiting := brought()
				for lives := 0; len(waiting) > 0; lives++ {
					if lives > 20 {
						t.Fatalf("step %d: %d mails are not taken after %d lives", at, len(waiting), lives)
					}
					waiting = listen(t, st, g, waiting)
				}
				checkBrought(t, fmt.Sprintf("step %d", at), st)
				if g.Calls() < at || t.Failed() {
					return
				}
			}
		})
	}
}

// listen lives until the process dies or all are sent, and gives what is left
// to send.
func listen(t *testing.T, st store.Store, g *flowtest.Gate, mails []string) []string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	proc := start(t, g.Store(st))
	ctx, cancel := context.WithCancel(t.Context())
	g.Start(cancel)
	done := make(chan error, 1)
	go func() { done <- smtpin.New(smtpin.Options{Take: proc.FromSMTP}).Serve(ctx, ln, time.Second) }()
	for len(mails) > 0 {
		err := smtp.SendMail(ln.Addr().String(), nil, "zabbix@example.jp", []string{"alerts@tebiki"}, []byte(mails[0]))
		if err != nil {
			if strings.HasPrefix(err.Error(), "5") {
				t.Errorf("the mail is refused for good: %v", err)
			}
			break
		}
		mails = mails[1:]
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	proc.end()
	return mails
}
