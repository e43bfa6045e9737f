//go:build unix

package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/keys"
)

// ecKey and rsaKey are keys of other kinds than sshtest.NewKey makes.
func ecKey(t testing.TB) ssh.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return signer(t, key, err)
}

func rsaKey(t testing.TB) ssh.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return signer(t, key, err)
}

func signer(t testing.TB, key crypto.Signer, err error) ssh.Signer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signed is a host's key with a certificate of who signs hosts' keys.
func signed(t testing.TB, key, by ssh.Signer, change ...func(*ssh.Certificate)) *ssh.Certificate {
	t.Helper()
	c := &ssh.Certificate{Key: key.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{"web1"}, ValidBefore: ssh.CertTimeInfinity}
	for _, change := range change {
		change(c)
	}
	if err := c.SignCert(rand.Reader, by); err != nil {
		t.Fatal(err)
	}
	return c
}

// line is one of known_hosts. The marker may be "".
func line(marker, host string, key ssh.Signer) string {
	return strings.TrimSpace(marker+" "+host+" "+string(ssh.MarshalAuthorizedKey(key.PublicKey()))) + "\n"
}

func write(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// known reads a file for each text.
func known(t testing.TB, texts ...string) *keys.Known {
	t.Helper()
	var files []string
	for _, text := range texts {
		files = append(files, write(t, text))
	}
	k, err := keys.ReadKnown(files)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func trusts(t *testing.T, k *keys.Known, address string, key ssh.PublicKey) {
	t.Helper()
	if err := k.Trust(address, &net.TCPAddr{}, key); err != nil {
		t.Errorf("%s is not trusted: %v", address, err)
	}
}

// distrusts wants an error that holds all of words, and gives it.
func distrusts(t *testing.T, k *keys.Known, address string, key ssh.PublicKey, changed bool, words ...string) string {
	t.Helper()
	err := k.Trust(address, &net.TCPAddr{}, key)
	var d *keys.Distrust
	if !errors.As(err, &d) || d.Changed != changed {
		t.Errorf("%s gives %+v; want it distrusted, and changed: %v", address, err, changed)
		return ""
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: the error does not say %q:\n%v", address, word, err)
		}
	}
	return err.Error()
}
