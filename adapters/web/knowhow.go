package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tebiki/adapters/chat"
)

func (s *Server) routeKnowHow(mux *http.ServeMux) {
	mux.HandleFunc("GET /knowhow", s.show("knowhow", s.viewKnowHow))
	mux.HandleFunc("GET /knowhow/{component}", s.show("knowhow", s.viewEntry))
	mux.HandleFunc("POST /knowhow/{component}", s.do(s.rateOutdated))
	mux.HandleFunc("GET /reports/knowhow", s.show("knowhow", s.viewReport))
}

type knowHowList struct {
	Words   string
	Hits    []Hit
	Entries []EntryLine
	State   KnowHowState
}

func (s *Server) viewKnowHow(r *http.Request, p *page) (string, error) {
	list := knowHowList{Words: strings.TrimSpace(r.URL.Query().Get("q"))}
	var err error
	if list.Words != "" {
		if list.Hits, err = s.cfg.KnowHow.Search(r.Context(), p.Reader, list.Words, r.URL.Query().Get("from") != "report"); err != nil {
			return "", err
		}
	}
	if list.State, err = s.cfg.KnowHow.State(r.Context()); err != nil {
		return "", err
	}
	list.Entries, err = s.cfg.KnowHow.Entries(r.Context(), p.Reader.Lang)
	p.Title, p.Body = p.T("knowhow.title"), list
	return "knowhow", err
}

func (s *Server) viewEntry(r *http.Request, p *page) (string, error) {
	e, err := s.cfg.KnowHow.Entry(r.Context(), p.Reader, r.PathValue("component"))
	p.Title, p.Body = e.Title, e
	return "entry", err
}

// rateOutdated takes that a document is out of date.
func (s *Server) rateOutdated(r *http.Request, by Person) (string, note, error) {
	component := r.PathValue("component")
	next := "/knowhow/" + url.PathEscape(component)
	doc := r.PostFormValue("doc")
	if doc != "" {
		next += "#doc-" + url.PathEscape(doc)
	}
	err := s.cfg.KnowHow.Outdated(r.Context(), by, component, doc, strings.TrimSpace(r.PostFormValue("words")))
	return next, note{Reply: chat.Reply{Title: s.texts.text(by.Lang, "knowhow.outdated-done")}}, err
}

// Days that a report may be about.
const (
	reportDays = 30
	mostDays   = 3660
)

func (s *Server) viewReport(r *http.Request, p *page) (string, error) {
	days, _ := strconv.Atoi(r.URL.Query().Get("days")) // a wrong one is the usual
	if days < 1 || days > mostDays {
		days = reportDays
	}
	report, err := s.cfg.KnowHow.Report(r.Context(), p.Reader.Lang, days)
	p.Title, p.Body = p.T("report.title"), struct {
		Report
		Days int
	}{report, days}
	return "report", err
}

func (s *Server) apiReport(r *http.Request) (any, error) {
	if s.cfg.KnowHow == nil {
		return nil, &problem{status: http.StatusNotFound, What: "this server has no know-how"}
	}
	lang := cmp.Or(r.URL.Query().Get("lang"), apiLang)
	if !isLang(lang) {
		return nil, badQuery("lang", "want en or ja")
	}
	days, err := strconv.Atoi(cmp.Or(r.URL.Query().Get("days"), strconv.Itoa(reportDays)))
	if err != nil || days < 1 || days > mostDays {
		return nil, badQuery("days", fmt.Sprintf("want a number from 1 to %d", mostDays))
	}
	report, err := s.cfg.KnowHow.Report(r.Context(), lang, days)
	return toReportJSON(report), err
}

// Command is the check as a person would read it. It is never run like this.
func (c Check) Command() string { return strings.Join(c.Run, " ") }
