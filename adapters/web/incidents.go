package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/source"
)

func (s *Server) routeIncidents(mux *http.ServeMux) {
	mux.HandleFunc("GET /incidents", s.show("incidents", s.viewIncidents))
	mux.HandleFunc("GET /incidents/{id}", s.show("incidents", s.viewIncident))
	mux.HandleFunc("POST /incidents/{id}", s.do(s.actOnIncident))
	mux.HandleFunc("POST /incidents/test", s.do(s.sendTest))
}

// incidentStates are those a list shows, the most pressing first.
var incidentStates = []string{"open", "acknowledged", "held", "resolved"}

// shortList is how many of each state the first page shows.
const shortList = 10

type incidentList struct {
	State  string // "" for all of them, grouped
	States []string
	Groups []incidentGroup
	Older  string

	Mailboxes []Mailbox
}

// An incidentGroup is what is in one state.
type incidentGroup struct {
	State     string
	Incidents []Incident
	More      bool
}

// Empty tells whether there is nothing in any group.
func (l incidentList) Empty() bool {
	return !slices.ContainsFunc(l.Groups, func(g incidentGroup) bool { return len(g.Incidents) > 0 })
}

func (s *Server) viewIncidents(r *http.Request, p *page) (string, error) {
	list := incidentList{State: r.URL.Query().Get("state"), States: incidentStates}
	if !slices.Contains(incidentStates, list.State) {
		list.State = ""
	}
	var err error
	if list.State == "" {
		list.Groups, err = s.incidentGroups(r.Context(), p.Reader.Lang)
	} else {
		err = s.oneState(r, p.Reader.Lang, &list)
	}
	if s.cfg.Mailboxes != nil {
		list.Mailboxes = s.cfg.Mailboxes()
	}
	p.Title, p.Topic, p.Body = p.T("incidents.title"), "incidents", list
	return "incidents", err
}

func (s *Server) incidentGroups(ctx context.Context, lang string) (groups []incidentGroup, err error) {
	for _, state := range incidentStates {
		g := incidentGroup{State: state}
		g.Incidents, err = s.cfg.Incidents.List(ctx, lang, IncidentFilter{State: state, Limit: shortList + 1})
		if err != nil {
			return nil, err
		}
		if len(g.Incidents) > shortList {
			g.Incidents, g.More = g.Incidents[:shortList], true
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func (s *Server) oneState(r *http.Request, lang string, list *incidentList) error {
	g := incidentGroup{State: list.State}
	var err error
	g.Incidents, err = s.cfg.Incidents.List(r.Context(), lang, IncidentFilter{
		State: list.State, Limit: listLength + 1, Before: r.URL.Query().Get("before"),
	})
	if len(g.Incidents) > listLength {
		g.Incidents = g.Incidents[:listLength]
		list.Older = olderThan(r.URL, g.Incidents[listLength-1].ID)
	}
	list.Groups = []incidentGroup{g}
	return err
}

func (s *Server) viewIncident(r *http.Request, p *page) (string, error) {
	inc, err := s.cfg.Incidents.Incident(r.Context(), p.Reader.Lang, r.PathValue("id"))
	p.Title, p.Topic, p.Body = inc.ID+" "+inc.Title, "incidents", inc
	return "incident", err
}

// May tells whether something may be done to the incident now.
func (i IncidentPage) May(action string) bool { return slices.Contains(i.Can, action) }

func (s *Server) actOnIncident(r *http.Request, by Person) (string, note, error) {
	id, what := r.PathValue("id"), r.PostForm.Get("do")
	err := s.cfg.Incidents.Do(r.Context(), by, id, what)
	return "/incidents/" + url.PathEscape(id), note{Reply: chat.Reply{Title: s.texts.word(by.Lang, "incident.done", what)}}, err
}

// Test alerts come from the console and are about one check, so that a second
// one with the same host is the same alert.
const (
	testSource = "console"
	testCheck  = "test"
)

// sendTest lets somebody see the urgent flow without a monitoring system.
func (s *Server) sendTest(r *http.Request, by Person) (string, note, error) {
	f := r.PostForm
	a := source.Alert{
		Source: testSource, Check: testCheck, Severity: f.Get("severity"), Resolved: f.Get("resolved") != "",
		Host: strings.TrimSpace(f.Get("host")), Service: strings.TrimSpace(f.Get("service")),
		Summary: strings.TrimSpace(f.Get("summary")), At: s.cfg.Now(),
	}
	if a.Host == "" || a.Summary == "" {
		return "/incidents#test", note{}, &Refusal{Text: s.texts.text(by.Lang, "test.incomplete")}
	}
	if len(a.Host) > source.MaxField || len(a.Service) > source.MaxField || len(a.Severity) > source.MaxField || len(a.Summary) > source.MaxSummary {
		return "/incidents#test", note{}, &Refusal{Text: s.texts.text(by.Lang, "test.too-long")}
	}
	receipts, err := s.cfg.Intake.Accept(r.Context(), []source.Alert{a})
	if err != nil || len(receipts) == 0 || receipts[0].Incident == "" {
		return "/incidents", note{Reply: chat.Reply{Title: s.texts.text(by.Lang, "test.morning")}}, err
	}
	return "/incidents/" + url.PathEscape(receipts[0].Incident), note{Reply: chat.Reply{Title: s.texts.text(by.Lang, "test.sent")}}, nil
}
