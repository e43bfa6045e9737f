package imap

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"tebiki/adapters"
)

// Run reads the mailbox until ctx ends. What goes wrong is logged and tried
// again: no fault of a mail server ends it.
func (m *Mailbox) Run(ctx context.Context) {
	pause := m.limits.minPause
	for ctx.Err() == nil {
		looked := m.state.looks()
		err := m.once(ctx)
		if ctx.Err() != nil {
			m.state.gone(nil)
			return
		}
		m.state.gone(err)
		if m.state.looks() != looked {
			pause = m.limits.minPause
		}
		m.complain(err)
		_ = adapters.Sleep(ctx, jitter(pause)) // its error is ctx's, which the loop asks for
		most := m.limits.maxPause
		if errors.Is(err, errDenied) {
			most = m.limits.afterDeny
		}
		pause = min(2*pause, most)
	}
}

// jitter keeps many who lost one server from coming back all at once.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// once is one connection, from its beginning to its end.
func (m *Mailbox) once(ctx context.Context) error {
	s, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.open(ctx); err != nil {
		return err
	}
	for {
		if err := s.round(ctx); err != nil {
			return err
		}
		m.state.looked(time.Now())
		m.recovered()
		if err := s.rest(ctx); err != nil {
			return err
		}
	}
}

// complainEvery is how often one and the same fault is logged.
const complainEvery = 15 * time.Minute

func (m *Mailbox) complain(err error) {
	if m.state.news(err, time.Now()) {
		m.o.Log.Error("the mailbox cannot be read; it is tried again and again", "mailbox", m.Name(), "err", err)
	}
}

func (m *Mailbox) recovered() {
	if m.state.mended() {
		m.o.Log.Info("the mailbox can be read again", "mailbox", m.Name())
	}
}

// A Status is how a mailbox is.
type Status struct {
	Connected   bool
	Waiting     int       // mails that are not taken yet, as of the last look
	Done, Total int       // of those that the look found
	Oldest      time.Time // when the oldest that waits was delivered; zero without
	Looked      time.Time // when it was last known that all is taken
	Taken       uint64    // since the start
	Fault       string    // why it cannot be read; "" when it can
}

// Status tells how the mailbox is.
func (m *Mailbox) Status() Status {
	m.state.mu.Lock()
	defer m.state.mu.Unlock()
	return m.state.Status
}

// A state is the status with what is told of it already.
type state struct {
	mu sync.Mutex
	Status
	told   string // the fault that was logged
	toldAt time.Time
	rounds uint64
}

func (s *state) change(f func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.Status)
}

func (s *state) looks() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rounds
}

func (s *state) looked(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rounds++
	s.Looked, s.Waiting, s.Oldest = at, 0, time.Time{}
}

func (s *state) gone(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Connected = false
	if err != nil {
		s.Fault = err.Error()
	}
}

// news tells whether a fault has not been logged lately.
func (s *state) news(err error, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err.Error() == s.told && now.Sub(s.toldAt) < complainEvery {
		return false
	}
	s.told, s.toldAt = err.Error(), now
	return true
}

// mended tells whether a fault that was logged is over.
func (s *state) mended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Fault = ""
	was := s.told != ""
	s.told = ""
	return was
}
