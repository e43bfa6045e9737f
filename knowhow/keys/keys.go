// Package keys reads the files by which two sides of a connection know each
// other: the keys that hosts have, the certificates that are trusted, and the
// bot's own private key. Whoever connects, to fetch know-how or to run a check,
// does so by them, and so takes and refuses the same hosts in the same words.
//
// The data's way, over SSH: known_hosts files -> ReadKnown, for each connection
// anew, so that a host is known as soon as somebody added it -> Algorithms,
// which kinds of keys to ask the host for -> Trust, whether the key that it
// shows is taken. One that is not makes a Distrust, which says where the files
// say otherwise and what people must do.
//
// The files are matched by golang.org/x/crypto/ssh/knownhosts, which like ssh
// passes over lines that it cannot read. It does not tell which of its lines
// are @cert-authority lines, nor which line revokes what has signed a host's
// key; this package does.
package keys

import (
	"fmt"
	"io"
	"os"
)

// maxFile is far more than the hosts' keys of the largest site. A file that is
// larger is something else, and may have no end.
const maxFile = 32 << 20

func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB; name another file", name, maxFile>>20)
	}
	return text, nil
}
