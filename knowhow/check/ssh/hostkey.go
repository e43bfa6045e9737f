package ssh

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"tebiki/knowhow/check"
)

// hostKeys are the known_hosts files.
type hostKeys struct{ files []string }

// known is what they said when a connection began.
type known struct {
	hostKeys
	ask         ssh.HostKeyCallback
	authorities map[place]bool // the lines that say who may sign hosts' keys
}

// A place is a line of a file.
type place struct {
	file string
	line int
}

// read reads the files anew, so that a host that was added is known at once.
func (h hostKeys) read() (*known, error) {
	k := &known{hostKeys: h, authorities: make(map[place]bool)}
	for _, file := range h.files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the known hosts: %w", err)
		}
		number := 0
		for line := range bytes.Lines(text) {
			number++
			if bytes.HasPrefix(bytes.TrimSpace(line), []byte("@cert-authority")) {
				k.authorities[place{file, number}] = true
			}
		}
	}
	var err error
	if k.ask, err = knownhosts.New(h.files...); err != nil {
		return nil, fmt.Errorf("read the known hosts in %s: %w", strings.Join(h.files, ", "), err)
	}
	return k, nil
}

// stranger is a key that no host has: asking for it gives those it has.
func stranger() ssh.PublicKey {
	key, _ := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	return key
}

// algorithms puts the kinds of keys first that are known of the host. A host
// has several keys, and shows the first kind that it is asked for: a known
// host must not look like an unknown one because it was asked for another.
func (k *known) algorithms(address string) []string {
	var first, signed, rest []string
	keys, signers := k.of(k.ask(address, &net.TCPAddr{}, stranger()))
	kinds := map[string]bool{}
	for _, key := range keys {
		kinds[key.Key.Type()] = true
	}
	for _, algorithm := range ssh.SupportedAlgorithms().HostKeys {
		switch kind := kindOf(algorithm); {
		case strings.Contains(algorithm, "-cert-"):
			signed = append(signed, algorithm)
		case kinds[kind]:
			first = append(first, algorithm)
		default:
			rest = append(rest, algorithm)
		}
	}
	if len(signers) == 0 {
		signed = nil // a host that is not known by its signer must not show its signature
	}
	return slices.Concat(first, signed, rest)
}

// of gives which keys a refusal says the host has, and who may sign its keys.
func (k *known) of(err error) (keys, signers []knownhosts.KnownKey) {
	var other *knownhosts.KeyError
	if !errors.As(err, &other) {
		return nil, nil
	}
	for _, key := range other.Want {
		if k.authorities[place{key.Filename, key.Line}] {
			signers = append(signers, key)
		} else {
			keys = append(keys, key)
		}
	}
	return keys, signers
}

// kindOf gives the kind of key that an algorithm signs with.
func kindOf(algorithm string) string {
	if strings.HasPrefix(algorithm, "rsa-sha2-") {
		return ssh.KeyAlgoRSA
	}
	return algorithm
}

// trust takes a host's key only when it is known. The error says what people
// must do, which is never to do without looking.
func (k *known) trust(address string, remote net.Addr, key ssh.PublicKey) error {
	err := k.ask(address, remote, key)
	keys, signers := k.of(err)
	var revoked *knownhosts.RevokedError
	shown := key.Type() + " " + ssh.FingerprintSHA256(key)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &revoked):
		return &check.Failure{Reason: check.ChangedKey, Err: err, What: fmt.Sprintf(
			"%s shows a host key (%s) that %s:%d revokes; nothing was run there. Give the server a new key", address, shown, revoked.Revoked.Filename, revoked.Revoked.Line)}
	case len(keys) > 0:
		return &check.Failure{Reason: check.ChangedKey, Err: err, What: fmt.Sprintf(
			"%s shows another host key (%s) than is known of it (%s); nothing was run there, for somebody may be listening in. If the server was set up anew, compare the fingerprint at its console, and then replace that line with: %s",
			address, shown, places(keys), line(address, key))}
	case errors.As(err, new(*knownhosts.KeyError)) && len(signers) == 0:
		return &check.Failure{Reason: check.UnknownKey, Err: err, What: fmt.Sprintf(
			"%s is not in %s, so nothing was run there. It shows the host key %s: compare that at the server's console (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), and then add the line: %s",
			address, strings.Join(k.files, ", "), shown, line(address, key))}
	}
	_, signers = k.of(k.ask(address, remote, stranger())) // a bad signature does not tell
	return &check.Failure{Reason: check.UnknownKey, Err: err, What: fmt.Sprintf(
		"%s shows a host key (%s) that cannot be trusted (%v): it must be signed as %s says; nothing was run there. Sign the server's key anew, or add it to %s",
		address, shown, err, places(signers), strings.Join(k.files, ", "))}
}

func line(address string, key ssh.PublicKey) string {
	return knownhosts.Line([]string{knownhosts.Normalize(address)}, key)
}

func places(keys []knownhosts.KnownKey) string {
	var out []string
	for _, k := range keys {
		out = append(out, fmt.Sprintf("%s:%d: %s %s", k.Filename, k.Line, k.Key.Type(), ssh.FingerprintSHA256(k.Key)))
	}
	return strings.Join(out, "; ")
}
