package web

import (
	"embed"
	"errors"
	"io/fs"
	"net/http"

	"tebiki/adapters"
)

//go:embed static
var staticFiles embed.FS

// routes says where everything is, except the paths of alerts.
func (s *Server) routes() (http.Handler, error) {
	static, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	if _, err := templates(); err != nil {
		return nil, err
	}
	pages := http.NewServeMux()
	s.routePages(pages)

	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.StripPrefix("/static/", fresh(http.FileServerFS(static))))
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", s.logIn)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /metrics", s.metrics)
	if s.cfg.KnowHowHook != nil {
		mux.Handle("/hooks/knowhow", s.cfg.KnowHowHook)
	}
	s.routeAPI(mux)
	mux.Handle("/", s.private(pages))
	return mux, nil
}

func (s *Server) routePages(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/incidents", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /", s.show("", func(*http.Request, *page) (string, error) {
		return "", &adapters.Error{Op: "find the page", Code: adapters.NotFound, Err: errors.New("no such page")}
	}))
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("POST /viewer", s.actAs)
	mux.HandleFunc("POST /lang", s.chooseLang)
	mux.HandleFunc("POST /logout", s.logOut)
	s.routeIncidents(mux)
	if s.cfg.Tickets != nil {
		s.routeTickets(mux)
	}
	if s.cfg.Messages != nil {
		s.routeMessages(mux)
	}
	if s.cfg.Phones != nil {
		s.routePhone(mux)
	}
	if s.cfg.KnowHow != nil {
		s.routeKnowHow(mux)
	}
	if s.cfg.Recordings != nil {
		mux.HandleFunc("GET /recordings/{id}", s.playRecording)
	}
	if s.cfg.OnCall != nil {
		mux.HandleFunc("GET /oncall", s.show("oncall", s.viewOnCall))
	}
}

// A view fills a page and names its template.
type view func(r *http.Request, p *page) (template string, err error)

// show answers with a view, or with a page that says why there is none.
func (s *Server) show(name string, v view) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := s.newPage(r, name)
		template, err := v(r, p)
		if err == nil {
			err = s.fillFrame(r, p)
		}
		if err != nil {
			s.fail(w, r, p, err)
			return
		}
		s.render(w, http.StatusOK, template, p)
	}
}

// fillFrame gets what every page shows around its own content.
func (s *Server) fillFrame(r *http.Request, p *page) (err error) {
	if s.cfg.Messages != nil {
		if p.Unread, err = s.unread(r, p.Reader.ID); err != nil {
			return err
		}
	}
	if s.cfg.Phones == nil {
		return nil
	}
	calls, err := s.cfg.Phones.Calls(r.Context())
	for _, c := range calls {
		if c.State == Ringing || c.State == Talking && p.Mine(c.Person) {
			p.Calls = append(p.Calls, c)
		}
	}
	return err
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, p *page, err error) {
	status, what := http.StatusServiceUnavailable, p.T("fault.unavailable")
	var no *Refusal
	switch {
	case errors.As(err, &no):
		status, what = http.StatusUnprocessableEntity, no.Text
	case adapters.CodeOf(err) == adapters.NotFound:
		status, what = http.StatusNotFound, p.T("fault.missing")
	case r.Context().Err() != nil: // the reader has gone, which is no failure
	default:
		s.cfg.Log.Error("a page of the console could not be shown", "path", r.URL.Path, "err", err)
	}
	p.Title, p.Body = p.T("fault.title"), what
	_ = s.fillFrame(r, p) // a ringing phone is told even here, if it can be
	s.render(w, status, "fault", p)
}

// fresh lets browsers keep a file for a short while only: it is replaced with
// the program, under the same name.
func fresh(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		h.ServeHTTP(w, r)
	})
}
