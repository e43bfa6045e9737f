package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"tebiki/knowhow/check"
	"tebiki/knowhow/keys"
)

// connect makes the connection to the last of hops, through that to the one
// before, which it holds.
func (p *Pool) connect(ctx context.Context, hops []hop) (*ssh.Client, *link, error) {
	to := hops[len(hops)-1]
	if len(hops) == 1 {
		conn, err := p.options.Dial(ctx, "tcp", to.address)
		if err != nil {
			return nil, nil, unreachable(ctx, to, err)
		}
		client, err := p.handshake(ctx, conn, to)
		return client, nil, err
	}
	via, err := p.acquire(ctx, hops[:len(hops)-1])
	if err != nil {
		return nil, nil, err
	}
	conn, err := via.client.DialContext(ctx, "tcp", to.address)
	if err != nil {
		p.release(via)
		return nil, nil, unreachable(ctx, to, fmt.Errorf("through %s: %w", via.last().address, err))
	}
	client, err := p.handshake(ctx, conn, to)
	if err != nil {
		p.release(via)
		return nil, nil, err
	}
	return client, via, nil
}

// handshake lets the host show who it is, and shows who the bot is.
func (p *Pool) handshake(ctx context.Context, conn net.Conn, to hop) (*ssh.Client, error) {
	// A connection through another has no deadlines; closing it works for all.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	known, err := keys.ReadKnown(p.options.KnownHosts)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	c := &credentials{ctx: ctx, pool: p, to: to}
	defer c.close()
	sc, chans, reqs, err := ssh.NewClientConn(conn, to.address, &ssh.ClientConfig{
		User:              to.user,
		HostKeyAlgorithms: known.Algorithms(to.address),
		HostKeyCallback:   known.Trust,
		Auth:              []ssh.AuthMethod{ssh.PublicKeysCallback(c.signers)},
	})
	var distrust *keys.Distrust
	switch {
	case err == nil:
		return ssh.NewClient(sc, chans, reqs), nil
	case errors.As(err, &distrust):
		return nil, distrusted(distrust)
	case ctx.Err() == nil && c.refused(err):
		return nil, c.locked(err)
	}
	return nil, unreachable(ctx, to, err)
}

func distrusted(d *keys.Distrust) error {
	reason := check.UnknownKey
	if d.Changed {
		reason = check.ChangedKey
	}
	return &check.Failure{Reason: reason, What: d.Error(), Err: d}
}

// credentials are the keys that one handshake offers.
type credentials struct {
	ctx     context.Context // of the handshake; signers takes none
	pool    *Pool
	to      hop
	agent   net.Conn
	offered []string // fingerprints
	err     error    // why the agent gave none
	asked   bool
}

// signers gives the key file's key first: who names one means it.
func (c *credentials) signers() ([]ssh.Signer, error) {
	c.asked = true
	var all []ssh.Signer
	if c.pool.signer != nil {
		all = append(all, c.pool.signer)
	}
	if path := c.pool.options.Agent; path != "" && c.agent == nil {
		var held []ssh.Signer
		if c.agent, c.err = net.Dial("unix", path); c.err == nil {
			context.AfterFunc(c.ctx, c.close) // an agent that asks somebody may take for ever
			held, c.err = agent.NewClient(c.agent).Signers()
		}
		all = append(all, held...)
	}
	for _, s := range all {
		c.offered = append(c.offered, ssh.FingerprintSHA256(s.PublicKey()))
	}
	return all, nil
}

func (c *credentials) close() {
	if c.agent != nil {
		_ = c.agent.Close()
	}
}

// refused tells an answer from a broken connection. The library has no type
// for it, and servers end the connection after too many keys.
func (c *credentials) refused(err error) bool {
	return c.asked && (strings.Contains(err.Error(), "unable to authenticate") || strings.Contains(strings.ToLower(err.Error()), "authentication failures"))
}

func (c *credentials) locked(err error) error {
	what := fmt.Sprintf("%s does not let the bot in as %s", c.to.address, c.to.user)
	switch {
	case c.err != nil && len(c.offered) == 0:
		what += fmt.Sprintf(": the SSH agent at %s gave no key (%v); start it again", c.pool.options.Agent, c.err)
	case len(c.offered) == 0:
		what += fmt.Sprintf(": the SSH agent at %s has no key; add one with ssh-add", c.pool.options.Agent)
	default:
		what += fmt.Sprintf(" with its keys (%s); add one of them to the authorized_keys of that user", strings.Join(c.offered, ", "))
	}
	return &check.Failure{Reason: check.Locked, What: what, Err: err}
}

func unreachable(ctx context.Context, to hop, err error) error {
	if ctx.Err() != nil {
		return stillConnecting(ctx, to)
	}
	return &check.Failure{Reason: check.Unreachable, Err: err,
		What: fmt.Sprintf("%s cannot be reached over SSH (%v); look whether it is up and lets the bot's host in", to.address, err)}
}

func stillConnecting(ctx context.Context, to hop) error {
	err := ctx.Err()
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("connecting to %s: %w", to.address, err)
	}
	return &check.Failure{Reason: check.Unreachable, Err: err,
		What: fmt.Sprintf("%s did not answer over SSH in time; look whether it is up and lets the bot's host in", to.address)}
}
