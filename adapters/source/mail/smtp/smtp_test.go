package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A store remembers what was taken.
type store struct {
	mu    sync.Mutex
	mails []string
	err   error
	gate  chan struct{} // when set, each mail waits for it
	began chan struct{}
}

func (s *store) take(_ context.Context, raw []byte) error {
	if s.gate != nil {
		s.began <- struct{}{}
		<-s.gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.mails = append(s.mails, string(raw))
	return nil
}

func (s *store) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// A served is a running server.
type served struct {
	*Server
	addr  string
	end   context.CancelFunc
	ended chan error
}

func serve(t *testing.T, o Options, drain time.Duration) *served {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{Server: New(o), addr: ln.Addr().String(), end: cancel, ended: make(chan error, 1)}
	go func() { s.ended <- s.Serve(ctx, ln, drain) }()
	t.Cleanup(func() {
		cancel()
		if err := <-s.ended; err != nil {
			t.Errorf("serving ended with %v", err)
		}
	})
	return s
}

// A talk is one connection, spoken by hand.
type talk struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func (s *served) dial(t *testing.T) *talk {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return &talk{t, conn, bufio.NewReader(conn)}
}

// hear reads one answer, of whatever many lines.
func (k *talk) hear() string {
	k.t.Helper()
	var all strings.Builder
	for {
		line, err := k.r.ReadString('\n')
		all.WriteString(line)
		if err != nil || len(line) < 4 || line[3] != '-' {
			return all.String()
		}
	}
}

// say sends lines and expects the beginning of the answer to the last.
func (k *talk) say(want string, lines ...string) string {
	k.t.Helper()
	got := ""
	for _, l := range lines {
		if _, err := io.WriteString(k.Conn, l+"\r\n"); err != nil {
			k.t.Fatalf("%q: %v", l, err)
		}
		got = k.hear()
	}
	if !strings.HasPrefix(got, want) {
		k.t.Errorf("%.60q is answered %q, want %s", lines, got, want)
	}
	return got
}

func (s *served) greeted(t *testing.T) *talk {
	k := s.dial(t)
	if got := k.hear(); !strings.HasPrefix(got, "220 ") {
		t.Fatalf("the greeting is %q", got)
	}
	k.say("250", "EHLO mta.example.jp")
	return k
}

const body = "Subject: DISK CRITICAL\r\n\r\nhost: web01\r\n..dots\r\n"

func TestTakesAfterCommit(t *testing.T) {
	st := &store{gate: make(chan struct{}), began: make(chan struct{}, 1)}
	s := serve(t, Options{Take: st.take}, time.Second)
	k := s.greeted(t)
	k.say("354", "MAIL FROM:<zabbix@example.jp>", "RCPT TO:<alerts@tebiki.example.jp>", "DATA")
	_, _ = io.WriteString(k, body+".\r\n")
	<-st.began
	_ = k.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if b, err := k.r.Peek(1); err == nil {
		t.Fatalf("an answer comes before the commit: %q", b)
	}
	_ = k.SetReadDeadline(time.Now().Add(10 * time.Second))
	close(st.gate)
	if got := k.hear(); !strings.HasPrefix(got, "250") {
		t.Fatalf("after the commit it says %q", got)
	}
	if got := st.all(); len(got) != 1 || got[0] != strings.Replace(body, "..dots", ".dots", 1) {
		t.Errorf("taken was %q", got)
	}
	if st := s.Status(); st.Taken != 1 || st.Sessions != 1 {
		t.Errorf("the status is %+v", st)
	}
}

// What may go better later is never refused for good.
func TestAnswers(t *testing.T) {
	full := &store{err: errors.New("no space left")}
	good := &store{}
	big := body + strings.Repeat("x", 600) + "\r\n"
	for name, c := range map[string]struct {
		o     Options
		st    *store
		lines []string
		want  string
	}{
		"the store fails":       {Options{}, full, []string{"MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", body + "."}, "451 4.3.0"},
		"taken":                 {Options{}, good, []string{"MAIL FROM:<a@b> BODY=8BITMIME SMTPUTF8", "RCPT TO:<c@d>", "DATA", body + "."}, "250 2.0.0"},
		"taken in chunks":       {Options{}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<c@d>", "BDAT 12 LAST\r\nSubject: x\r\n"}, "250 2.0.0"},
		"no sender":             {Options{}, good, []string{"MAIL FROM:<>"}, "250"},
		"too large, announced":  {Options{Max: 500}, good, []string{"MAIL FROM:<a@b> SIZE=501"}, "552 5.3.4"},
		"too large":             {Options{Max: 500}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", big + "."}, "552 5.3.4"},
		"too large, in chunks":  {Options{Max: 500}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<c@d>", "BDAT 501 LAST\r\n" + strings.Repeat("x", 499)}, "552 5.3.4"},
		"no memory":             {Options{Hold: 1000, Max: 900}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", big + "."}, "452 4.3.1"},
		"a line without end":    {Options{}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", strings.Repeat("x", maxLine+1) + "\r\n."}, "554 5.6.0"},
		"a sender on the list":  {Options{From: []string{"*@EXAMPLE.jp"}}, good, []string{"MAIL FROM:<root@example.jp>"}, "250"},
		"a sender beside it":    {Options{From: []string{"*@example.jp"}}, good, []string{"MAIL FROM:<root@example.jp.evil>"}, "550 5.7.1"},
		"nobody, not listed":    {Options{From: []string{"*@example.jp"}}, good, []string{"MAIL FROM:<>"}, "550 5.7.1"},
		"nobody, listed":        {Options{From: []string{"<>"}}, good, []string{"MAIL FROM:<>"}, "250"},
		"a recipient beside":    {Options{To: []string{"alerts@*"}}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<other@tebiki>"}, "550 5.1.1"},
		"a recipient":           {Options{To: []string{"alerts@*"}}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<alerts@tebiki>"}, "250"},
		"too many recipients":   {Options{Recipients: 1}, good, []string{"MAIL FROM:<a@b>", "RCPT TO:<c@d>", "RCPT TO:<e@f>"}, "452 4.5.3"},
		"no TLS without a cert": {Options{}, good, []string{"STARTTLS"}, "502"},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Take = c.st.take
			s := serve(t, c.o, time.Second)
			s.greeted(t).say(c.want, c.lines...)
			status := s.Status()
			if permanent := c.want[0] == '5' && name != "no TLS without a cert" && !strings.Contains(name, "announced") && !strings.Contains(name, "chunks"); permanent != (status.Refused == 1) {
				t.Errorf("the status is %+v", status)
			}
			if s.held.Load() != 0 {
				t.Errorf("%d bytes are held after all is over", s.held.Load())
			}
		})
	}
}

func TestNetworks(t *testing.T) {
	st := &store{}
	s := serve(t, Options{Take: st.take, Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, time.Second)
	k := s.dial(t)
	if got := k.hear(); !strings.HasPrefix(got, "554 5.7.1") {
		t.Errorf("a stranger hears %q", got)
	}
	if got := s.Status(); got.Strangers != 1 || got.Sessions != 0 {
		t.Errorf("the status is %+v", got)
	}
	g := gate{server: New(Options{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})}
	for addr, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "2001:db8::1": false} {
		if got := g.known(&net.TCPAddr{IP: net.ParseIP(addr)}); got != want {
			t.Errorf("%s is known: %t", addr, got)
		}
	}
}

func TestTooManyConnections(t *testing.T) {
	st := &store{}
	s := serve(t, Options{Take: st.take, Sessions: 1}, time.Second)
	first := s.greeted(t)
	if got := s.dial(t).hear(); !strings.HasPrefix(got, "421 4.3.2 too many") {
		t.Errorf("the second hears %q", got)
	}
	first.say("221", "QUIT")
	_, _ = first.r.ReadByte() // until it is closed
	s.greeted(t)
}

// Who is slow is told to come again, and what they send after that is never
// taken for commands.
func TestSlow(t *testing.T) {
	st := &store{}
	s := serve(t, Options{Take: st.take, Idle: 50 * time.Millisecond, Slow: 50 * time.Millisecond}, time.Second)
	silent := s.greeted(t)
	if got := silent.hear(); !strings.HasPrefix(got, "421") {
		t.Errorf("who says nothing hears %q", got)
	}
	for name, begin := range map[string]string{"DATA": "DATA\r\nSubject: x\r\n", "BDAT": "BDAT 5000 LAST\r\nSubject: x\r\n"} {
		k := s.greeted(t)
		k.say("250", "MAIL FROM:<a@b>", "RCPT TO:<c@d>")
		_, _ = io.WriteString(k, begin)
		if name == "DATA" {
			k.hear()
		}
		if got := k.hear(); !strings.HasPrefix(got, "421 4.4.2") {
			t.Errorf("%s: who sends no end hears %q", name, got)
		}
		_, _ = io.WriteString(k, "NOOP\r\nMAIL FROM:<evil@example.jp>\r\n")
		if rest, _ := io.ReadAll(k.r); strings.Contains(string(rest), "250") {
			t.Errorf("%s: the rest is taken for commands: %q", name, rest)
		}
	}
	if n := len(st.all()); n != 0 {
		t.Errorf("%d halves of mails are taken", n)
	}
}

func TestLife(t *testing.T) {
	st := &store{}
	s := serve(t, Options{Take: st.take, Life: 100 * time.Millisecond}, time.Second)
	k := s.greeted(t)
	for range 100000 {
		if _, err := io.WriteString(k, "NOOP\r\n"); err != nil {
			break
		}
		if !strings.HasPrefix(k.hear(), "250") {
			return
		}
	}
	t.Error("who keeps talking stays for ever")
}

func TestSmugglesNothing(t *testing.T) {
	st := &store{}
	s := serve(t, Options{Take: st.take}, time.Second)
	for _, end := range []string{"\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n"} {
		k := s.greeted(t)
		k.say("354", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA")
		k.say("250", "Subject: x\r\n\r\nhello"+end+"MAIL FROM:<evil@example.jp>\r\n.")
		if got := st.all(); !strings.Contains(got[len(got)-1], "evil") {
			t.Errorf("%q ends a mail", end)
		}
	}
}

func TestSTARTTLS(t *testing.T) {
	site := httptest.NewTLSServer(nil)
	defer site.Close()
	roots := x509.NewCertPool()
	roots.AddCert(site.Certificate())
	st := &store{}
	s := serve(t, Options{Take: st.take, TLS: &tls.Config{Certificates: site.TLS.Certificates}}, time.Second)
	k := s.greeted(t)
	// What is said before TLS counts for nothing after it.
	_, _ = io.WriteString(k, "STARTTLS\r\nMAIL FROM:<injected@example.jp>\r\n")
	if got := k.hear(); !strings.HasPrefix(got, "220") {
		t.Fatalf("STARTTLS is answered %q", got)
	}
	secured := tls.Client(k.Conn, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
	k = &talk{t, secured, bufio.NewReader(secured)}
	k.say("502", "MAIL FROM:<a@b>") // it forgot the EHLO too
	if got := k.say("250", "EHLO mta"); strings.Contains(got, "STARTTLS") {
		t.Errorf("within TLS it offers %q", got)
	}
	k.say("502", "RCPT TO:<c@d>")
	k.say("250", "MAIL FROM:<a@b>", "RCPT TO:<c@d>")
	k.say("354", "DATA")
	k.say("250", body+".")
}

func TestShutdown(t *testing.T) {
	st := &store{gate: make(chan struct{}), began: make(chan struct{}, 1)}
	s := serve(t, Options{Take: st.take}, 5*time.Second)
	idle, sending, committing := s.greeted(t), s.greeted(t), s.greeted(t)
	sending.say("354", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA")
	_, _ = io.WriteString(sending, "Subject: half\r\n")
	committing.say("354", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA")
	_, _ = io.WriteString(committing, body+".\r\n")
	<-st.began
	s.end()
	for name, k := range map[string]*talk{"who is idle": idle, "who sends": sending} {
		if got := k.hear(); !strings.HasPrefix(got, "421") {
			t.Errorf("%s hears %q", name, got)
		}
	}
	close(st.gate)
	if got := committing.hear(); !strings.HasPrefix(got, "250") {
		t.Errorf("who has sent all hears %q", got)
	}
	if n := len(st.all()); n != 1 {
		t.Errorf("%d mails are taken", n)
	}
}

// A server that is ended before it has begun ends.
func TestEndsAtOnce(t *testing.T) {
	for range 200 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := New(Options{}).Serve(ctx, ln, time.Second); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMany(t *testing.T) {
	st := &store{}
	s := serve(t, Options{Take: st.take}, time.Second)
	var wg sync.WaitGroup
	for i := range 20 {
		k := s.greeted(t)
		wg.Go(func() {
			for j := range 10 {
				k.say("354", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA")
				k.say("250", fmt.Sprintf("Subject: %d/%d\r\n\r\nx\r\n.", i, j))
			}
		})
	}
	wg.Wait()
	got := st.all()
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 200 || s.Status().Taken != 200 {
		t.Errorf("%d different mails are taken, the status says %d", n, s.Status().Taken)
	}
}
