package mirror

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/keys"
)

func dialSSH(o Options) (func(context.Context) (session, error), error) {
	if o.KeyFile == "" || len(o.KnownHosts) == 0 {
		return nil, errors.New("a repository over ssh needs the file of a key and a known_hosts file; name both")
	}
	if _, err := o.privateKey(); err != nil {
		return nil, err
	}
	user := "git"
	for _, u := range []string{o.Address.User, o.User} {
		if u != "" {
			user = u
		}
	}
	port := o.Address.Port
	if port == "" {
		port = "22"
	}
	at := net.JoinHostPort(o.Address.Host, port)
	return func(ctx context.Context) (session, error) {
		client, err := login(ctx, o, at, user)
		if err != nil {
			return nil, err
		}
		s, err := uploadPack(client, o.Address.Path)
		if err != nil {
			_ = client.Close()
			return nil, err
		}
		return s, nil
	}, nil
}

// privateKey reads the key anew for each connection, so that it can be changed.
func (o *Options) privateKey() (ssh.Signer, error) {
	passphrase := ""
	if o.Passphrase != nil {
		passphrase = o.Passphrase()
	}
	return keys.ReadPrivate(o.KeyFile, passphrase)
}

// login connects and lets both sides show who they are.
func login(ctx context.Context, o Options, at, user string) (*ssh.Client, error) {
	key, err := o.privateKey()
	if err != nil {
		return nil, err
	}
	known, err := keys.ReadKnown(o.KnownHosts)
	if err != nil {
		return nil, err
	}
	conn, err := dialTCP(ctx, at)
	if err != nil {
		return nil, err
	}
	c, channels, requests, err := ssh.NewClientConn(conn, at, &ssh.ClientConfig{
		User:              user,
		HostKeyAlgorithms: known.Algorithms(at),
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback:   known.Trust,
	})
	var distrust *keys.Distrust
	switch {
	case err == nil:
		return ssh.NewClient(c, channels, requests), nil
	case errors.As(err, &distrust):
		err = distrust
	case strings.Contains(err.Error(), "unable to authenticate"): // the library has no type for it
		err = fmt.Errorf("%s does not let the bot in as %s with the key %s; add that to the repository's access keys", at, user, ssh.FingerprintSHA256(key.PublicKey()))
	}
	_ = conn.Close()
	return nil, err
}

// uploadPack starts the one program that a server of repositories runs.
func uploadPack(client *ssh.Client, path string) (session, error) {
	s, err := client.NewSession()
	if err != nil {
		return nil, err
	}
	in, err := s.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.StdoutPipe()
	if err != nil {
		return nil, err
	}
	said := new(tail)
	s.Stderr = said
	if err := s.Start("git-upload-pack " + quote(path)); err != nil {
		return nil, err
	}
	complaint := func() string {
		_ = s.Wait() // until all it complains of is here; how it ended says no more
		return said.String()
	}
	return newStream(in, out, complaint, client.Close), nil
}

// quote makes one word of a path, for a shell and for servers that read only
// what git itself would send.
func quote(path string) string {
	return "'" + strings.NewReplacer("'", `'\''`, "!", `'\!'`).Replace(path) + "'"
}
