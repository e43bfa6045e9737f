package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
)

// maxForm bounds what a person can send at once.
const maxForm = 256 << 10

// An act does what a form asks for and tells where to go then, also when it
// fails.
type act func(r *http.Request, by Person) (next string, said note, err error)

// do answers a form: it is done, and then a page is shown (POST, redirect,
// GET), so that going back or reloading does nothing twice.
func (s *Server) do(a act) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "This form could not be read, or it is larger than 256 KiB.", http.StatusBadRequest)
			return
		}
		by := s.viewer(r)
		next, said, err := a(r, by)
		if err != nil {
			var no *Refusal
			bad := !errors.As(err, &no) || !no.Already
			said = note{Bad: bad, Reply: chat.Reply{Title: s.excuse(r, by, err)}}
		}
		http.Redirect(w, r, s.leave(next, by, said), http.StatusSeeOther)
	}
}

// leave puts a note where the next page finds it.
func (s *Server) leave(next string, by Person, said note) string {
	if said.Reply.Title == "" && len(said.Reply.Sections) == 0 {
		return next
	}
	said.person = by.ID
	path, fragment, _ := strings.Cut(next, "#")
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	if fragment != "" {
		fragment = "#" + fragment
	}
	return path + sep + "note=" + url.QueryEscape(s.notes.put(said)) + fragment
}

// excuse says to a person why something was not done.
func (s *Server) excuse(r *http.Request, by Person, err error) string {
	var no *Refusal
	switch {
	case errors.As(err, &no):
		return no.Text
	case adapters.CodeOf(err) == adapters.NotFound:
		return s.texts.text(by.Lang, "fault.missing")
	}
	s.cfg.Log.Error("a form of the console failed", "path", r.URL.Path, "person", by.ID, "err", err)
	return s.texts.text(by.Lang, "fault.undone")
}
