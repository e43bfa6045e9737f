package web

import (
	"net/http"
	"strings"
)

func (s *Server) routeKnowHow(mux *http.ServeMux) {
	mux.HandleFunc("GET /knowhow", s.show("knowhow", s.viewKnowHow))
	mux.HandleFunc("GET /knowhow/{component}", s.show("knowhow", s.viewEntry))
}

type knowHowList struct {
	Words   string
	Hits    []Hit
	Entries []EntryLine
}

func (s *Server) viewKnowHow(r *http.Request, p *page) (string, error) {
	list := knowHowList{Words: strings.TrimSpace(r.URL.Query().Get("q"))}
	var err error
	if list.Words != "" {
		if list.Hits, err = s.cfg.KnowHow.Search(r.Context(), p.Reader.Lang, list.Words); err != nil {
			return "", err
		}
	}
	list.Entries, err = s.cfg.KnowHow.Entries(r.Context(), p.Reader.Lang)
	p.Title, p.Body = p.T("knowhow.title"), list
	return "knowhow", err
}

func (s *Server) viewEntry(r *http.Request, p *page) (string, error) {
	e, err := s.cfg.KnowHow.Entry(r.Context(), p.Reader.Lang, r.PathValue("component"))
	p.Title, p.Body = e.Title, e
	return "entry", err
}

// Command is the check as a person would read it. It is never run like this.
func (c Check) Command() string { return strings.Join(c.Run, " ") }
