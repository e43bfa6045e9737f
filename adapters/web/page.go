package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"sync"
	"time"
)

//go:embed templates/*.html
var templateFiles embed.FS

var templates = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").ParseFS(templateFiles, "templates/*.html")
})

// A page is what every template is given: who reads, and under Body what the
// page itself shows. Its methods speak the reader's language and know the
// reader's zone.
type page struct {
	Reader   Person
	Title    string
	Section  string // which part of the navigation it belongs to
	Topic    string // what the page listens to
	Path     string // for forms that lead back here
	Origin   string // this server as the browser calls it, for command lines
	Bare     bool   // no navigation: the login
	Secret   bool   // there is a session to end
	Now      time.Time
	People   []Person
	Sections []section
	Unread   int
	Calls    []Call // those that ring or are under way
	Note     *note
	Body     any

	server *Server
}

// A section is one entry of the navigation.
type section struct{ Name, Path string }

func (s *Server) newPage(r *http.Request, name string) *page {
	p := &page{
		Reader: s.viewer(r), Section: name, Path: backPath(r.URL), Origin: origin(r), Secret: s.cfg.hasSecret(),
		Now: s.cfg.Now(), People: s.cfg.People, Sections: s.sections(), server: s,
	}
	p.Note = s.notes.get(r.URL.Query().Get("note"), p.Reader.ID)
	return p
}

func (s *Server) sections() []section {
	all := []section{
		{"incidents", "/incidents"}, {"tickets", "/tickets"}, {"messages", "/messages"},
		{"phone", "/phone"}, {"oncall", "/oncall"}, {"knowhow", "/knowhow"},
	}
	there := map[string]bool{
		"tickets": s.cfg.Tickets != nil, "messages": s.cfg.Messages != nil, "phone": s.cfg.Phones != nil,
		"incidents": true, "knowhow": s.cfg.KnowHow != nil, "oncall": s.cfg.OnCall != nil,
	}
	var out []section
	for _, x := range all {
		if there[x.Name] {
			out = append(out, x)
		}
	}
	return out
}

// backPath is the page's own address without the note that it shows now.
func backPath(u *url.URL) string {
	q := u.Query()
	q.Del("note")
	if len(q) == 0 {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + q.Encode()
}

func origin(r *http.Request) string {
	if overTLS(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// render writes a page whole or not at all.
func (s *Server) render(w http.ResponseWriter, status int, name string, p *page) {
	all, err := templates()
	var out bytes.Buffer
	if err == nil {
		err = all.ExecuteTemplate(&out, name, p)
	}
	if err != nil {
		s.cfg.Log.Error("a page of the console could not be made", "page", name, "err", err)
		http.Error(w, "This page could not be made; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.Map(unturned, out.Bytes())) // a reader that has gone misses nothing
}

// unturned drops the characters that change the direction of the text after
// them, by which one name can be made to look like another.
func unturned(r rune) rune {
	switch {
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
		return -1
	}
	return r
}

// A part is a piece of a page with the page's own methods.
type part struct {
	*page
	It any
}

// With gives a template x and everything a page can do.
func (p *page) With(x any) part { return part{p, x} }

// T is a sentence of the catalogue.
func (p *page) T(key string, args ...any) string {
	return p.server.texts.text(p.Reader.Lang, key, args...)
}

// Rich is a sentence in which some arguments are HTML already.
func (p *page) Rich(key string, args ...any) template.HTML {
	safe := make([]any, len(args))
	for i, a := range args {
		if html, ok := a.(template.HTML); ok {
			safe[i] = string(html)
		} else {
			safe[i] = template.HTMLEscapeString(fmt.Sprint(a))
		}
	}
	return template.HTML(p.T(key, safe...))
}

// Word is the sentence for a value: a state, a kind, a channel.
func (p *page) Word(family string, value any) string {
	return p.server.texts.word(p.Reader.Lang, family, fmt.Sprint(value))
}

// Who is a person's name; somebody unknown is called by the id. What nobody
// did was done by the bot.
func (p *page) Who(id string) string {
	switch person, ok := p.server.people[id]; {
	case ok:
		return person.Name
	case id == "":
		return "Tebiki"
	}
	return id
}

// Mine tells whether an id is the reader's.
func (p *page) Mine(id string) bool { return id == p.Reader.ID }

// OtherLang is the language that the page could be in instead.
func (p *page) OtherLang() string {
	if p.Reader.Lang == "ja" {
		return "en"
	}
	return "ja"
}

// Markdown renders a text that a program or a document wrote.
func (p *page) Markdown(text string) template.HTML { return renderMarkdown(prose, text) }

// Comment renders what a person typed.
func (p *page) Comment(text string) template.HTML { return renderMarkdown(comments, text) }
