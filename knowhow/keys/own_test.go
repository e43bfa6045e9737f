//go:build unix

package keys_test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/check/ssh/sshtest"
	"tebiki/knowhow/keys"
	"tebiki/knowhow/source/gittest"
)

func TestReadPrivate(t *testing.T) {
	keygen := gittest.Need(t, "ssh-keygen", "openssh-client")
	dir := t.TempDir()
	open, shut := filepath.Join(dir, "open"), filepath.Join(dir, "shut")
	for file, passphrase := range map[string]string{open: "", shut: "open sesame"} {
		if out, err := exec.CommandContext(t.Context(), keygen, "-q", "-a", "1", "-t", "ed25519", "-N", passphrase, "-f", file).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	half := textOf(t, open)[:100]
	for name, c := range map[string]struct{ file, passphrase, want string }{
		"plain":                   {open, "", ""},
		"plain with a passphrase": {open, "abracadabra", ""},
		"locked":                  {shut, "open sesame", ""},
		"no passphrase":           {shut, "", "has a passphrase; give it"},
		"the wrong one":           {shut, "abracadabra", "its passphrase the right one"},
		"missing":                 {filepath.Join(t.TempDir(), "key"), "", "read the key for SSH"},
		"a folder":                {t.TempDir(), "", "is a directory"},
		"no key":                  {write(t, "\x00\xff"), "abracadabra", "cannot be used"},
		"half a key":              {write(t, half), "", "must be a private key"},
		"a public key":            {open + ".pub", "", "must be a private key"},
	} {
		key, err := keys.ReadPrivate(c.file, c.passphrase)
		switch {
		case c.want == "" && (err != nil || !strings.HasPrefix(textOf(t, c.file+".pub"), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey()))))):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file) || strings.Contains(err.Error(), "abracadabra")):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadAuthorities(t *testing.T) {
	if pool, err := keys.ReadAuthorities(""); pool != nil || err != nil {
		t.Errorf("no file gives %v, %v", pool, err)
	}
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	pool, err := keys.ReadAuthorities(write(t, "# ours\n"+string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Certificate().Verify(x509.VerifyOptions{Roots: pool}); err != nil {
		t.Error(err)
	}
	for file, want := range map[string]string{
		"/no/such/file": "no such file", t.TempDir(): "is a directory", os.DevNull: "holds no certificate", write(t, line("", "web1", sshtest.NewKey(t))): "holds no certificate",
	} {
		if _, err := keys.ReadAuthorities(file); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
