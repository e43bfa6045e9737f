package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tebiki/store"
)

// queue is one destination: its lanes, and the goroutine that starts a worker
// for each lane whose turn has come.
type queue struct {
	Destination
	st  store.Store
	log *slog.Logger

	changed chan struct{} // something below may let a delivery start

	mu             sync.Mutex
	byNumber       map[uint64]*lane
	ready          lanes // in the order of delivery
	later          lanes // failed, in the order of their time
	oldest, newest *item
	count, running int
	pausedUntil    time.Time
	failed, done   uint64
	lines          lines
}

func newQueue(d Destination, st store.Store, log *slog.Logger) *queue {
	d.Workers = max(d.Workers, 1)
	d.Backoff = d.Backoff.orDefault()
	return &queue{
		Destination: d, st: st, log: log.With("dest", d.Name),
		changed:  make(chan struct{}, 1),
		byNumber: map[uint64]*lane{},
		ready:    lanes{less: (*lane).before},
		later:    lanes{less: (*lane).sooner},
	}
}

// add queues items, which are newer than all before.
func (q *queue) add(heads []head) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, h := range heads {
		it := &item{seq: h.seq, created: h.Created.UnixNano(), rank: h.rank()}
		q.link(it)
		q.enlane(h.lane(), it)
	}
	q.change()
}

// enlane puts an item into its lane, and the lane where it then belongs.
func (q *queue) enlane(number uint64, it *item) {
	l := q.byNumber[number]
	if l == nil {
		l = &lane{number: number}
		q.byNumber[number] = l
	}
	isNew := l.first == nil
	l.push(it)
	switch {
	case isNew:
		q.ready.add(l)
	case !l.held && it.rank > 0:
		q.ready.moved(l)
	}
}

func (q *queue) change() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// run starts deliveries until ctx ends, then waits for those under way.
func (q *queue) run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	for ctx.Err() == nil {
		starting, wait := q.start(time.Now())
		for _, l := range starting {
			workers.Go(func() { q.deliver(ctx, l) })
		}
		q.sleep(ctx, wait)
	}
}

// sleep waits for a change, for ctx, or for wait to pass if there is one.
func (q *queue) sleep(ctx context.Context, wait time.Duration) {
	var timeUp <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		timeUp = timer.C
	}
	select {
	case <-ctx.Done():
	case <-q.changed:
	case <-timeUp:
	}
}

// start takes the lanes that may begin now, and gives the time until another
// may without a change; 0 means never.
func (q *queue) start(now time.Time) (starting []*lane, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.later.Len() > 0 && q.later.all[0].due <= now.UnixNano() {
		l := q.later.take()
		l.held = false
		q.ready.add(l)
	}
	if now.Before(q.pausedUntil) {
		return nil, q.pausedUntil.Sub(now)
	}
	for q.running < q.Workers && q.ready.Len() > 0 {
		l := q.ready.take()
		l.held = true
		l.attempt++
		q.running++
		starting = append(starting, l)
	}
	if q.later.Len() > 0 {
		wait = time.Duration(q.later.all[0].due - now.UnixNano())
	}
	return starting, wait
}

// succeed forgets the lane's first item.
func (q *queue) succeed(l *lane, delivered bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	if delivered {
		q.done++
	}
	q.unlink(l.first)
	l.pop()
	l.held = false
	if l.first == nil {
		delete(q.byNumber, l.number)
	} else {
		q.ready.add(l)
	}
	q.change()
}

// fail sets the lane aside until its next attempt, and tells when that is and
// whether to log it.
func (q *queue) fail(l *lane, err error, now time.Time) (next time.Time, loud bool, silenced int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	q.failed++
	v := q.Backoff.judge(err, int(l.attempt))
	next = now.Add(v.wait)
	l.due = next.UnixNano()
	q.later.add(l)
	if v.pause && next.After(q.pausedUntil) {
		q.pausedUntil = next
	}
	if int64(v.step) > l.logged {
		l.logged = int64(v.step)
		loud, silenced = q.lines.allow(now)
	}
	q.change()
	return next, loud, silenced
}

// release gives back a lane whose delivery was ended by the shutdown.
func (q *queue) release(l *lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	l.held = false
	q.ready.add(l)
}
