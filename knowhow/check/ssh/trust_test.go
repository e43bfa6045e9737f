//go:build unix

package ssh_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cryptossh "golang.org/x/crypto/ssh"

	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
	"tebiki/knowhow/check/ssh"
	"tebiki/knowhow/check/ssh/sshtest"
)

func TestUnknownHost(t *testing.T) {
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.KnownHosts = []string{sshtest.KnownHosts(t)} })
	_, err := w.run("df")
	checktest.Fails(t, err, check.UnknownKey, w.options.KnownHosts[0], "SHA256:", "console", "add the line: [127.0.0.1]:", "ssh-ed25519 AAAA")
}

func TestAddedHostIsKnownAtOnce(t *testing.T) {
	key := sshtest.NewKey(t)
	w := start(t, sshtest.Options{HostKeys: []cryptossh.Signer{key}}, func(o *ssh.Options) { o.KnownHosts = []string{sshtest.KnownHosts(t)} })
	_, err := w.run("df")
	var f *check.Failure
	if !errors.As(err, &f) {
		t.Fatal(err)
	}
	// What the error says is what helps.
	_, line, _ := strings.Cut(f.What, "add the line: ")
	if err := os.WriteFile(w.options.KnownHosts[0], []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.wants("a", "printf", "a")
}

func TestChangedHostKey(t *testing.T) {
	ran := false
	other := sshtest.NewKey(t).PublicKey()
	w := start(t, sshtest.Options{Handle: func(*sshtest.Session) { ran = true }})
	w.options.KnownHosts = []string{sshtest.KnownHosts(t, "other", other, w.server.Address, other)}
	w.pool = open(t, w.options)
	_, err := w.run("df")
	checktest.Fails(t, err, check.ChangedKey, w.options.KnownHosts[0]+":2", cryptossh.FingerprintSHA256(other), "listening", "replace that line with: [127.0.0.1]:")
	if ran || len(w.server.Users()) > 0 {
		t.Error("a stranger was given a key or a command")
	}
}

func TestRevokedHostKey(t *testing.T) {
	key := sshtest.NewKey(t)
	w := start(t, sshtest.Options{HostKeys: []cryptossh.Signer{key}}, func(o *ssh.Options) {
		text, err := os.ReadFile(o.KnownHosts[0])
		if err != nil {
			t.Fatal(err)
		}
		revoked := "@revoked * " + string(cryptossh.MarshalAuthorizedKey(key.PublicKey()))
		if err := os.WriteFile(o.KnownHosts[0], append(text, revoked...), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	_, err := w.run("df")
	checktest.Fails(t, err, check.ChangedKey, w.options.KnownHosts[0]+":2 revokes")
}

func TestNotLetIn(t *testing.T) {
	w := start(t, sshtest.Options{Login: func(string, bool) bool { return false }})
	_, err := w.run("df")
	checktest.Fails(t, err, check.Locked, w.server.Address, "as tebiki", "SHA256:", "authorized_keys")
}

// TestSilentAgent: an agent that asks somebody who is not there.
func TestSilentAgent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.KeyFile, o.Agent, o.Connect = "", path, 100*time.Millisecond })
	_, err = w.run("df")
	checktest.Fails(t, err, check.Unreachable)
}

func TestNoAgent(t *testing.T) {
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.KeyFile, o.Agent = "", "/no/such/agent" })
	_, err := w.run("df")
	checktest.Fails(t, err, check.Locked, "/no/such/agent", "start it again")
}
