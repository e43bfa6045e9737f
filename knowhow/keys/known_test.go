//go:build unix

package keys_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"tebiki/knowhow/check/ssh/sshtest"
	"tebiki/knowhow/keys"
)

// TestNames: the ways to write a host's name in known_hosts.
func TestNames(t *testing.T) {
	key := sshtest.NewKey(t)
	for host, c := range map[string]struct{ is, not []string }{
		"web1":                 {[]string{"web1:22"}, []string{"web1:2222", "web11:22", "web:22"}},
		"[web1]:2222":          {[]string{"web1:2222"}, []string{"web1:22", "web1:222"}},
		"web1,192.0.2.1":       {[]string{"web1:22", "192.0.2.1:22"}, []string{"192.0.2.11:22"}},
		"::1":                  {[]string{"[::1]:22"}, []string{"[::1]:2222", "[::11]:22"}},
		"[2001:db8::1]:2222":   {[]string{"[2001:db8::1]:2222"}, []string{"[2001:db8::1]:22", "[2001:db8::2]:2222"}},
		"web?":                 {[]string{"web1:22", "web2:22"}, []string{"web12:22", "web:22"}},
		"*.example.com":        {[]string{"a.example.com:22", "a.b.example.com:22"}, []string{"example.com:22", "a.example.com.evil.org:22", "a.example.com:2222"}},
		"*,!web2":              {[]string{"web1:22"}, []string{"web2:22"}},
		"!web2,*":              {[]string{"web1:22"}, []string{"web2:22"}},
		"!web2":                {nil, []string{"web1:22", "web2:22"}},
		hash(t, "web1"):        {[]string{"web1:22"}, []string{"web2:22", "web1:2222"}},
		hash(t, "[web1]:2222"): {[]string{"web1:2222"}, []string{"web1:22"}},
		hash(t, "::1"):         {[]string{"[::1]:22"}, []string{"[::2]:22"}},
	} {
		k := known(t, "# "+host+"\n\n"+line("", host, key))
		for _, address := range c.is {
			trusts(t, k, address, key.PublicKey())
		}
		for _, address := range c.not {
			distrusts(t, k, address, key.PublicKey(), false, address+" is not in ")
		}
	}
}

func hash(t *testing.T, host string) string {
	t.Helper()
	return knownhosts.HashHostname(host)
}

func TestAlgorithms(t *testing.T) {
	ed, ec, rsa, ca := sshtest.NewKey(t), ecKey(t), rsaKey(t), sshtest.NewKey(t)
	all := ssh.SupportedAlgorithms().HostKeys
	isSigned := func(a string) bool { return strings.Contains(a, "-cert-") }
	plain := slices.DeleteFunc(slices.Clone(all), isSigned)
	onlySigned := slices.DeleteFunc(slices.Clone(all), func(a string) bool { return !isSigned(a) })
	for name, c := range map[string]struct {
		text  string
		first []string
		all   []string
	}{
		"unknown":            {line("", "web2", rsa), nil, plain},
		"one kind":           {line("", "web1", ec), []string{ssh.KeyAlgoECDSA256}, plain},
		"the kind of RSA":    {line("", "web1", rsa), []string{ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512}, plain},
		"two kinds":          {line("", "web1", ed) + line("", "web1", ec), []string{ssh.KeyAlgoECDSA256, ssh.KeyAlgoED25519}, plain},
		"by a wildcard":      {line("", "web2", rsa) + line("", "*", ec), []string{ssh.KeyAlgoECDSA256}, plain},
		"who signs":          {line("@cert-authority", "web1", ca), onlySigned, all},
		"who signs, tabs":    {"\t" + strings.ReplaceAll(line("@cert-authority", "web1", ca), " ", "\t"), onlySigned, all},
		"who signs, and own": {line("", "web1", ec) + line("@cert-authority", "web*", ca), append(slices.Clone(onlySigned), ssh.KeyAlgoECDSA256), all},
		"who signs others":   {line("@cert-authority", "web2", ca) + line("", "web1", ec), []string{ssh.KeyAlgoECDSA256}, plain},
		"revoked":            {line("@revoked", "*", ec), nil, plain},
	} {
		got := known(t, c.text).Algorithms("web1:22")
		first := got[:len(c.first)]
		if slices.Sort(first); !slices.Equal(first, sorted(c.first)) {
			t.Errorf("%s: first it asks for %q, want %q", name, first, c.first)
		}
		if !slices.Equal(sorted(got), sorted(c.all)) {
			t.Errorf("%s: it asks for %q, want %q", name, got, c.all)
		}
	}
}

func sorted(all []string) []string { return slices.Sorted(slices.Values(all)) }

