package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
)

const (
	listLength = 50
	hostsShown = 50
)

func (s *Server) routeTickets(mux *http.ServeMux) {
	mux.HandleFunc("GET /tickets", s.show("tickets", s.viewTickets))
	mux.HandleFunc("GET /tickets/new", s.show("tickets", s.viewRequest))
	mux.HandleFunc("GET /tickets/hosts", s.hosts)
	mux.HandleFunc("POST /tickets", s.createTicket)
	mux.HandleFunc("GET /tickets/{key}", s.show("tickets", s.viewTicket))
	mux.HandleFunc("POST /tickets/{key}", s.do(s.changeTicket))
}

type ticketList struct {
	Filter     ticketQuery
	Tickets    []tracker.Ticket
	Components []EntryLine
	Older      string // path of the next page; "" for none
}

// A ticketQuery is the filter as the address has it.
type ticketQuery struct{ Status, Who, Component, Subs string }

func (q ticketQuery) filter(reader Person) TicketFilter {
	f := TicketFilter{Component: q.Component, TopLevel: q.Subs == "", Limit: listLength + 1}
	if q.Status != "all" {
		f.Status = tracker.Status(q.Status)
	}
	switch q.Who {
	case "me":
		f.Assignee = reader.ID
	case "nobody":
		f.Unassigned = true
	default:
		f.Assignee = q.Who
	}
	return f
}

func (s *Server) viewTickets(r *http.Request, p *page) (string, error) {
	q := r.URL.Query()
	query := ticketQuery{Status: q.Get("status"), Who: q.Get("who"), Component: q.Get("component"), Subs: q.Get("subs")}
	if query.Status == "" {
		query.Status = string(tracker.Open)
	}
	f := query.filter(p.Reader)
	f.Before = q.Get("before")
	tickets, err := s.cfg.Tickets.List(r.Context(), f)
	if err != nil {
		return "", err
	}
	list := ticketList{Filter: query, Tickets: tickets}
	if len(tickets) > listLength {
		list.Tickets = tickets[:listLength]
		list.Older = olderThan(r.URL, list.Tickets[listLength-1].Key)
	}
	list.Components, err = s.components(r.Context(), p.Reader.Lang)
	p.Title, p.Topic, p.Body = p.T("tickets.title"), "tickets", list
	return "tickets", err
}

func olderThan(u *url.URL, last string) string {
	q := u.Query()
	q.Del("note")
	q.Set("before", last)
	return u.Path + "?" + q.Encode()
}

func (s *Server) components(ctx context.Context, lang string) ([]EntryLine, error) {
	if s.cfg.KnowHow == nil {
		return nil, nil
	}
	return s.cfg.KnowHow.Entries(ctx, lang)
}

// A ticketPage is a ticket with its fields as the request form calls them.
type ticketPage struct {
	Ticket
	Facts []fact
}

type fact struct{ Label, Value string }

func (s *Server) viewTicket(r *http.Request, p *page) (string, error) {
	t, err := s.cfg.Tickets.Ticket(r.Context(), p.Reader, r.PathValue("key"))
	if err != nil {
		return "", err
	}
	facts, err := s.facts(r.Context(), p, t)
	p.Title, p.Topic, p.Body = t.Key+" "+t.Title, "tickets", ticketPage{t, facts}
	return "ticket", err
}

