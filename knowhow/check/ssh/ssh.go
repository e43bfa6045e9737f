// Package ssh runs checks on servers. It is a check.Executor for each server,
// all of them sharing a Pool of connections.
//
// The data's way: Run quotes the command for the remote shell, takes the
// connection to the server, which it makes if there is none, opens a session
// on it, and keeps what the session prints. A connection is made through the
// jump hosts, each of which is a connection of the pool too; every host on the
// way must be in known_hosts with the key that it gives. It is kept for a
// while after its last use, asked now and then whether it still lives, and
// made anew when it does not.
//
// A command that does not end in time is killed with the signal of RFC 4254,
// which OpenSSH has known since 7.9, and its session is closed. A server that
// does not do so keeps the command until it next prints; the connection is
// then given up as soon as nobody uses it. What a command is at the server is
// its user's to allow: give the bot a user of its own that may only read.
//
// The login shell of that user should be a POSIX shell; see Quote for what is
// done for others. PATH is the one the server gives, which often lacks
// /usr/sbin: write a program's path from / where it matters.
package ssh

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/check"
	"tebiki/knowhow/keys"
)

// Options say how servers are reached, and as whom.
type Options struct {
	User       string   // on the servers
	KnownHosts []string // files in OpenSSH's format; read again for each connection
	Agent      string   // the agent's socket, as in SSH_AUTH_SOCK; "" uses none
	KeyFile    string   // a private key; "" uses none
	Passphrase string   // of KeyFile; a secret
	Jump       []string // hosts to go through, first to last: [user@]host[:port]
	Port       string   // of servers whose address has none; default 22

	Sessions  int           // at once on one connection; default 8, below sshd's MaxSessions of 10
	Connect   time.Duration // may pass until a host has let us in; default 5 s
	KeepAlive time.Duration // between two signs of life; default 15 s
	Idle      time.Duration // a connection is kept after its last use; default 1 min

	// Dial makes network connections; nil dials as usual.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Pool is the connections to servers.
type Pool struct {
	options Options
	signer  ssh.Signer // of the key file; nil without
	jumps   []hop

	closing context.Context
	close   context.CancelFunc
	work    sync.WaitGroup

	mu    sync.Mutex
	links map[string]*link
}

// New makes a pool without a connection. It fails when the options cannot
// work: no user, no key, no known hosts.
func New(o Options) (*Pool, error) {
	p := &Pool{options: o.orDefaults(), links: make(map[string]*link)}
	if err := p.options.check(); err != nil {
		return nil, err
	}
	if _, err := keys.ReadKnown(o.KnownHosts); err != nil {
		return nil, err
	}
	if o.KeyFile != "" {
		var err error
		if p.signer, err = keys.ReadPrivate(o.KeyFile, o.Passphrase); err != nil {
			return nil, err
		}
	}
	for _, text := range o.Jump {
		p.jumps = append(p.jumps, p.jump(text))
	}
	p.closing, p.close = context.WithCancel(context.Background())
	return p, nil
}

func (o Options) orDefaults() Options {
	if o.Port == "" {
		o.Port = "22"
	}
	if o.Sessions <= 0 {
		o.Sessions = 8
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	for _, d := range []struct {
		of     *time.Duration
		preset time.Duration
	}{{&o.Connect, 5 * time.Second}, {&o.KeepAlive, 15 * time.Second}, {&o.Idle, time.Minute}} {
		if *d.of <= 0 {
			*d.of = d.preset
		}
	}
	return o
}

func (o *Options) check() error {
	switch {
	case o.User == "":
		return errors.New("checks over SSH need a user; name the one that the bot has on the servers")
	case len(o.KnownHosts) == 0:
		return errors.New("checks over SSH need a known_hosts file, or any host could answer for a server; make one with ssh-keyscan and compare the fingerprints")
	case o.Agent == "" && o.KeyFile == "":
		return errors.New("checks over SSH need a key; name a key file or an agent's socket")
	case slices.Contains(o.Jump, ""):
		return errors.New("a jump host is empty; name it or remove it")
	}
	return nil
}

// A hop is one host on the way, and who the bot is there.
type hop struct{ user, address string }

func (h hop) String() string { return h.user + "@" + h.address }

// jump reads [user@]host[:port].
func (p *Pool) jump(text string) hop {
	i := strings.LastIndexByte(text, '@')
	h := p.hop(text[i+1:])
	if i >= 0 {
		h.user = text[:i]
	}
	return h
}

// hop reads host[:port], which never names a user: who the bot is on a server
// is not for the inventory to say.
func (p *Pool) hop(address string) hop {
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), p.options.Port)
	}
	return hop{user: p.options.User, address: address}
}

// Host gives what runs commands on a server, at host or host:port. A server
// that is a jump host itself is reached as such.
func (p *Pool) Host(address string) check.Executor {
	to := p.hop(address)
	for i, jump := range p.jumps {
		if jump.address == to.address {
			return server{p, p.jumps[:i+1]}
		}
	}
	return server{p, append(slices.Clone(p.jumps), to)}
}

// Close ends all connections, and with them what runs on them.
func (p *Pool) Close() error {
	p.close()
	p.work.Wait()
	return nil
}
