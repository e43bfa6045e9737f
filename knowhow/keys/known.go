package keys

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Known is what known_hosts files say, as of one moment.
type Known struct {
	files    []string
	callback ssh.HostKeyCallback
	signing  map[place]bool // the @cert-authority lines
}

// A place is a line of a file.
type place struct {
	file string
	line int
}

// ReadKnown reads files in OpenSSH's format, all of which must be there.
func ReadKnown(files []string) (*Known, error) {
	k := &Known{files: files, signing: make(map[place]bool)}
	for _, file := range files {
		if err := k.note(file); err != nil {
			return nil, fmt.Errorf("read the known hosts: %w", err)
		}
	}
	var err error
	if k.callback, err = knownhosts.New(files...); err != nil {
		return nil, fmt.Errorf("read the known hosts in %s: %w", strings.Join(files, ", "), err)
	}
	return k, nil
}

// note notes which lines of a file name who signs hosts' keys. Should somebody
// change the file just now, a refusal is worded amiss; whether a key is taken
// does not rest on it.
func (k *Known) note(file string) error {
	text, err := read(file)
	if err != nil {
		return err
	}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if len(line) >= bufio.MaxScanTokenSize {
			return fmt.Errorf("%s:%d is too long for the key of a host; name another file", file, number)
		}
		if words := bytes.Fields(line); len(words) > 0 && string(words[0]) == "@cert-authority" {
			k.signing[place{file, number}] = true
		}
	}
	return nil
}

// ask asks for one key. Hosts are known by the address that was asked for,
// whatever it led to.
func (k *Known) ask(address string, key ssh.PublicKey) error {
	return k.callback(address, &net.TCPAddr{}, key)
}

// of gives the keys that a host is known by, and those that sign its keys. It
// finds them by asking for a key that nobody has.
func (k *Known) of(address string) (own, signers []knownhosts.KnownKey) {
	nobody, _ := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	var other *knownhosts.KeyError
	if !errors.As(k.ask(address, nobody), &other) {
		return nil, nil
	}
	for _, key := range other.Want {
		if k.signing[place{key.Filename, key.Line}] {
			signers = append(signers, key)
		} else {
			own = append(own, key)
		}
	}
	return own, signers
}

// Algorithms gives what to ask a host for, best first, for
// ssh.ClientConfig.HostKeyAlgorithms. A host has several keys and shows the
// first kind that it is asked for, so those come first by which it can be
// known: a known host must not look like another because it was asked for a
// key that nobody wrote down.
func (k *Known) Algorithms(address string) []string {
	own, signers := k.of(address)
	kinds := make(map[string]bool)
	for _, key := range own {
		kinds[key.Key.Type()] = true
	}
	var signed, known, rest []string
	for _, algorithm := range ssh.SupportedAlgorithms().HostKeys {
		switch {
		case strings.Contains(algorithm, "-cert-"):
			signed = append(signed, algorithm)
		case kinds[kindOf(algorithm)]:
			known = append(known, algorithm)
		default:
			rest = append(rest, algorithm)
		}
	}
	if len(signers) == 0 {
		signed = nil // what nobody could judge must not be shown
	}
	return append(append(signed, known...), rest...)
}

// kindOf gives the kind of key that an algorithm signs with.
func kindOf(algorithm string) string {
	if strings.HasPrefix(algorithm, "rsa-sha2-") {
		return ssh.KeyAlgoRSA
	}
	return algorithm
}
