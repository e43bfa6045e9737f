// Package runner is the loop around escalation.Step. It gives events to
// Step one after the other, commits what they changed together with the
// effects that follow, and only then answers whoever sent them.
//
//	events ─► queue ─► take all that wait ─► Step each ─► one commit ─► answer ─► wake the outbox
//
// One commit serves all that waited, so the rate at which alerts are taken
// does not end at the disk's syncs per second. When a commit fails nobody is
// told that anything was accepted: the state is thrown away and loaded again
// from the store, which is the only truth.
//
// Stored, all in buckets that only this package writes:
//
//	incident           Seq(incident)           an incident that is not closed: see compact.go
//	incident.closed    Seq(incident)           a closed one
//	incident.alert     Seq(incident) + number  one of its alerts: see codec.go
//	incident.probe     "probe"                 written to find out whether the store takes commits again
//	incident.history   Seq(incident) + number  a line of its history: JSON, version 1
//	alert.low          Seq(counter)            an alert that waits for the morning: JSON, version 1
//	alert.trace        time + fingerprint      when an alert was bad and good last: see trace.go
//
// where a number is four bytes, big-endian. The keys ascend with time, which
// is what makes a commit of many alerts cheap.
package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"tebiki/escalation"
	"tebiki/store"
)

// ErrStopped says that the runner has ended and took nothing.
var ErrStopped = errors.New("tebiki is shutting down: send it again")

// ErrBusy says that so much waits that more is not taken now.
var ErrBusy = errors.New("too many events are waiting: try again in a few seconds")

// Options of a Runner. The zero value is usable.
type Options struct {
	Queue  int           // requests that may wait; 8192 unless given
	Retain time.Duration // how long closed incidents are remembered; 400 days unless given
	// Announce adds an Announce effect for what each commit adds to the history
	// of an incident: there is a team that reads along.
	Announce bool

	Wake func() // called after a commit that holds effects
	Log  *slog.Logger
}

// A Runner owns the state of the escalation.
type Runner struct {
	store store.Store
	rules *escalation.Rules
	opts  Options
	queue chan *request
	state *escalation.State // only the loop touches it; nil when it must be loaded
	ended chan struct{}     // closed when the loop is over
	retry backoff           // after a failed commit
	watch watchers

	fault    atomic.Pointer[error] // of the newest commit
	accepted atomic.Uint64
	commits  atomic.Uint64
}

// A request is what one caller wants in one commit.
type request struct {
	events   []escalation.Event
	also     func(store.Writer) error // further writes of the same commit
	look     func(*escalation.State)  // instead of events: reads the state
	receipts []escalation.Receipt
	err      error
	done     chan struct{}
}

// New makes a runner; Run makes it run.
func New(st store.Store, rules *escalation.Rules, opts Options) *Runner {
	if opts.Queue == 0 {
		opts.Queue = 8192
	}
	if opts.Retain == 0 {
		opts.Retain = 400 * 24 * time.Hour
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Wake == nil {
		opts.Wake = func() {}
	}
	return &Runner{store: st, rules: rules, opts: opts, queue: make(chan *request, opts.Queue),
		ended: make(chan struct{}), watch: newWatchers()}
}

// Submit lets events happen, all in one commit, and gives what became of
// each once that commit is on stable storage. On an error none happened.
// After a failed commit everything is refused at once until the store has
// been tried again, which is within five seconds.
func (r *Runner) Submit(ctx context.Context, events ...escalation.Event) ([]escalation.Receipt, error) {
	return r.SubmitWith(ctx, nil, events...)
}

// SubmitWith is Submit with further writes in the same commit: the removal of
// the outbox's item whose result the event is. Like every function of an
// Update, also may be called more than once. When it fails its own events
// fail with it; those that shared the commit are committed without.
func (r *Runner) SubmitWith(ctx context.Context, also func(store.Writer) error, events ...escalation.Event) ([]escalation.Receipt, error) {
	for _, ev := range events {
		if err := storable(ev); err != nil {
			return nil, err
		}
	}
	req := &request{events: events, also: also, done: make(chan struct{})}
	if err := r.ask(ctx, req); err != nil {
		return nil, err
	}
	return req.receipts, req.err
}

// storable refuses what could not be written, before it shares a commit with
// others.
func storable(ev escalation.Event) error {
	s, ok := ev.(escalation.Signal)
	if !ok {
		return nil
	}
	if _, err := s.Alert.At.MarshalText(); err != nil {
		return fmt.Errorf("take the alert %q of %q: its time cannot be stored: %w", s.Alert.Key, s.Alert.Host, err)
	}
	return nil
}

// ask queues a request and waits for its end. A request that is queued will
// be served, so the caller's context only keeps it from being queued: giving
// up later would leave the caller not knowing what happened.
func (r *Runner) ask(ctx context.Context, req *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case r.queue <- req:
	default:
		return ErrBusy
	}
	select {
	case <-req.done:
		return nil
	case <-r.ended:
	}
	select {
	case <-req.done: // it was among the last
		return nil
	default:
		return ErrStopped
	}
}