// TestOddFiles: lines that cannot be read are passed over, and those around
// them count, with their numbers.
func TestOddFiles(t *testing.T) {
	key, other, ca := sshtest.NewKey(t), sshtest.NewKey(t), sshtest.NewKey(t)
	good := line("", "web1", key)
	for name, text := range map[string]string{
		"binary around it":  "\x00\x01\xff\xfe\n" + good + "\x00\n",
		"lines of Windows":  strings.ReplaceAll(good, "\n", "\r\n"),
		"no end of line":    strings.TrimSpace(good),
		"half a line":       good[:len(good)/2] + "\n" + good,
		"odd markers":       "@ x\n@cert-authority\n@revoked\n@cert-authority @revoked * ssh-ed25519 AAAA\n@other " + good + good,
		"odd names":         strings.Replace(good, "web1", "!", 1) + strings.Replace(good, "web1", ",,,", 1) + strings.Replace(good, "web1", "[web", 1) + good,
		"odd hashes":        strings.Replace(good, "web1", "|1|x|y", 1) + strings.Replace(good, "web1", "|2|eA==|eA==", 1) + strings.Replace(good, "web1", "|", 1) + good,
		"another kind":      strings.Replace(good, "ssh-ed25519", "ssh-rsa", 1) + good,
		"a kind of no one":  "web1 ssh-nobody AAAAC3NzaC1lZDI1NTE5\n" + good,
		"a comment at last": strings.TrimSpace(good) + " root@web1 # of 2026\n",
		"huge":              strings.Repeat(line("", "web2", other), 20_000) + good,
		"many who sign":     strings.Repeat(line("@cert-authority", "web2", ca), 1000) + good,
	} {
		t.Run(name, func(t *testing.T) {
			k := known(t, text)
			trusts(t, k, "web1:22", key.PublicKey())
			number := 1 + strings.Count(text[:strings.LastIndex(text, "web1 ssh-ed25519")], "\n")
			distrusts(t, k, "web1:22", other.PublicKey(), true, fmt.Sprintf("known_hosts:%d: ssh-ed25519", number))
		})
	}
}

func TestReadKnownRefuses(t *testing.T) {
	huge := write(t, "")
	if err := os.Truncate(huge, 64<<20); err != nil { // takes no room
		t.Fatal(err)
	}
	good := write(t, line("", "web1", sshtest.NewKey(t)))
	for name, c := range map[string]struct{ file, want string }{
		"missing":          {filepath.Join(t.TempDir(), "hosts"), "no such file"},
		"a folder":         {t.TempDir(), "is a directory"},
		"a private key":    {write(t, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"), "no valid entries, line 1"},
		"binary":           {write(t, "\x7fELF\x02\x01\x01\x00\n\xff\xfe\xfd"), "no valid entries"},
		"without lines":    {write(t, line("", "web1", sshtest.NewKey(t))+strings.Repeat("x", 1<<20)), ":2 is too long for the key of a host"},
		"larger than sane": {huge, "is larger than 32 MiB"},
	} {
		_, err := keys.ReadKnown([]string{good, c.file})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file) || !strings.HasPrefix(err.Error(), "read the known hosts") {
			t.Errorf("%s: %v; want %q of %s", name, err, c.want, c.file)
		}
	}
}

// TestUnreadable: what is no file, and what is not there, are named.
func TestUnreadable(t *testing.T) {
	folder := t.TempDir() // which root cannot read as a file either
	for _, name := range []string{folder, filepath.Join(folder, "none")} {
		if _, err := keys.ReadKnown([]string{name}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNobodyKnown: no file, or an empty one, makes every host unknown.
func TestNobodyKnown(t *testing.T) {
	key := sshtest.NewKey(t)
	for _, k := range []*keys.Known{known(t), known(t, ""), known(t, "# nobody\n", "\n\n")} {
		distrusts(t, k, "web1:22", key.PublicKey(), false, "web1:22 is not in ")
	}
}

// FuzzReadKnown: no file ends the program, and none makes a stranger known.
func FuzzReadKnown(f *testing.F) {
	key, stranger := sshtest.NewKey(f), sshtest.NewKey(f)
	for _, text := range []string{"", "@cert-authority", "@revoked *", "|1|a|b ssh-rsa x", "*,!web1 ssh-ed25519 AAAA", "[::1]:22 x y",
		line("", "web1", key), line("@cert-authority", "*", key), line("@revoked", "web1", key), line("", "[web1]:22,!web?", key)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.Count(text, []byte("*")) > 8 {
			t.Skip("patterns of many stars take long to match")
		}
		file := filepath.Join(t.TempDir(), "known_hosts")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := keys.ReadKnown([]string{file})
		if err != nil {
			return
		}
		if len(k.Algorithms("web1:22")) == 0 {
			t.Error("it asks for nothing")
		}
		if k.Trust("web1:22", nil, stranger.PublicKey()) == nil {
			t.Errorf("a stranger is known by %q", text)
		}
	})
}
