//go:build unix

package ssh_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cryptossh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
	"tebiki/knowhow/check/ssh"
	"tebiki/knowhow/check/ssh/sshtest"
)

// sshd is a real one of OpenSSH on loopback, run by whoever runs the test,
// with its own port, keys and configuration.
type sshd struct {
	*testing.T
	dir, address string
	pool         *ssh.Pool
	options      ssh.Options
	log          *bytes.Buffer
	stop         func()
}

// program finds one of OpenSSH's.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, filepath.Join("/usr/sbin", name)} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("CI has no %s: .ci/run installs openssh-server", name)
	}
	t.Skipf("no %s here: on Debian, apt-get install openssh-server", name)
	return ""
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program(t, name), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// startSSHD has host keys of two kinds and takes the key "user".
func startSSHD(t *testing.T, config ...string) *sshd {
	t.Helper()
	path := program(t, "sshd")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	s := &sshd{T: t, dir: t.TempDir(), address: freeAddress(t), log: new(bytes.Buffer)}
	for _, kind := range []string{"ed25519", "ecdsa"} {
		command(t, "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", s.file(kind))
	}
	command(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", s.file("user"))
	_, port, _ := strings.Cut(s.address, ":")
	s.write("config", strings.Join(append(config, "Port "+port, "ListenAddress 127.0.0.1", "HostKey "+s.file("ed25519"), "HostKey "+s.file("ecdsa"),
		"AuthorizedKeysFile "+s.file("user.pub"), "PidFile none", "UsePAM no", "StrictModes no", "PasswordAuthentication no", "MaxStartups 100", "AcceptEnv LANG",
		"SetEnv HOME="+s.dir), // what bash would read at home is not of this test
		"\n"))
	s.options = ssh.Options{User: me.Username, KeyFile: s.file("user"), KnownHosts: []string{s.known("ed25519")}, Connect: patience}
	s.serve(path, me.Uid == "0")
	s.pool = open(t, s.options)
	return s
}

func (s *sshd) serve(path string, root bool) {
	s.Helper()
	if root {
		_ = os.Mkdir("/run/sshd", 0o755) // which it insists on
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "-D", "-e", "-f", s.file("config"))
	cmd.Stderr = s.log
	cmd.WaitDelay = time.Second // its sessions hold its outputs
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.stop = sync.OnceFunc(func() {
		cancel()
		_ = cmd.Wait()
	})
	s.Cleanup(s.stop)
	for deadline := time.Now().Add(patience); ; <-time.After(5 * time.Millisecond) {
		c, err := net.Dial("tcp", s.address)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			s.stop()
			s.Fatalf("sshd does not listen: %v\n%s", err, s.log)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (s *sshd) file(name string) string { return filepath.Join(s.dir, name) }

func (s *sshd) write(name, text string) string {
	s.Helper()
	if err := os.WriteFile(s.file(name), []byte(text+"\n"), 0o600); err != nil {
		s.Fatal(err)
	}
	return s.file(name)
}

func (s *sshd) public(name string) cryptossh.PublicKey {
	s.Helper()
	text, err := os.ReadFile(s.file(name + ".pub"))
	if err != nil {
		s.Fatal(err)
	}
	key, _, _, _, err := cryptossh.ParseAuthorizedKey(text)
	if err != nil {
		s.Fatal(err)
	}
	return key
}

// known writes a known_hosts with one of the server's keys.
func (s *sshd) known(name string) string { return sshtest.KnownHosts(s, s.address, s.public(name)) }

func (s *sshd) run(pool *ssh.Pool, argv ...string) (string, error) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	out, err := pool.Host(s.address).Run(ctx, argv, 10_000)
	return string(out.Text), err
}

func (s *sshd) works(pool *ssh.Pool) {
	s.Helper()
	if got, err := s.run(pool, "printf", "%s", "it's $HOME"); err != nil || got != "it's $HOME" {
		s.Errorf("it gives %q, %v", got, err)
	}
}

// with makes a pool with other options.
func (s *sshd) with(change func(*ssh.Options)) *ssh.Pool {
	s.Helper()
	o := s.options
	change(&o)
	return open(s.T, o)
}

func TestSSHD(t *testing.T) {
	s := startSSHD(t)
	sub := func(name string, f func(*sshd)) {
		t.Run(name, func(t *testing.T) {
			f(&sshd{T: t, dir: s.dir, address: s.address, pool: s.pool, options: s.options, stop: s.stop})
		})
	}
	t.Run("conformance", func(t *testing.T) { checktest.Run(t, subject(s.pool.Host(s.address))) })
	sub("language", func(s *sshd) {
		// And there is nothing to read, which would be waited for.
		if got, err := s.run(s.pool, "/bin/sh", "-c", "echo $LANG; cat"); err != nil || got != "C.UTF-8\n" {
			s.Errorf("it gives %q, %v", got, err)
		}
	})
	sub("known by its second key", func(s *sshd) {
		s.works(s.with(func(o *ssh.Options) { o.KnownHosts = []string{s.known("ecdsa")} }))
	})
	sub("unknown", func(s *sshd) {
		_, err := s.run(s.with(func(o *ssh.Options) { o.KnownHosts = []string{sshtest.KnownHosts(s)} }), "df")
		fails(s.T, err, check.UnknownKey, s.address, "add the line: ")
	})
	sub("changed", func(s *sshd) {
		known := sshtest.KnownHosts(s, s.address, s.public("user"))
		_, err := s.run(s.with(func(o *ssh.Options) { o.KnownHosts = []string{known} }), "df")
		fails(s.T, err, check.ChangedKey, known+":1", cryptossh.FingerprintSHA256(s.public("ed25519")))
	})
	sub("not let in", func(s *sshd) {
		file, _ := sshtest.KeyFile(s)
		_, err := s.run(s.with(func(o *ssh.Options) { o.KeyFile = file }), "df")
		fails(s.T, err, check.Locked, s.options.User, "SHA256:")
	})
	sub("agent", func(s *sshd) { s.works(s.with(func(o *ssh.Options) { o.KeyFile, o.Agent = "", s.agent() })) })
	sub("passphrase", (*sshd).passphrase)
	sub("disconnected half way", func(s *sshd) {
		pool := s.with(func(*ssh.Options) {})
		text, err := s.run(pool, "/bin/sh", "-c", "echo half; sleep 0.1; kill -9 $PPID")
		fails(s.T, err, check.Lost, s.address)
		if text != "half\n" {
			s.Errorf("it kept %q", text)
		}
		s.works(pool)
	})
	sub("jump host", (*sshd).jump)
	sub("gone", func(s *sshd) {
		s.stop()
		_, err := s.run(s.with(func(*ssh.Options) {}), "df")
		fails(s.T, err, check.Unreachable, s.address)
	})
}

// agent serves the user's key as ssh-agent does.
func (s *sshd) agent() string {
	s.Helper()
	text, err := os.ReadFile(s.file("user"))
	if err != nil {
		s.Fatal(err)
	}
	key, err := cryptossh.ParseRawPrivateKey(text)
	if err != nil {
		s.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		s.Fatal(err)
	}
	path := filepath.Join(s.TempDir(), "agent")
	l, err := net.Listen("unix", path)
	if err != nil {
		s.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { _ = agent.ServeAgent(ring, c) })
		}
	})
	s.Cleanup(func() {
		_ = l.Close()
		served.Wait()
	})
	return path
}

