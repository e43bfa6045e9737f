//go:build unix

package ssh_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	cryptossh "golang.org/x/crypto/ssh"

	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
	"tebiki/knowhow/check/ssh"
	"tebiki/knowhow/check/ssh/sshtest"
)

// TestAddresses: what the inventory has for a server is a host and no more.
func TestAddresses(t *testing.T) {
	var dialled string
	w := start(t, sshtest.Options{}, func(o *ssh.Options) {
		o.Port = "2222"
		o.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = address
			return nil, errors.New("no network")
		}
	})
	for address, want := range map[string]string{
		"web1": "web1:2222", "web1:22": "web1:22", "::1": "[::1]:2222", "[::2]": "[::2]:2222", "[::1]:22": "[::1]:22", "root@web1": "root@web1:2222", "": "",
	} {
		dialled = ""
		_, err := w.pool.Host(address).Run(t.Context(), []string{"df"}, 100)
		if dialled != want || err == nil {
			t.Errorf("%q dials %q, %v; want %q", address, dialled, err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	w := start(t, sshtest.Options{})
	for want, change := range map[string]func(*ssh.Options){
		"need a user":        func(o *ssh.Options) { o.User = "" },
		"need a known_hosts": func(o *ssh.Options) { o.KnownHosts = nil },
		"need a key":         func(o *ssh.Options) { o.KeyFile = "" },
		"no/such/hosts":      func(o *ssh.Options) { o.KnownHosts = []string{"/no/such/hosts"} },
		"no/such/key":        func(o *ssh.Options) { o.KeyFile = "/no/such/key" },
		"no valid entries":   func(o *ssh.Options) { o.KnownHosts = []string{o.KeyFile} },
		"jump host is empty": func(o *ssh.Options) { o.Jump = []string{""} },
	} {
		o := w.options
		change(&o)
		if _, err := ssh.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestJump: two hosts on the way, each known and each with its own user; the
// connections to them are shared by all servers behind them.
func TestJump(t *testing.T) {
	first, second := sshtest.NewKey(t), sshtest.NewKey(t)
	file, public := sshtest.KeyFile(t)
	o := sshtest.Options{Authorized: []cryptossh.PublicKey{public}}
	hop := func(key cryptossh.Signer) *sshtest.Server {
		o := o
		o.HostKeys = []cryptossh.Signer{key}
		return sshtest.Start(t, o)
	}
	a, b := hop(first), hop(second)
	w := start(t, o, func(o *ssh.Options) {
		known := sshtest.KnownHosts(t, a.Address, first.PublicKey(), b.Address, second.PublicKey())
		o.KnownHosts = append(o.KnownHosts, known)
		o.KeyFile, o.Jump, o.Idle = file, []string{"guest@" + a.Address, b.Address}, 50*time.Millisecond
	})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { w.wants("a", "printf", "a") })
	}
	all.Wait()
	if out, err := w.pool.Host(b.Address).Run(t.Context(), []string{"printf", "b"}, 100); err != nil || string(out.Text) != "b" {
		t.Errorf("the second jump host itself: %q, %v", out.Text, err)
	}
	if got := fmt.Sprint(a.Users(), b.Users(), w.server.Users()); got != "[guest] [tebiki] [tebiki]" {
		t.Errorf("logged in as %s", got)
	}
	for _, s := range []*sshtest.Server{w.server, b, a} {
		s.Open(t, 0) // idle ones end from the last to the first
	}
	checktest.Run(t, subject(w.pool.Host(w.server.Address)))
	w.server.Stop()
	_, err := w.run("df")
	checktest.Fails(t, err, check.Unreachable, w.server.Address, "through "+b.Address)
}

func TestUnknownJump(t *testing.T) {
	jump := sshtest.Start(t, sshtest.Options{})
	w := start(t, sshtest.Options{}, func(o *ssh.Options) { o.Jump = []string{jump.Address} })
	_, err := w.run("df")
	checktest.Fails(t, err, check.UnknownKey, jump.Address)
	if w.server.Dials() > 0 {
		t.Error("the server was reached past an unknown host")
	}
}
