//go:build unix

// Package mailtest runs Debian's mail servers for tests: Dovecot, which keeps
// mailboxes, and Postfix, which brings mails to it and elsewhere.
//
// The data's way: a test sends to Postfix on loopback; by the recipient's
// domain Postfix hands over to Dovecot (LMTP) or to whatever listens where the
// test says (SMTP), and keeps in its queue what is not taken. Each server has a
// configuration, a queue and mailboxes of its own below the test's folder, and
// ends with the test. Nothing of the machine's own mail is read or changed.
package mailtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The only mailbox, and the domain whose mails lie in it.
const (
	User      = "alerts"
	Password  = "swordfish"
	BoxDomain = "box.example.jp"
)

// starting bounds the wait for a server that starts, and for one that ends.
const starting = 30 * time.Second

// need skips a test on a machine without a program, except in CI, where that is
// a failure.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := os.Stat(p); err == nil {
			continue
		}
		const do = "install it (on Debian: dovecot-imapd dovecot-lmtpd postfix)"
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: %s", p, do)
		}
		t.Skipf("%s is missing: %s", p, do)
	}
}

// folder gives one that the servers can reach, whoever they run as.
func folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// freePort gives a port of loopback that nobody has at the moment.
func freePort(t testing.TB) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// write makes a file below a folder, and gives its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A daemon is a server's first process, with all that it starts in a group.
type daemon struct {
	cmd   *exec.Cmd
	ended chan struct{}
	why   error // what it ended of; to be read after ended
}

// run starts a server and waits until a port answers.
func run(t testing.TB, log string, ports []int, program string, args ...string) *daemon {
	t.Helper()
	d := &daemon{cmd: exec.Command(program, args...), ended: make(chan struct{})}
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out := &tail{}
	d.cmd.Stdout, d.cmd.Stderr = out, out
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(d.ended)
		d.why = d.cmd.Wait()
	}()
	t.Cleanup(func() { d.stop(t) })
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(log) // there may be none yet
			t.Logf("%s said:\n%s...\n%s", program, out, text[max(len(text)-maxTail, 0):])
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), starting)
	defer cancel()
	for _, port := range ports {
		if err := d.answers(ctx, port); err != nil {
			t.Fatalf("%s: %v\n%s", program, err, out)
		}
	}
	return d
}

func (d *daemon) answers(ctx context.Context, port int) error {
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", address(port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-d.ended:
			return fmt.Errorf("it ended at the start: %w", d.why)
		case <-ctx.Done():
			return errors.Join(errors.New("it does not answer"), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the server and all that it started.
func (d *daemon) stop(t testing.TB) {
	_ = d.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-d.ended:
	case <-time.After(starting):
		t.Errorf("%s does not end", d.cmd.Path)
	}
	_ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL) // what is left of its group, as a rule nothing
}

// certificate makes one for 127.0.0.1 that vouches for itself.
func certificate(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	public, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	return write(t, dir, "cert.pem", block("CERTIFICATE", public)), write(t, dir, "key.pem", block("EC PRIVATE KEY", secret))
}