func (s *sshd) passphrase() {
	file := filepath.Join(s.TempDir(), "key")
	text, err := os.ReadFile(s.file("user"))
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		s.Fatal(err)
	}
	command(s.T, "ssh-keygen", "-q", "-p", "-a", "1", "-N", "open sesame", "-f", file)
	s.works(s.with(func(o *ssh.Options) { o.KeyFile, o.Passphrase = file, "open sesame" }))
	for passphrase, want := range map[string]string{"": "has a passphrase", "abracadabra": file} {
		o := s.options
		o.KeyFile, o.Passphrase = file, passphrase
		if _, err := ssh.New(o); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "abracadabra") {
			s.Errorf("with the passphrase %q: %v", passphrase, err)
		}
	}
}

// jump goes through sshd to another server.
func (s *sshd) jump() {
	key := sshtest.NewKey(s)
	behind := sshtest.Start(s, sshtest.Options{HostKeys: []cryptossh.Signer{key}, Authorized: []cryptossh.PublicKey{s.public("user")}})
	pool := s.with(func(o *ssh.Options) {
		o.Jump = []string{s.address}
		o.KnownHosts = []string{s.known("ed25519"), sshtest.KnownHosts(s, behind.Address, key.PublicKey())}
	})
	out, err := pool.Host(behind.Address).Run(s.Context(), []string{"printf", "behind"}, 100)
	if err != nil || string(out.Text) != "behind" {
		s.Errorf("it gives %q, %v", out.Text, err)
	}
	s.works(pool)
}

// TestSSHDSessions: more checks than the server takes sessions.
func TestSSHDSessions(t *testing.T) {
	s := startSSHD(t, "MaxSessions 2")
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { s.works(s.pool) })
	}
	all.Wait()
}

// TestSSHDForbidden: a server that lets the bot in and run nothing.
func TestSSHDForbidden(t *testing.T) {
	s := startSSHD(t, "MaxSessions 0")
	_, err := s.run(s.pool, "df")
	fails(t, err, check.Busy, s.address, "MaxSessions")
}

// TestSSHDCertificate: the host is known by who signed its key.
func TestSSHDCertificate(t *testing.T) {
	program(t, "sshd")
	dir := t.TempDir()
	ca, host := filepath.Join(dir, "ca"), filepath.Join(dir, "host")
	for _, file := range []string{ca, host} {
		command(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file)
	}
	command(t, "ssh-keygen", "-q", "-s", ca, "-I", "host", "-h", "-n", "127.0.0.1", host+".pub")
	s := startSSHD(t, "HostKey "+host, "HostCertificate "+host+"-cert.pub")
	text, err := os.ReadFile(ca + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(s.address, ":")
	known := s.write("authorities", fmt.Sprintf("@cert-authority [127.0.0.1]:%s %s", port, text))
	s.works(s.with(func(o *ssh.Options) { o.KnownHosts = []string{known} }))
	other := s.write("others", fmt.Sprintf("@cert-authority [127.0.0.1]:%s %s", port, cryptossh.MarshalAuthorizedKey(s.public("user"))))
	_, err = s.run(s.with(func(o *ssh.Options) { o.KnownHosts = []string{other} }), "df")
	fails(t, err, check.UnknownKey, "cannot be trusted", other+":1")
}
