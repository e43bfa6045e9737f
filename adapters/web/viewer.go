package web

import (
	"net/http"
	"strings"
	"time"
)

const (
	viewerCookie = "tebiki_viewer"
	langCookie   = "tebiki_lang"
	yearLong     = 365 * 24 * time.Hour
)

// viewer is the person that a browser acts as. There are no accounts: whoever
// may use the console chooses. The first to read is a person whose language
// the browser asks for.
func (s *Server) viewer(r *http.Request) Person {
	p, ok := s.people[cookie(r, viewerCookie)]
	if !ok {
		p = s.firstPerson(r.Header.Get("Accept-Language"))
	}
	if lang := cookie(r, langCookie); isLang(lang) {
		p.Lang = lang
	}
	if !isLang(p.Lang) {
		p.Lang = "en"
	}
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	return p
}

func (s *Server) firstPerson(accept string) Person {
	want := "en"
	if strings.HasPrefix(strings.ToLower(accept), "ja") {
		want = "ja"
	}
	for _, p := range s.cfg.People {
		if p.Lang == want {
			return p
		}
	}
	return s.cfg.People[0]
}

func isLang(lang string) bool { return lang == "en" || lang == "ja" }

// actAs chooses the person. That person's language is the page's, so an
// earlier choice of language is forgotten.
func (s *Server) actAs(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	id := r.PostFormValue("person")
	if _, ok := s.people[id]; !ok {
		http.Error(w, "There is nobody of this id in the roster.", http.StatusBadRequest)
		return
	}
	setCookie(w, r, viewerCookie, id, yearLong)
	setCookie(w, r, langCookie, "", 0)
	http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
}

func (s *Server) chooseLang(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	lang := r.PostFormValue("lang")
	if !isLang(lang) {
		http.Error(w, "The pages are in \"en\" and \"ja\".", http.StatusBadRequest)
		return
	}
	setCookie(w, r, langCookie, lang, yearLong)
	http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
}
