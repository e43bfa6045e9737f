package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of one connection. A stream of events sets its own deadlines.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 20 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
)

// A Server answers everything that comes in by HTTP.
type Server struct {
	cfg     Config
	people  map[string]Person
	texts   *catalogue
	notes   *notes
	logins  *attempts
	session sessions
	site    http.Handler // everything but the hot path of alerts

	entrances map[string]*entrance // of alerts, by their paths
	guard     *http.CrossOriginProtection

	readTimeout  time.Duration // for one request to be whole
	writeTimeout time.Duration // for its answer

	closing   chan struct{} // closed when open streams must end
	closeOnce sync.Once
}

// New checks the configuration and builds the server.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.fill()
	ways, err := entrances(cfg.Webhooks)
	if err != nil {
		return nil, err
	}
	texts, err := loadCatalogue()
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, people: map[string]Person{}, texts: texts, entrances: ways,
		notes: newNotes(), logins: newAttempts(),
		session: sessions{key: cfg.SessionKey, secret: cfg.Password},
		guard:   http.NewCrossOriginProtection(),
		closing: make(chan struct{}), readTimeout: readTimeout, writeTimeout: writeTimeout,
	}
	for _, p := range cfg.People {
		s.people[p.ID] = p
	}
	s.site, err = s.routes()
	return s, err
}

// Serve answers on ln until ctx ends, then lets requests under way finish for
// as long as drain allows. Open streams end at once.
func (s *Server) Serve(ctx context.Context, ln net.Listener, drain time.Duration) error {
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       s.readTimeout,
		WriteTimeout:      s.writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served:
		s.Close()
		return fmt.Errorf("serve the console on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	s.Close()
	// The context that ended is the reason to stop, not the time there is.
	left, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := srv.Shutdown(left)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were still under way after %s", drain), srv.Close())
	}
	<-served
	return err
}

// Close ends all open streams. Requests that come later are still answered.
func (s *Server) Close() { s.closeOnce.Do(func() { close(s.closing) }) }
