package web

import (
	"fmt"
	"net/http"

	"tebiki/adapters"
)

// The phone's buttons, besides the keys of the menu.
const (
	answerCall = "answer"
	pressKey   = "key"
	hangUp     = "hangup"
)

func (s *Server) routePhone(mux *http.ServeMux) {
	mux.HandleFunc("GET /phone", s.show("phone", s.viewPhone))
	mux.HandleFunc("POST /phone", s.do(s.usePhone))
}

func (s *Server) viewPhone(r *http.Request, p *page) (string, error) {
	calls, err := s.cfg.Phones.Calls(r.Context())
	var mine []Call
	for _, c := range calls {
		if p.Mine(c.Person) {
			mine = append(mine, c)
		}
	}
	p.Title, p.Topic, p.Body = p.T("phone.title"), "phone", mine
	return "phone", err
}

func (s *Server) usePhone(r *http.Request, by Person) (string, note, error) {
	ctx, call := r.Context(), r.PostForm.Get("call")
	var err error
	switch do := r.PostForm.Get("do"); do {
	case answerCall:
		err = s.cfg.Phones.Answer(ctx, by.ID, call)
	case pressKey:
		err = s.cfg.Phones.Key(ctx, by.ID, call, r.PostForm.Get("key"))
	case hangUp:
		err = s.cfg.Phones.HangUp(ctx, by.ID, call)
	default:
		err = &adapters.Error{Op: fmt.Sprintf("do %q with a call", do), Code: adapters.NotFound, Err: fmt.Errorf("the phone has no such button")}
	}
	return "/phone", note{}, err
}
