package web

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"tebiki/adapters"
)

//go:embed openapi.yaml
var openAPI []byte

func (s *Server) routeAPI(mux *http.ServeMux) {
	mux.HandleFunc("/v1/openapi.yaml", only(http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(openAPI) // whoever has gone needs no answer
	}))
	mux.HandleFunc("/v1/incidents", only(http.MethodGet, s.called(s.apiIncidents)))
	mux.HandleFunc("/v1/incidents/{id}", only(http.MethodGet, s.called(s.apiIncident)))
	mux.HandleFunc("/v1/audit/checks", only(http.MethodGet, s.called(s.apiAudit)))
	mux.HandleFunc("/v1/checks", only(http.MethodGet, s.called(s.apiChecks)))
	mux.HandleFunc("/v1/reports/knowhow", only(http.MethodGet, s.called(s.apiReport)))
	mux.HandleFunc("/v1/digest", only(http.MethodPost, func(w http.ResponseWriter, r *http.Request) {
		unhurried(w) // hundreds of tickets take their time
		s.called(s.apiDigest)(w, r)
	}))
	mux.HandleFunc(MappedPath+"{name}", func(w http.ResponseWriter, _ *http.Request) {
		(&problem{status: http.StatusNotFound, What: "there is no webhook of this name: the configuration's alerts.webhooks has them"}).write(w)
	})
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, _ *http.Request) {
		(&problem{status: http.StatusNotFound, What: "there is no such address: /v1/openapi.yaml lists them"}).write(w)
	})
}

// mayCall tells whether a request to the API carries the token, if there is
// one.
func (s *Server) mayCall(r *http.Request) bool {
	if s.cfg.Token == "" {
		return true
	}
	token, ok := bearer(r)
	return ok && sameSecret(token, s.cfg.Token)
}

func bearer(r *http.Request) (token string, ok bool) {
	return strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// only is the mux's own choice by method, with an answer in JSON. GET takes
// HEAD with it.
func only(method string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && (method != http.MethodGet || r.Method != http.MethodHead) {
			notAllowed(method).write(w)
			return
		}
		h(w, r)
	}
}

// called answers a call of the API with what f gives, as JSON.
func (s *Server) called(f func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.mayCall(r) {
			unauthorized().write(w)
			return
		}
		out, err := f(r)
		if err != nil {
			s.apiFault(r, err).write(w)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out) // whoever has gone needs no answer
	}
}

func (s *Server) apiFault(r *http.Request, err error) *problem {
	var bad *problem
	switch {
	case errors.As(err, &bad):
		return bad
	case adapters.CodeOf(err) == adapters.NotFound:
		return &problem{status: http.StatusNotFound, What: err.Error()}
	}
	s.cfg.Log.Error("a call of the API failed", "path", r.URL.Path, "err", err)
	return &problem{status: http.StatusServiceUnavailable, What: "this could not be done now: try again; the server's log says why"}
}

// apiLang is the language of sentences in the API's answers.
const apiLang = "en"

const (
	apiDefaultLimit = 100
	apiMaxLimit     = 1000
)

func (s *Server) apiIncidents(r *http.Request) (any, error) {
	f, err := apiFilter(r)
	if err != nil {
		return nil, err
	}
	list, err := s.cfg.Incidents.List(r.Context(), apiLang, f)
	out := incidentsJSON{Incidents: make([]incidentJSON, 0, len(list))}
	for _, inc := range list {
		out.Incidents = append(out.Incidents, toIncidentJSON(inc))
	}
	return out, err
}

func apiFilter(r *http.Request) (IncidentFilter, error) {
	q := r.URL.Query()
	f := IncidentFilter{State: q.Get("state"), Before: q.Get("before"), Limit: apiDefaultLimit}
	switch f.State {
	case "", "held", "open", "acknowledged", "resolved", "closed":
	default:
		return f, badQuery("state", "want held, open, acknowledged, resolved or closed")
	}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > apiMaxLimit {
			return f, badQuery("limit", fmt.Sprintf("want a number from 1 to %d", apiMaxLimit))
		}
		f.Limit = n
	}
	return f, nil
}

func badQuery(name, want string) error {
	return &problem{status: http.StatusBadRequest, Path: name, What: "the query's " + name + " is wrong: " + want}
}

func (s *Server) apiIncident(r *http.Request) (any, error) {
	inc, err := s.cfg.Incidents.Incident(r.Context(), apiLang, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return toIncidentPageJSON(inc), nil
}

func (s *Server) apiDigest(r *http.Request) (any, error) {
	if s.cfg.Digest == nil {
		return nil, &problem{status: http.StatusNotFound, What: "this server runs no morning flow"}
	}
	var o DigestOrder
	for name, to := range map[string]*bool{"today": &o.Today, "dry_run": &o.DryRun} {
		v := r.URL.Query().Get(name)
		if v == "" {
			continue
		}
		var err error
		if *to, err = strconv.ParseBool(v); err != nil {
			return nil, badQuery(name, "true or false")
		}
	}
	d, err := s.cfg.Digest(r.Context(), o)
	return toDigestJSON(d), err
}
