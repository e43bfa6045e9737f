package ssh

import (
	"context"
	"errors"
	"time"
)

var errClosed = errors.New("the bot is being stopped")

// serve makes a link and watches over it until it ends.
func (p *Pool) serve(l *link) {
	ctx, cancel := context.WithTimeout(p.closing, p.options.Connect*time.Duration(len(l.hops)))
	l.client, l.via, l.err = p.connect(ctx, l.hops)
	cancel()
	if l.err != nil && p.closing.Err() != nil {
		l.err = errClosed
	}
	close(l.ready)
	if l.err != nil {
		return
	}
	p.watch(l)
	p.retire(l)
	if l.via != nil {
		p.release(l.via)
	}
}

// watch returns when the connection has ended: by itself, because it gave no
// sign of life, or because nobody wants it.
func (p *Pool) watch(l *link) {
	gone := make(chan struct{})
	p.work.Go(func() {
		defer close(gone)
		_ = l.client.Wait()
	})
	every := time.NewTicker(p.options.KeepAlive)
	defer every.Stop()
	for alive := true; alive; {
		select {
		case <-gone:
			return
		case <-p.closing.Done():
			alive = false
		case <-l.unwanted:
			alive = false
		case <-every.C:
			alive = p.answers(l, gone)
		}
	}
	_ = l.client.Close()
	<-gone
}

// answers is false when nobody does: a host that was switched off says
// nothing by itself.
func (p *Pool) answers(l *link, gone <-chan struct{}) bool {
	answered := make(chan struct{})
	p.work.Go(func() {
		defer close(answered)
		// Any answer will do; OpenSSH's is that it does not know this request.
		_, _, _ = l.client.SendRequest("keepalive@openssh.com", true, nil)
	})
	wait := time.NewTimer(p.options.KeepAlive)
	defer wait.Stop()
	select {
	case <-answered:
	case <-gone:
	case <-wait.C:
		return false
	case <-p.closing.Done():
		return false
	case <-l.unwanted:
		return false
	}
	return true
}
