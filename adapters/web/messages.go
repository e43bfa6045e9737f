package web

import (
	"net/http"
	"strings"

	"tebiki/adapters/chat"
)

func (s *Server) routeMessages(mux *http.ServeMux) {
	mux.HandleFunc("GET /messages", s.show("messages", s.viewMessages))
	mux.HandleFunc("POST /messages/press", s.do(s.press))
	mux.HandleFunc("POST /messages/say", s.do(s.say))
	mux.HandleFunc("POST /messages/seen", s.do(s.seen))
}

func (s *Server) viewMessages(r *http.Request, p *page) (string, error) {
	list, err := s.cfg.Messages.Messages(r.Context(), p.Reader.ID)
	p.Title, p.Topic, p.Body = p.T("messages.title"), "messages", list
	return "messages", err
}

func (s *Server) press(r *http.Request, by Person) (string, note, error) {
	f := r.PostForm
	reply, err := s.cfg.Messages.Press(r.Context(), chat.Action{
		From: by.ID, Message: f.Get("message"), Button: f.Get("button"), Value: f.Get("value"),
	})
	return "/messages#reply", note{Reply: reply}, err
}

func (s *Server) say(r *http.Request, by Person) (string, note, error) {
	line := strings.TrimSpace(r.PostForm.Get("line"))
	if line == "" {
		return "/messages", note{}, &Refusal{s.texts.text(by.Lang, "messages.empty-line")}
	}
	reply, err := s.cfg.Messages.Say(r.Context(), chat.Command{From: by.ID, Line: line})
	return "/messages#reply", note{Reply: reply}, err
}

func (s *Server) seen(r *http.Request, by Person) (string, note, error) {
	return "/messages", note{}, s.cfg.Messages.Seen(r.Context(), by.ID)
}
