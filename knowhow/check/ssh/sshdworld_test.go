//go:build unix

package ssh_test

import (
	"context"
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

	"tebiki/knowhow/check/ssh"
	"tebiki/knowhow/check/ssh/sshtest"
	"tebiki/knowhow/source/gittest"
)

// sshd is a real one of OpenSSH on loopback, run by whoever runs the test,
// with its own port, keys and configuration.
type sshd struct {
	*testing.T
	dir, address string
	pool         *ssh.Pool
	options      ssh.Options
	stop         func()
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), gittest.Need(t, name, "openssh-client"), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// startSSHD has host keys of two kinds and takes the key "user".
func startSSHD(t *testing.T, config ...string) *sshd {
	t.Helper()
	path := gittest.Need(t, "sshd", "openssh-server")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	s := &sshd{T: t, dir: t.TempDir(), address: freeAddress(t)}
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
	log, err := os.Create(s.file("log"))
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd.Stderr = log
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
			said, _ := os.ReadFile(log.Name())
			s.Fatalf("sshd does not listen: %v\n%s", err, said)
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