// facts labels a ticket's fields, except the incident's, which is shown as a
// link. One that the know-how does not have, or no longer has, is called by
// its own name.
func (s *Server) facts(ctx context.Context, p *page, t Ticket) (out []fact, err error) {
	labels := map[string]string{"host": p.T("alert.host")}
	if s.cfg.KnowHow != nil && t.Component != "" {
		fields, err := s.cfg.KnowHow.Fields(ctx, p.Reader.Lang, t.Component)
		if err != nil && adapters.CodeOf(err) != adapters.NotFound {
			return nil, err
		}
		for _, f := range fields {
			labels[f.Name] = f.Label
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		if value := t.Fields[name]; value != "" && value != t.Incident {
			out = append(out, fact{cmp.Or(labels[name], name), value})
		}
	}
	return out, nil
}

// May tells whether the reader may do something to the ticket.
func (t Ticket) May(action string) bool { return slices.Contains(t.Can, action) }

func (s *Server) changeTicket(r *http.Request, by Person) (string, note, error) {
	key := r.PathValue("key")
	a := TicketAction{Kind: r.PostForm.Get("do"), Assignee: r.PostForm.Get("assignee"), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	next := "/tickets/" + url.PathEscape(key)
	if _, ok := s.people[a.Assignee]; !ok && a.Assignee != "" {
		return next, note{}, &Refusal{Text: s.texts.text(by.Lang, "ticket.no-person")}
	}
	if a.Kind == Comment && a.Text == "" {
		return next, note{}, &Refusal{Text: s.texts.text(by.Lang, "ticket.empty-comment")}
	}
	if a.Kind == Reopen && a.Text == "" {
		return next, note{}, &Refusal{Text: s.texts.text(by.Lang, "ticket.no-reason")}
	}
	err := s.cfg.Tickets.Do(r.Context(), by, key, a)
	return next, note{Reply: chat.Reply{Title: s.texts.word(by.Lang, "ticket.done", a.Kind)}}, err
}

// requestForm is the form for a new request: first the component is chosen,
// then come the fields that it asks for.
type requestForm struct {
	Components []EntryLine
	Request    TicketRequest
	Fields     []Field
	Hosts      []string
	Fault      string
}

func (s *Server) viewRequest(r *http.Request, p *page) (string, error) {
	form := requestForm{Request: TicketRequest{Label: "form:" + rand.Text(), Component: r.URL.Query().Get("component")}}
	return "request", s.fillRequest(r.Context(), p, &form)
}

func (s *Server) fillRequest(ctx context.Context, p *page, form *requestForm) (err error) {
	if form.Components, err = s.components(ctx, p.Reader.Lang); err != nil {
		return err
	}
	if form.Request.Component != "" && s.cfg.KnowHow != nil {
		if form.Fields, err = s.cfg.KnowHow.Fields(ctx, p.Reader.Lang, form.Request.Component); err != nil {
			return err
		}
	}
	if s.cfg.Servers != nil {
		if form.Hosts, err = s.cfg.Servers.Hosts(ctx, "", hostsShown); err != nil {
			return err
		}
	}
	p.Title, p.Body = p.T("request.title"), *form
	return nil
}

// createTicket shows the form again, filled in, when the request is refused.
func (s *Server) createTicket(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "This form could not be read, or it is larger than 256 KiB.", http.StatusBadRequest)
		return
	}
	by := s.viewer(r)
	form := requestForm{Request: readRequest(r.PostForm)}
	key, err := s.create(r.Context(), by, form.Request)
	if err == nil {
		http.Redirect(w, r, "/tickets/"+url.PathEscape(key), http.StatusSeeOther)
		return
	}
	p := s.newPage(r, "tickets")
	p.Path = "/tickets/new?component=" + url.QueryEscape(form.Request.Component)
	var no *Refusal
	if !errors.As(err, &no) {
		s.fail(w, r, p, err)
		return
	}
	form.Fault = no.Text
	if err := errors.Join(s.fillRequest(r.Context(), p, &form), s.fillFrame(r, p)); err != nil {
		s.fail(w, r, p, err)
		return
	}
	s.render(w, http.StatusUnprocessableEntity, "request", p)
}

func (s *Server) create(ctx context.Context, by Person, req TicketRequest) (key string, err error) {
	if req.Title == "" {
		return "", &Refusal{Text: s.texts.text(by.Lang, "request.no-title")}
	}
	if _, ok := s.people[req.Assignee]; !ok && req.Assignee != "" {
		return "", &Refusal{Text: s.texts.text(by.Lang, "ticket.no-person")}
	}
	return s.cfg.Tickets.Create(ctx, by, req)
}

const fieldPrefix = "field."

func readRequest(form url.Values) TicketRequest {
	req := TicketRequest{
		Label: form.Get("label"), Component: form.Get("component"), Assignee: form.Get("assignee"),
		Title: strings.TrimSpace(form.Get("title")), Host: strings.TrimSpace(form.Get("host")),
		Details: strings.TrimSpace(form.Get("details")), Fields: map[string]string{},
	}
	for name := range form {
		if field, ok := strings.CutPrefix(name, fieldPrefix); ok {
			req.Fields[field] = strings.TrimSpace(form.Get(name))
		}
	}
	return req
}

// hosts completes what is typed into the request form.
func (s *Server) hosts(w http.ResponseWriter, r *http.Request) {
	names := []string{}
	if s.cfg.Servers != nil {
		found, err := s.cfg.Servers.Hosts(r.Context(), r.URL.Query().Get("part"), hostsShown)
		if err != nil {
			http.Error(w, "The inventory does not answer.", http.StatusServiceUnavailable)
			return
		}
		names = append(names, found...)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(names) // a reader that has gone misses nothing
}
