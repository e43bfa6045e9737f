package ssh

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/check"
)

// failureFor is how long a host that could not be reached is not tried again,
// so that the checks of one ticket do not each wait for it. What people mend
// meanwhile, keys above all, is seen at once.
const failureFor = 3 * time.Second

// A link is a connection to one host, or the attempt at one. What is below
// ready is set when that is closed; what is below users is the pool's lock's.
type link struct {
	key   string
	hops  []hop
	ready chan struct{}

	client *ssh.Client
	err    error
	via    *link // the jump host's

	users    int // who hold it: checks, and the links through it
	sessions int
	most     int           // sessions at once, as far as the server is known
	freed    chan struct{} // closed when a session ends
	retired  bool          // takes no new users
	unwanted chan struct{} // closed when it is retired and has no users
	timer    *time.Timer   // until it is given up, while it has no users
}

func keyOf(hops []hop) string {
	var parts []string
	for _, h := range hops {
		parts = append(parts, h.String())
	}
	return strings.Join(parts, " ")
}

func (l *link) last() hop { return l.hops[len(l.hops)-1] }

// acquire gives the connection to the last of hops, made if need be. Whoever
// has it calls release.
func (p *Pool) acquire(ctx context.Context, hops []hop) (*link, error) {
	l := p.enter(hops)
	select {
	case <-l.ready:
	case <-ctx.Done():
		p.release(l)
		return nil, stillConnecting(ctx, l.last())
	}
	if l.err != nil {
		p.release(l)
		return nil, l.err
	}
	return l, nil
}

// enter finds the link, or begins to make it apart from whoever asks: others
// may come to wait for it too.
func (p *Pool) enter(hops []hop) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := keyOf(hops)
	l := p.links[key]
	if l == nil {
		l = &link{key: key, hops: hops, ready: make(chan struct{}), most: p.options.Sessions, freed: make(chan struct{}), unwanted: make(chan struct{})}
		p.links[key] = l
		p.work.Go(func() { p.serve(l) })
	}
	l.users++
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	return l
}

func (p *Pool) release(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.users--; l.users > 0 {
		return
	}
	if keep := p.keep(l); keep > 0 {
		l.timer = time.AfterFunc(keep, func() { p.expire(l) })
		return
	}
	p.forget(l)
	l.giveUp()
}

// keep is how long a link stays without users.
func (p *Pool) keep(l *link) time.Duration {
	var f *check.Failure
	switch {
	case l.retired:
		return 0
	case !l.failed():
		return p.options.Idle
	case errors.As(l.err, &f) && f.Reason == check.Unreachable:
		return failureFor
	}
	return 0
}

// failed tells whether the attempt is over, in vain.
func (l *link) failed() bool {
	select {
	case <-l.ready:
		return l.err != nil
	default:
		return false
	}
}

func (p *Pool) expire(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.users == 0 {
		p.forget(l)
		l.giveUp()
	}
}

// retire lets nobody else take a link, and gives it up when nobody has it.
func (p *Pool) retire(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(l)
	if l.users == 0 {
		l.giveUp()
	}
}

// forget lets the next who asks make a new link. The lock is held.
func (p *Pool) forget(l *link) {
	l.retired = true
	if p.links[l.key] == l {
		delete(p.links, l.key)
	}
}

// giveUp tells serve to end the connection. The lock is held.
func (l *link) giveUp() {
	if l.timer != nil {
		l.timer.Stop()
	}
	select {
	case <-l.unwanted:
	default:
		close(l.unwanted)
	}
}
