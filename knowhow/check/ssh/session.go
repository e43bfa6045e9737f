package ssh

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/check"
)

// A server is what runs commands on the last of hops.
type server struct {
	pool *Pool
	hops []hop
}

// Run implements check.Executor.
func (s server) Run(ctx context.Context, argv []string, limit int) (check.Output, error) {
	address := s.hops[len(s.hops)-1].address
	command, err := Quote(argv)
	switch {
	case err != nil:
	case strings.HasPrefix(address, ":"): // which dials this host
		err = errors.New("there is no host to run it on")
	default:
		err = ctx.Err()
	}
	if err != nil {
		return check.Output{}, fmt.Errorf("running a command on %s: %w", address, err)
	}
	out, err := s.attempt(ctx, command, limit)
	if again := (*notBegun)(nil); errors.As(err, &again) && ctx.Err() == nil {
		// The connection that was kept had ended unnoticed, or was full of what
		// would not end. Nothing was run: a new one is tried, once.
		out, err = s.attempt(ctx, command, limit)
	}
	if errors.Is(err, check.ErrMissing) || errors.Is(err, check.ErrFlood) || (err != nil && ctx.Err() != nil) {
		err = fmt.Errorf("running %s on %s: %w", argv[0], address, err)
	}
	return out, err
}

// notBegun is a failure before the command was given to the server.
type notBegun struct{ error }

func (n *notBegun) Unwrap() error { return n.error }

func (s server) attempt(ctx context.Context, command string, limit int) (check.Output, error) {
	l, err := s.pool.acquire(ctx, s.hops)
	if err != nil {
		return check.Output{}, err
	}
	defer s.pool.release(l)
	for {
		if err := s.pool.enterSession(ctx, l); err != nil {
			return check.Output{}, err
		}
		out, err := s.pool.session(ctx, l, command, limit)
		s.pool.leaveSession(l)
		var full *ssh.OpenChannelError
		if begun := (*notBegun)(nil); errors.As(err, &begun) {
			s.pool.retire(l)
		}
		if !errors.As(err, &full) {
			return out, err
		}
		if !s.pool.fill(l) {
			s.pool.retire(l)
			return out, &notBegun{&check.Failure{Reason: check.Busy, Err: err, What: fmt.Sprintf(
				"%s takes no session (%s); look what else the bot's user runs there, and at MaxSessions in its sshd_config", l.last().address, full.Message)}}
		}
	}
}

// enterSession waits until the connection has room for one more.
func (p *Pool) enterSession(ctx context.Context, l *link) error {
	for {
		p.mu.Lock()
		freed := l.freed
		if l.sessions < l.most {
			l.sessions++
			p.mu.Unlock()
			return nil
		}
		p.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return &check.Failure{Reason: check.Busy, Err: ctx.Err(), What: fmt.Sprintf("%s had no session free in time; run the check again later", l.last().address)}
		}
	}
}

func (p *Pool) leaveSession(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.sessions--
	close(l.freed)
	l.freed = make(chan struct{})
}

// fill remembers that the server takes no more sessions than it has now, so
// that the next waits for one of them to end. It is false when there is none
// to wait for.
func (p *Pool) fill(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.sessions == 0 {
		return false
	}
	l.most = l.sessions
	return true
}
