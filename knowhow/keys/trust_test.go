//go:build unix

package keys_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/check/ssh/sshtest"
	"tebiki/knowhow/keys"
)

// TestUnknown: the line that the error gives is what helps.
func TestUnknown(t *testing.T) {
	for _, address := range []string{"web1:22", "web1:2222", "192.0.2.1:22", "[::1]:22", "[::1]:2222"} {
		for _, key := range []ssh.Signer{sshtest.NewKey(t), ecKey(t)} {
			file := write(t, line("", "web2", key))
			k, err := keys.ReadKnown([]string{file})
			if err != nil {
				t.Fatal(err)
			}
			what := distrusts(t, k, address, key.PublicKey(), false, address+" is not in "+file, ssh.FingerprintSHA256(key.PublicKey()), "console", "publish")
			_, add, _ := strings.Cut(what, "add the line: ")
			trusts(t, known(t, add), address, key.PublicKey())
			trusts(t, known(t, "# others\n", add+"\n"), address, key.PublicKey())
		}
	}
}

func TestChanged(t *testing.T) {
	own, second, now := sshtest.NewKey(t), ecKey(t), sshtest.NewKey(t)
	k := known(t, line("", "web2", now)+line("", "web1", own), line("", "web*", second))
	trusts(t, k, "web1:22", own.PublicKey())
	trusts(t, k, "web1:22", second.PublicKey())
	what := distrusts(t, k, "web1:22", now.PublicKey(), true, "another host key (ssh-ed25519 "+ssh.FingerprintSHA256(now.PublicKey()), "listening in",
		"known_hosts:2: ssh-ed25519 "+ssh.FingerprintSHA256(own.PublicKey()), "known_hosts:1: ecdsa-sha2-nistp256 "+ssh.FingerprintSHA256(second.PublicKey()))
	_, instead, _ := strings.Cut(what, "replace that line with: ")
	trusts(t, known(t, instead), "web1:22", now.PublicKey())
}

// TestChangedManyLines: a sentence stays one that is read.
func TestChangedManyLines(t *testing.T) {
	text := ""
	for range 200 {
		text += line("", "*", sshtest.NewKey(t))
	}
	key := sshtest.NewKey(t)
	what := distrusts(t, known(t, text), "web1:22", key.PublicKey(), true, ":1: ", ":3: ", "; and 197 more)", "replace that line with: web1 ssh-ed25519 ")
	if len(what) > 1500 {
		t.Errorf("it has %d characters", len(what))
	}
}

func TestRevoked(t *testing.T) {
	own, ca, other := sshtest.NewKey(t), sshtest.NewKey(t), sshtest.NewKey(t)
	for name, c := range map[string]struct {
		text string
		key  ssh.PublicKey
		line int
	}{
		"known too, before":    {line("@revoked", "*", own) + line("", "web1", own), own.PublicKey(), 1},
		"known too, after":     {line("", "web1", own) + line("@revoked", "*", own), own.PublicKey(), 2},
		"not known":            {line("@revoked", "web1", own), own.PublicKey(), 1},
		"as another host's":    {line("", "web1", own) + line("@revoked", "web2", own), own.PublicKey(), 2},
		"who signed it":        {line("@cert-authority", "*", ca) + line("@revoked", "*", ca), signed(t, own, ca), 2},
		"who signed it, known": {line("", "web1", own) + line("@revoked", "*", ca) + line("@cert-authority", "*", ca), signed(t, own, ca), 2},
		"what is signed":       {line("@cert-authority", "*", ca) + line("@revoked", "*", own), signed(t, own, ca), 2},
	} {
		t.Run(name, func(t *testing.T) {
			distrusts(t, known(t, c.text), "web1:22", c.key, true, fmt.Sprintf("known_hosts:%d revokes", c.line), ssh.FingerprintSHA256(own.PublicKey()), "a new key")
		})
	}
	trusts(t, known(t, line("@revoked", "*", other)+line("", "web1", own)), "web1:22", own.PublicKey())
}

func TestSigned(t *testing.T) {
	own, ca, other := ecKey(t), sshtest.NewKey(t), sshtest.NewKey(t)
	authority := line("@cert-authority", "web*", ca)
	trusts(t, known(t, authority), "web1:22", signed(t, own, ca))
	trusts(t, known(t, line("@cert-authority", "web*", other), authority), "web1:22", signed(t, own, ca))
	trusts(t, known(t, authority+line("", "web1", other)), "web1:22", signed(t, own, ca)) // an old line does not harm
	trusts(t, known(t, authority+line("", "web1", own)), "web1:22", own.PublicKey())
	trusts(t, known(t, authority+line("", "web1", own)), "web1:22", signed(t, own, other)) // nor does another's signature

	forger := func(c *ssh.Certificate) { c.ValidPrincipals = []string{strings.Repeat("\x1b[2J\n", 20_000)} }
	for want, key := range map[string]ssh.PublicKey{
		"no authorities for hostname": signed(t, own, other),
		"has expired":                 signed(t, own, ca, func(c *ssh.Certificate) { c.ValidBefore = 1 }),
		"not yet valid":               signed(t, own, ca, func(c *ssh.Certificate) { c.ValidAfter = ssh.CertTimeInfinity - 1 }),
		"has type 1":                  signed(t, own, ca, func(c *ssh.Certificate) { c.CertType = ssh.UserCert }),
		"unsupported critical option": signed(t, own, ca, func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"x": ""} }),
		"not in the set of valid":     signed(t, own, ca, forger),
		"key mismatch":                own.PublicKey(), // the library's word for what is not signed
		"does not verify":             forged(signed(t, own, ca)),
	} {
		what := distrusts(t, known(t, "\n"+authority), "web1:22", key, false, "cannot be trusted", want, "signed as ", "known_hosts:2: ssh-ed25519 "+ssh.FingerprintSHA256(ca.PublicKey()), "Sign the server's key anew",
			ssh.FingerprintSHA256(own.PublicKey()))
		if len(what) > 1500 || strings.ContainsAny(what, "\x1b\n") {
			t.Errorf("what a server says comes out as %d characters: %.300q", len(what), what)
		}
	}
}

func forged(c *ssh.Certificate) *ssh.Certificate {
	c.Serial++
	return c
}

// TestSignedForOthers: an authority counts for its hosts alone, and what it
// has signed for none that is known by another key.
func TestSignedForOthers(t *testing.T) {
	own, ca := sshtest.NewKey(t), sshtest.NewKey(t)
	authority := line("@cert-authority", "db*", ca)
	distrusts(t, known(t, authority), "web1:22", signed(t, own, ca), false, "web1:22 is not in ", "add the line: web1 ssh-ed25519 ")
	distrusts(t, known(t, authority+line("", "web1", sshtest.NewKey(t))), "web1:22", signed(t, own, ca), true, "known_hosts:2: ", "signed by ssh-ed25519 "+ssh.FingerprintSHA256(ca.PublicKey()))
}

// TestReadAnew: a Known is of one moment, the next ReadKnown of another.
func TestReadAnew(t *testing.T) {
	key := sshtest.NewKey(t)
	file := write(t, "")
	before, err := keys.ReadKnown([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(line("", "web1", key)), 0o600); err != nil {
		t.Fatal(err)
	}
	after, err := keys.ReadKnown([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	distrusts(t, before, "web1:22", key.PublicKey(), false)
	trusts(t, after, "web1:22", key.PublicKey())
}
