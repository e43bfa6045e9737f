package keys

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// A Distrust is why a host's key was not taken, in a sentence that says what
// people must do, which is never to do without looking.
type Distrust struct {
	Changed bool // the host is known by another key, or this one is revoked; else it is not known

	what string
	err  error
}

func (d *Distrust) Error() string { return d.what }
func (d *Distrust) Unwrap() error { return d.err }

// Trust takes a host's key only when it is known. It is an
// ssh.HostKeyCallback; its errors are of type *Distrust.
func (k *Known) Trust(address string, _ net.Addr, key ssh.PublicKey) error {
	if by := k.revocation(address, key); by != nil {
		return &Distrust{Changed: true, err: &knownhosts.RevokedError{Revoked: *by}, what: fmt.Sprintf(
			"%s shows a host key (%s) that %s:%d revokes; give the server a new key", address, shown(key), by.Filename, by.Line)}
	}
	err := k.ask(address, key)
	if err == nil || k.ask(address, bare(key)) == nil { // by itself, whatever its certificate is worth
		return nil
	}
	return k.distrust(address, key, err)
}

func (k *Known) distrust(address string, key ssh.PublicKey, err error) *Distrust {
	files := strings.Join(k.files, ", ")
	line := knownhosts.Line([]string{address}, bare(key))
	switch own, signers := k.of(address); {
	case len(own) > 0:
		return &Distrust{Changed: true, err: err, what: fmt.Sprintf(
			"%s shows another host key (%s) than is known of it (%s); somebody may be listening in. If the server was set up anew or its administrators say that they changed the key, compare the fingerprint at its console or with what they publish, and then replace that line with: %s",
			address, shown(key), places(own), line)}
	case len(signers) > 0:
		// What is wrong with a certificate is told in words that are partly its own.
		return &Distrust{err: err, what: fmt.Sprintf(
			"%s shows a host key (%s) that cannot be trusted (%.200q): it must be signed as %s says. Sign the server's key anew, or add it to %s",
			address, shown(key), err, places(signers), files)}
	}
	return &Distrust{err: err, what: fmt.Sprintf(
		"%s is not in %s. It shows the host key %s: compare that at the server's console (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub) or with what its administrators publish, and then add the line: %s",
		address, files, shown(key), line)}
}

// revocation gives the line that revokes a key, or the one that signed it.
func (k *Known) revocation(address string, key ssh.PublicKey) *knownhosts.KnownKey {
	parts := []ssh.PublicKey{bare(key)}
	if cert, ok := key.(*ssh.Certificate); ok {
		parts = append(parts, cert.SignatureKey)
	}
	for _, part := range parts {
		var revoked *knownhosts.RevokedError
		if errors.As(k.ask(address, part), &revoked) {
			return &revoked.Revoked
		}
	}
	return nil
}

// bare gives a key without its signature.
func bare(key ssh.PublicKey) ssh.PublicKey {
	if cert, ok := key.(*ssh.Certificate); ok {
		return cert.Key
	}
	return key
}

func shown(key ssh.PublicKey) string {
	text := name(bare(key))
	if cert, ok := key.(*ssh.Certificate); ok {
		text += ", signed by " + name(cert.SignatureKey)
	}
	return text
}

// name is how ssh-keygen -l names a key.
func name(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }

// maxPlaces keeps a sentence one that is read, should a host have many lines.
const maxPlaces = 3

func places(known []knownhosts.KnownKey) string {
	var out []string
	for _, k := range known[:min(len(known), maxPlaces)] {
		out = append(out, fmt.Sprintf("%s:%d: %s", k.Filename, k.Line, name(k.Key)))
	}
	if more := len(known) - maxPlaces; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "; ")
}
