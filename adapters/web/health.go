package web

import (
	"context"
	"io"
	"net/http"
	"time"
)

// readyLimit is how long a question after readiness may take.
const readyLimit = 5 * time.Second

// healthz says that the process lives and answers, and nothing more.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusOK, "alive\n")
}

// readyz says whether work can be done, and if not why.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Ready != nil {
		ctx, cancel := context.WithTimeout(r.Context(), readyLimit)
		defer cancel()
		if err := s.cfg.Ready(ctx); err != nil {
			plain(w, http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
			return
		}
	}
	plain(w, http.StatusOK, "ready\n")
}

// metrics are for this machine and for whoever has the token.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.cfg.Metrics == nil:
		http.NotFound(w, r)
	case !s.mayCall(r) && !fromHere(r):
		w.Header().Set("WWW-Authenticate", "Bearer")
		plain(w, http.StatusUnauthorized, "metrics are for this machine and for those who send the token\n")
	default:
		s.cfg.Metrics.ServeHTTP(w, r)
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // whoever has gone needs no answer
}
