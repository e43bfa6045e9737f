package keys

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// ReadPrivate reads the bot's key. The passphrase may be "" when the key has
// none.
func ReadPrivate(file, passphrase string) (ssh.Signer, error) {
	text, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("read the key for SSH: %w", err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if errors.As(err, new(*ssh.PassphraseMissingError)) {
		if passphrase == "" {
			return nil, fmt.Errorf("the key in %s has a passphrase; give it, or make a key without", file)
		}
		key, err = ssh.ParsePrivateKeyWithPassphrase(text, []byte(passphrase))
	}
	if err != nil {
		return nil, fmt.Errorf("the key in %s cannot be used (%w); it must be a private key of ssh-keygen, and its passphrase the right one", file, err)
	}
	return key, nil
}
