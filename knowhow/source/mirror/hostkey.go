package mirror

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
)

// knownHosts are the hosts' keys as the files have them now.
type knownHosts struct {
	files []string
	ask   ssh.HostKeyCallback
}

func readKnownHosts(files []string) (*knownHosts, error) {
	ask, err := knownhosts.New(files...)
	if err != nil {
		return nil, fmt.Errorf("read the known hosts in %s: %w", strings.Join(files, ", "), err)
	}
	return &knownHosts{files, ask}, nil
}

// algorithms asks a host for the kinds of keys that are known of it, and for
// nothing else: it shows the first kind that it is asked for, and would look
// changed with another. Of a host that is not known any kind will do, but for
// one that is signed by who is not known either.
func (k *knownHosts) algorithms(at string) []string {
	nobody, _ := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	var is *knownhosts.KeyError
	if !errors.As(k.ask(at, &net.TCPAddr{}, nobody), &is) {
		return nil
	}
	var wanted []string
	if len(is.Want) == 0 {
		return kinds(false)
	}
	for _, key := range is.Want {
		switch kind := key.Key.Type(); {
		case authority(key):
			wanted = append(wanted, kinds(true)...)
		case kind == ssh.KeyAlgoRSA:
			wanted = append(wanted, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		default:
			wanted = append(wanted, kind)
		}
	}
	return wanted
}

// authority tells whether a line is of somebody who signs hosts' keys, and so
// says nothing of what kind those are.
func authority(key knownhosts.KnownKey) bool {
	text, err := os.ReadFile(key.Filename)
	lines := bytes.Split(text, []byte("\n"))
	return err == nil && key.Line <= len(lines) && bytes.HasPrefix(bytes.TrimSpace(lines[key.Line-1]), []byte("@cert-authority"))
}

func kinds(signed bool) []string {
	return slices.DeleteFunc(ssh.SupportedAlgorithms().HostKeys, func(a string) bool { return strings.Contains(a, "-cert-") != signed })
}

// trust takes a key only if it is known. Its error says what people must do,
// which is never to do without looking.
func (k *knownHosts) trust(at string, remote net.Addr, key ssh.PublicKey) error {
	err := k.ask(at, remote, key)
	shown := key.Type() + " " + ssh.FingerprintSHA256(key)
	add := knownhosts.Line([]string{knownhosts.Normalize(at)}, key)
	var revoked *knownhosts.RevokedError
	var is *knownhosts.KeyError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &revoked):
		return fmt.Errorf("%s shows the host key %s, which %s:%d revokes; the server needs a new one", at, shown, revoked.Revoked.Filename, revoked.Revoked.Line)
	case errors.As(err, &is) && len(is.Want) > 0:
		return fmt.Errorf("%s shows another host key (%s) than is known of it (%s:%d: %s); somebody may be listening in. If the server's administrators say that they changed it, replace that line with: %s",
			at, shown, is.Want[0].Filename, is.Want[0].Line, ssh.FingerprintSHA256(is.Want[0].Key), add)
	case errors.As(err, &is):
		return fmt.Errorf("%s is not in %s. It shows the host key %s: compare that with what the service publishes, and then add the line: %s",
			at, strings.Join(k.files, ", "), shown, add)
	}
	return fmt.Errorf("%s shows a host key (%s) that cannot be trusted: %w", at, shown, err)
}
