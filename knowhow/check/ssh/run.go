package ssh

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"tebiki/knowhow/check"
)

// grace is how long a command that was killed may take to be gone.
const grace = 500 * time.Millisecond

// missing is the status by which shells say that there is no such program.
const missing = 127

// A run is one command in its session.
type run struct {
	kept    *check.Keeper
	session chan *ssh.Session // has it once it is open
	ended   chan error
	flood   chan struct{}
	once    sync.Once
}

// Write keeps output until there is too much of it.
func (r *run) Write(b []byte) (int, error) {
	n, err := r.kept.Write(b)
	if err != nil {
		r.once.Do(func() { close(r.flood) })
	}
	return n, err
}

func (p *Pool) session(ctx context.Context, l *link, command string, limit int) (check.Output, error) {
	r := &run{kept: check.NewKeeper(limit), session: make(chan *ssh.Session, 1), ended: make(chan error, 1), flood: make(chan struct{})}
	p.work.Go(func() { r.ended <- r.do(l.client, command) })
	select {
	case err := <-r.ended:
		out := r.kept.Output()
		err = ending(&out, l.last().address, err)
		return out, err
	case <-r.flood:
		return p.kill(l, r), check.ErrFlood
	case <-ctx.Done():
		return p.kill(l, r), ctx.Err()
	}
}

// do runs the command to its end, however long that takes.
func (r *run) do(client *ssh.Client, command string) error {
	session, err := client.NewSession()
	if err != nil {
		return &notBegun{err}
	}
	defer func() { _ = session.Close() }()
	r.session <- session
	session.Stdout, session.Stderr = r, r
	// Where the server does not take it, its own language is as good.
	_, _ = session.SendRequest("env", false, ssh.Marshal(struct{ Name, Value string }{"LANG", "C.UTF-8"}))
	if err := session.Start(command); err != nil {
		return err
	}
	return session.Wait()
}

// kill ends a command, and a server that does not do so is not asked for more
// on this connection: the session counts there until the command has ended.
func (p *Pool) kill(l *link, r *run) check.Output {
	p.end(l, r)
	out := r.kept.Output()
	out.Exit = -1
	return out
}

func (p *Pool) end(l *link, r *run) {
	var session *ssh.Session
	select {
	case session = <-r.session:
		p.work.Go(func() { _ = session.Signal(ssh.SIGKILL) })
		if r.over() {
			return
		}
	default:
	}
	p.retire(l)
	if session != nil {
		p.work.Go(func() { _ = session.Close() })
		r.over()
	}
}

func (r *run) over() bool {
	wait := time.NewTimer(grace)
	defer wait.Stop()
	select {
	case <-r.ended:
		return true
	case <-wait.C:
		return false
	}
}

// ending tells how a command ended from what its session says of it.
func ending(out *check.Output, address string, err error) error {
	var exit *ssh.ExitError
	var begun *notBegun
	switch {
	case err == nil:
		return nil
	case errors.As(err, &begun):
		var full *ssh.OpenChannelError
		if errors.As(err, &full) {
			return full
		}
		return &notBegun{&check.Failure{Reason: check.Lost, Err: err, What: fmt.Sprintf("the connection to %s was lost (%v) before the check began; run it again later", address, err)}}
	case errors.As(err, &exit) && exit.Signal() != "":
		out.Exit = -1
		return fmt.Errorf("it was ended by the signal %s", exit.Signal())
	case errors.As(err, &exit):
		if out.Exit = exit.ExitStatus(); out.Exit == missing {
			return check.ErrMissing
		}
		return nil
	}
	out.Exit = -1
	return &check.Failure{Reason: check.Lost, Err: err, What: fmt.Sprintf(
		"the connection to %s was lost half way (%v); what was printed until then is kept. Look whether the server is up, and run the check again", address, err)}
}