// Look calls fn with the state between two commits. fn must not keep it.
func (r *Runner) Look(ctx context.Context, fn func(*escalation.State)) error {
	req := &request{look: fn, done: make(chan struct{})}
	if err := r.ask(ctx, req); err != nil {
		return err
	}
	return req.err
}

// Fault is why the newest commit failed; nil when it did not. While there is
// one, nothing is accepted and no timer is served.
func (r *Runner) Fault() error {
	if p := r.fault.Load(); p != nil {
		return *p
	}
	return nil
}

// Counts tells how many events were accepted, in how many commits, since the
// start of the process.
func (r *Runner) Counts() (accepted, commits uint64) { return r.accepted.Load(), r.commits.Load() }

// Load reads the state from the store. Run does it when it was not done.
func (r *Runner) Load(ctx context.Context) error {
	state, err := load(ctx, r.store, r.rules)
	if err != nil {
		return fmt.Errorf("load the open incidents: %w", err)
	}
	r.state = state
	return nil
}

// Changed gives a channel that is closed when the incident next changes; 0
// stands for any incident. Now and then it is closed without a change.
func (r *Runner) Changed(id escalation.ID) <-chan struct{} { return r.watch.wait(id) }

// Run serves events and timers until ctx ends, and then those that wait
// already. It leads: of several replicas only one gets beyond its beginning.
// When it may lead no longer although ctx lasts, it says why.
func (r *Runner) Run(ctx context.Context) error {
	defer close(r.ended)
	lead, err := r.begin(ctx)
	if err == nil {
		r.loop(lead)
		err = fmt.Errorf("go on paging: %w", context.Cause(lead))
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (r *Runner) begin(ctx context.Context) (lead context.Context, err error) {
	if lead, err = r.store.Lead(ctx); err != nil {
		return nil, fmt.Errorf("become the replica that pages: %w", err)
	}
	if r.state == nil {
		err = r.Load(ctx)
	}
	return lead, err
}

func (r *Runner) loop(lead context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	clean := time.NewTimer(pruneEvery)
	defer clean.Stop()
	for {
		timer.Reset(r.sleep())
		select {
		case <-lead.Done():
			r.drain()
			return
		case req := <-r.queue:
			r.serve(req)
		case <-timer.C:
			r.serve(nil)
		case <-clean.C:
			clean.Reset(r.prune(lead))
		}
	}
}

// sleep is how long until a timer is due or, after a failed commit, until
// the next attempt.
func (r *Runner) sleep() time.Duration {
	if r.fault.Load() != nil {
		return max(time.Until(r.retry.until), 0)
	}
	due, ok := r.state.Due()
	if !ok {
		return time.Hour
	}
	return max(time.Until(due), 0)
}

// drain serves what is queued at the end.
func (r *Runner) drain() {
	for len(r.queue) > 0 {
		r.serve(<-r.queue)
	}
}

func (q *request) end(err error) {
	if q == nil {
		return
	}
	if err != nil {
		q.receipts, q.err = nil, err
	}
	close(q.done)
}
