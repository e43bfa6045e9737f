package check

import (
	"context"
	"sync"
)

// slots bound how many checks run at the same time, on each host and in all.
type slots struct {
	all     chan struct{}
	perHost int

	mu    sync.Mutex
	hosts map[string]*hostSlots
}

// hostSlots are of a host that checks wait for or run on.
type hostSlots struct {
	free  chan struct{}
	users int
}

func newSlots(all, perHost int) *slots {
	return &slots{all: make(chan struct{}, all), perHost: perHost, hosts: make(map[string]*hostSlots)}
}

// take waits for a place on the host, and then for one of all: checks that
// wait for a slow host keep none from running elsewhere.
func (s *slots) take(ctx context.Context, host string) (release func(), err error) {
	h := s.enter(host)
	select {
	case h.free <- struct{}{}:
	case <-ctx.Done():
		s.leave(host)
		return nil, ctx.Err()
	}
	select {
	case s.all <- struct{}{}:
	case <-ctx.Done():
		<-h.free
		s.leave(host)
		return nil, ctx.Err()
	}
	return func() {
		<-s.all
		<-h.free
		s.leave(host)
	}, nil
}

func (s *slots) enter(host string) *hostSlots {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[host]
	if h == nil {
		places := s.perHost
		if host == "" {
			places = cap(s.all) // the bot's own is bound by the limit of all
		}
		h = &hostSlots{free: make(chan struct{}, places)}
		s.hosts[host] = h
	}
	h.users++
	return h
}

func (s *slots) leave(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[host]
	if h.users--; h.users == 0 {
		delete(s.hosts, host)
	}
}
