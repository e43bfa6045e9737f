package gittest

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is for a server to come up.
const patience = 20 * time.Second

// Daemon serves the repository by git daemon, and gives its git:// address.
func (r *Repo) Daemon() string {
	r.t.Helper()
	at := freeAddress(r.t)
	host, port, _ := net.SplitHostPort(at)
	r.start(at, Need(r.t, "git", "git"), "daemon", "--reuseaddr", "--export-all", "--base-path="+filepath.Dir(r.Dir),
		"--listen="+host, "--port="+port, filepath.Dir(r.Dir))
	return "git://" + at + "/" + filepath.Base(r.Dir)
}

// start starts a server that ends with the test, and waits until it listens.
func (r *Repo) start(at, program string, args ...string) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, args...)
	// git daemon is a child of git, and only ends with its group.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		cancel()
		_ = cmd.Wait()
	})
	r.t.Cleanup(stop)
	for deadline := time.Now().Add(patience); ; <-time.After(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", at)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			stop()
			r.t.Fatalf("%s does not listen: %v\n%s", program, err, said.Bytes())
		}
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Handler serves the repository by git http-backend to who has the token.
func (r *Repo) Handler(user, token string) http.Handler {
	r.t.Helper()
	git := Need(r.t, "git", "git")
	backend := &cgi.Handler{Path: git, Stderr: io.Discard, Logger: log.New(io.Discard, "", 0), Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(r.Dir), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=/dev/null"}}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if u, p, _ := req.BasicAuth(); u != user || p != token {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who is "+u+" with "+p+"?", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, req)
	})
}

// HTTPS serves by h, and gives the repository's address and the file of the
// certificate to trust.
func (r *Repo) HTTPS(h http.Handler) (url, ca string) {
	r.t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	r.t.Cleanup(s.Close)
	ca = filepath.Join(r.t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}
	if err := os.WriteFile(ca, pem.EncodeToMemory(block), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return s.URL + "/" + filepath.Base(r.Dir), ca
}

// An SSHD is a real one of OpenSSH. It has two host keys, and lets in who has
// one of the key files.
type SSHD struct {
	Address, URL string
	Key          string // a file of a key
	Locked       string // one of a key with the passphrase "open sesame"
	Stranger     string // one of a key that is not let in
	HostKeys     []string
	Authority    string // a file of the key that has signed the first host key
}

// KnownHosts writes a file that knows the server by some of its keys, or by
// the one who signs them.
func (s *SSHD) KnownHosts(t testing.TB, keys ...string) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.Address)
	text := ""
	for _, key := range keys {
		public, err := os.ReadFile(key + ".pub")
		if err != nil {
			t.Fatal(err)
		}
		if key == s.Authority {
			text += "@cert-authority "
		}
		text += "[" + host + "]:" + port + " " + string(public)
	}
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// SSHD serves the repository over ssh.
func (r *Repo) SSHD() *SSHD {
	r.t.Helper()
	program, keygen := Need(r.t, "sshd", "openssh-server"), Need(r.t, "ssh-keygen", "openssh-client")
	me, err := user.Current()
	if err != nil {
		r.t.Fatal(err)
	}
	if me.Uid == "0" {
		_ = os.Mkdir("/run/sshd", 0o755) // which it insists on
	}
	dir := r.t.TempDir()
	key := func(name, kind, passphrase string) string {
		file := filepath.Join(dir, name)
		if out, err := exec.CommandContext(r.t.Context(), keygen, "-q", "-a", "1", "-t", kind, "-N", passphrase, "-f", file).CombinedOutput(); err != nil {
			r.t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
		return file
	}
	s := &SSHD{Address: freeAddress(r.t), Key: key("key", "ed25519", ""), Locked: key("locked", "ed25519", "open sesame"),
		Stranger: key("stranger", "ed25519", ""), HostKeys: []string{key("host1", "ed25519", ""), key("host2", "ecdsa", "")}}
	s.Authority = key("authority", "ed25519", "")
	if out, err := exec.CommandContext(r.t.Context(), keygen, "-q", "-s", s.Authority, "-I", "host", "-h", "-n", "127.0.0.1", s.HostKeys[0]+".pub").CombinedOutput(); err != nil {
		r.t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	s.URL = "ssh://" + me.Username + "@" + s.Address + r.Dir
	_, port, _ := net.SplitHostPort(s.Address)
	config := filepath.Join(dir, "config")
	text := strings.Join([]string{"Port " + port, "ListenAddress 127.0.0.1", "HostKey " + s.HostKeys[0], "HostKey " + s.HostKeys[1], "HostCertificate " + s.HostKeys[0] + "-cert.pub",
		"AuthorizedKeysFile " + s.Key + ".pub " + s.Locked + ".pub", "PidFile none", "UsePAM no", "StrictModes no", "PasswordAuthentication no",
		"SetEnv GIT_CONFIG_GLOBAL=/dev/null"}, "\n")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.start(s.Address, program, "-D", "-e", "-f", config)
	return s
}
