package check

import (
	"context"
	"sync"
)

// slots bound how many checks run at the same time, on each host and in all.
type slots struct {
	all     chan struct{}
	patient chan struct{} // of all, those that checks may take which nobody waits for
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
	return &slots{all: make(chan struct{}, all), patient: make(chan struct{}, max(all/2, 1)), perHost: perHost, hosts: make(map[string]*hostSlots)}
}

// take waits for a place on the host, and then for one of all: checks that
// wait for a slow host keep none from running elsewhere. Patient ones leave
// half of all to others, and wait for that before they take any other place.
func (s *slots) take(ctx context.Context, host string, patient bool) (release func(), err error) {
	h := s.enter(host)
	places := []chan struct{}{h.free, s.all}
	if patient {
		places = []chan struct{}{s.patient, h.free, s.all}
	}
	taken := 0
	release = func() {
		for _, place := range places[:taken] {
			<-place
		}
		s.leave(host)
	}
	for _, place := range places {
		select {
		case place <- struct{}{}:
			taken++
		case <-ctx.Done():
			release()
			return nil, ctx.Err()
		}
	}
	return release, nil
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
