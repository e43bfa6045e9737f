package redminetest

import (
	"context"
	"sync"
	"testing"
)

// Shared is one Redmine for all tests of a binary, started by the first that
// asks:
//
//	var redmine redminetest.Shared
//
//	func TestMain(m *testing.M) { os.Exit(redmine.Run(m)) }
//
// Tests keep apart by a Project each.
type Shared struct {
	Formatting Formatting // Textile when it is empty

	once   sync.Once
	server *Server
	err    error
}

// Run runs the tests and stops the Redmine. It gives the exit code.
func (s *Shared) Run(m *testing.M) int {
	code := m.Run()
	if s.server != nil {
		if err := s.server.Close(); err != nil {
			return max(code, 1)
		}
	}
	return code
}

// Server gives the running Redmine, or skips as Start does.
func (s *Shared) Server(t testing.TB) *Server {
	t.Helper()
	s.once.Do(func() {
		f := s.Formatting
		if f == "" {
			f = Textile
		}
		s.server, s.err = Open(context.Background(), f)
	})
	need(t, s.err)
	return s.server
}
