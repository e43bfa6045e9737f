package bolt

import (
	"context"
	"runtime"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"tebiki/store"
)

// maxShared is how many functions share a commit at most, so that the first
// of them is not kept waiting by an endless stream of others.
const maxShared = 1024

// request is one Update on its way through the queue.
type request struct {
	ctx  context.Context
	turn chan *writer // from the writer: run now, with this
	ran  chan error   // to the writer: what the function returned
	done chan error   // from the writer: the Update's result
	err  error        // the function's own
}

// Update queues fn, runs it when its turn comes, and waits for the commit.
func (s *Store) Update(ctx context.Context, fn func(store.Writer) error) error {
	r := &request{ctx: ctx, turn: make(chan *writer), ran: make(chan error), done: make(chan error, 1)}
	if err := s.enqueue(r); err != nil {
		return err
	}
	ended := ctx.Done()
	for {
		select {
		case w := <-r.turn:
			r.run(w, fn)
		case err := <-r.done:
			return err
		case <-ended:
			if s.withdraw(r) {
				return ctx.Err()
			}
			ended = nil // too late: it is part of a commit
		}
	}
}

// run calls fn and reports to the writer, also when fn panics or ends this
// goroutine: the deferred call sees errUnfinished then.
func (r *request) run(w *writer, fn func(store.Writer) error) {
	err := errUnfinished
	defer func() { r.ran <- err }()
	err = fn(w)
}

func (s *Store) enqueue(r *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	if s.doubt != nil {
		return s.doubt
	}
	s.queue = append(s.queue, r)
	s.arrived.Signal()
	return nil
}

// withdraw takes a request out of the queue, if it is still there.
func (s *Store) withdraw(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.queue, r)
	if i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
	}
	return i >= 0
}

// write is the writer: it commits what waits until the store is closed and
// the queue empty.
func (s *Store) write() {
	defer close(s.written)
	for shared := false; s.wait(); {
		if shared {
			s.gather()
		}
		batch := s.take()
		shared = len(batch) > 1
		s.commit(batch)
	}
}

// gather lets those who were answered just now, and are about to come back,
// do so first and share the next commit. It yields as long as more come. After
// a commit that nobody shared there is nobody to come back, and yielding would
// put the lone caller behind everything else that the process does.
func (s *Store) gather() {
	for before, now := 0, 1; now > before && now < maxShared; {
		runtime.Gosched()
		s.mu.Lock()
		before, now = now, len(s.queue)
		s.mu.Unlock()
	}
}

// wait waits for a request; false means that there will be no more.
func (s *Store) wait() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 && !s.closed {
		s.arrived.Wait()
	}
	return len(s.queue) > 0
}

func (s *Store) take() []*request {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.queue), maxShared)
	taken := slices.Clone(s.queue[:n])
	s.queue = slices.Delete(s.queue, 0, n)
	return taken
}

// commit runs the functions of a batch in one transaction, commits it, and
// answers all.
func (s *Store) commit(batch []*request) {
	tx, err := s.begin()
	if err != nil {
		answer(batch, err)
		return
	}
	wrote := 0
	for _, r := range batch {
		if r.turnIn(tx) {
			wrote++
		}
	}
	if err := s.finish(tx, wrote); err != nil {
		answer(batch, err)
		return
	}
	for _, r := range batch {
		r.done <- r.err
	}
}

func answer(batch []*request, err error) {
	for _, r := range batch {
		r.done <- err
	}
}

// begin opens the transaction, unless a commit before has left doubt.
func (s *Store) begin() (*bbolt.Tx, error) {
	s.mu.Lock()
	doubt := s.doubt
	s.mu.Unlock()
	if doubt != nil {
		return nil, doubt
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return nil, s.explainBegin(err)
	}
	return tx, nil
}

// turnIn gives tx to the caller for its function, and takes back what the
// function wrote when it failed. It tells whether anything is left of it.
func (r *request) turnIn(tx *bbolt.Tx) (wrote bool) {
	if r.err = r.ctx.Err(); r.err != nil {
		return false
	}
	w := &writer{reader: reader{tx}}
	r.turn <- w
	if r.err = <-r.ran; r.err != nil {
		w.undo()
	}
	return len(w.log) > 0
}

// finish commits tx, or drops it when there is nothing in it.
//
// When the commit fails its error goes to those as well whose function failed:
// what that function saw, and gave as its reason, may never have come to be.
func (s *Store) finish(tx *bbolt.Tx, wrote int) error {
	if wrote == 0 {
		return tx.Rollback()
	}
	id := tx.ID()
	if err := s.commitTx(tx); err != nil {
		return s.explainCommit(err, id)
	}
	s.commits.Add(1)
	s.updates.Add(uint64(wrote))
	return nil
}
