//go:build unix

package ssh_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	cryptossh "golang.org/x/crypto/ssh"

	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
	"tebiki/knowhow/check/ssh"
	"tebiki/knowhow/check/ssh/sshtest"
	"tebiki/knowhow/source/gittest"
)

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
		checktest.Fails(s.T, err, check.UnknownKey, s.address, "add the line: ")
	})
	sub("changed", func(s *sshd) {
		known := sshtest.KnownHosts(s, s.address, s.public("user"))
		_, err := s.run(s.with(func(o *ssh.Options) { o.KnownHosts = []string{known} }), "df")
		checktest.Fails(s.T, err, check.ChangedKey, known+":1", cryptossh.FingerprintSHA256(s.public("ed25519")))
	})
	sub("not let in", func(s *sshd) {
		file, _ := sshtest.KeyFile(s)
		_, err := s.run(s.with(func(o *ssh.Options) { o.KeyFile = file }), "df")
		checktest.Fails(s.T, err, check.Locked, s.options.User, "SHA256:")
	})
	sub("agent", func(s *sshd) { s.works(s.with(func(o *ssh.Options) { o.KeyFile, o.Agent = "", s.agent() })) })
	sub("passphrase", (*sshd).passphrase)
	sub("hostile tickets", (*sshd).hostileTickets)
	sub("disconnected half way", func(s *sshd) {
		pool := s.with(func(*ssh.Options) {})
		text, err := s.run(pool, "/bin/sh", "-c", "echo half; sleep 0.1; kill -9 $PPID")
		checktest.Fails(s.T, err, check.Lost, s.address)
		if text != "half\n" {
			s.Errorf("it kept %q", text)
		}
		s.works(pool)
	})
	sub("jump host", (*sshd).jump)
	sub("gone", func(s *sshd) {
		s.stop()
		_, err := s.run(s.with(func(*ssh.Options) {}), "df")
		checktest.Fails(s.T, err, check.Unreachable, s.address)
	})
}

// hostileTickets go the whole way, from a ticket's field to a real login
// shell: none gets out of its argument.
func (s *sshd) hostileTickets() {
	base, err := knowhow.Load(fstest.MapFS{
		"knowhow.yaml": {Data: []byte(`
components: [{name: disk, request_type: x, fields: [{name: word, label: Word}], subtickets: [{title: Free some, document: free}]}]
checks: {say: {run: [printf, "%s.", "{word}"], where: server, timeout: 30s, params: {word: {from: word, pattern: ".*"}}, expect: {exit: 0}}}
`)},
		"docs/free.en.md": {Data: []byte("---\ntitle: Free\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\na\n## Procedure\nb\n")},
	})
	if err != nil {
		s.Fatal(err)
	}
	runner, err := check.New(check.Options{Server: s.pool.Host, Resolve: func(context.Context, string) (string, error) { return s.address, nil }})
	if err != nil {
		s.Fatal(err)
	}
	canary := s.file("canary")
	for _, word := range []string{
		"; touch " + canary, "$(touch " + canary + ")", "`touch " + canary + "`", "| touch " + canary, "' ; touch " + canary + " '", "\\'; touch " + canary,
		"&& touch " + canary, "> " + canary, "!touch", "~", "*", "\"", "\\", "証明書", "a\ntouch " + canary, "a\x00b", "\u202egnp", "--help", strings.Repeat("x", 1<<20),
	} {
		res := runner.Run(s.Context(), check.Order{Checks: base.Checks(), Fields: map[string]string{"host": "web1", "word": word}})[0]
		asked := !strings.ContainsAny(word, "\n\x00\u202e") && !strings.HasPrefix(word, "-") && len(word) < 5000
		switch {
		case asked && (res.Text != word+"." || res.Verdict == nil || !res.Verdict.Met || res.Host != s.address):
			s.Errorf("%.40q gives %+v", word, res)
		case !asked && res.Reason != check.Refused:
			s.Errorf("%.40q is not refused: %+v", word, res)
		}
	}
	if _, err := os.Stat(canary); !errors.Is(err, os.ErrNotExist) {
		s.Errorf("an argument was executed: %v", err)
	}
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
	checktest.Fails(t, err, check.Busy, s.address, "MaxSessions")
}

// TestSSHDCertificate: the host is known by who signed its key.
func TestSSHDCertificate(t *testing.T) {
	gittest.Need(t, "sshd", "openssh-server")
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
	checktest.Fails(t, err, check.UnknownKey, "cannot be trusted", other+":1")
}
