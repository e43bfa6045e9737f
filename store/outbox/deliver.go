package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

var errUnfinished = errors.New("the handler ended its goroutine")

// deliver makes one attempt for the first item of a lane that start gave.
func (q *queue) deliver(ctx context.Context, l *lane) {
	it, found, err := fetch(ctx, q.st, l.first.seq)
	it.Attempt = int(l.attempt)
	// Deferred, so that a handler that ends the goroutine keeps no worker.
	defer func() { q.conclude(ctx, l, it, found, err) }()
	if found && err == nil {
		err = errUnfinished
		err = q.attempt(ctx, it)
	}
}

// conclude decides what becomes of the lane after an attempt.
func (q *queue) conclude(ctx context.Context, l *lane, it Item, found bool, err error) {
	switch {
	case err == nil:
		q.succeed(l, found)
	case ctx.Err() != nil:
		q.release(l) // the shutdown's doing: the next start tries again
	default:
		q.setAside(l, it, err)
	}
}

// attempt calls the handler within the attempt's time.
func (q *queue) attempt(ctx context.Context, it Item) error {
	if q.Timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, q.Timeout)
		defer cancel()
		ctx = limited
	}
	return q.safely(ctx, it)
}

// safely turns a panic of the handler into an error that holds the stack.
func (q *queue) safely(ctx context.Context, it Item) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicked{fmt.Errorf("the handler panicked: %v", r), debug.Stack()}
		}
	}()
	return q.Handle(ctx, it)
}

type panicked struct {
	error
	stack []byte
}

// setAside sets the lane aside and logs the attempt, unless the log has it
// already in much the same words.
func (q *queue) setAside(l *lane, it Item, err error) {
	next, loud, silenced := q.fail(l, err, time.Now())
	if !loud {
		return
	}
	attrs := []any{"kind", it.Kind, "key", it.Key, "attempt", it.Attempt, "next", next, "err", err}
	if silenced > 0 {
		attrs = append(attrs, "not_logged", silenced)
	}
	var p *panicked
	if errors.As(err, &p) {
		attrs = append(attrs, "stack", string(p.stack))
	}
	q.log.Warn("outbox: a delivery failed", attrs...)
}

// lines bounds the log's lines of one destination: when it is down a thousand
// lanes have the same to say.
type lines struct {
	minute  time.Time
	written int
	dropped int
}

const linesPerMinute = 5

// allow tells whether a line may be written, and how many were not since the
// last one.
func (n *lines) allow(now time.Time) (ok bool, dropped int) {
	if now.Sub(n.minute) >= time.Minute {
		n.minute, n.written = now, 0
	}
	if n.written == linesPerMinute {
		n.dropped++
		return false, 0
	}
	n.written++
	dropped, n.dropped = n.dropped, 0
	return true, dropped
}
