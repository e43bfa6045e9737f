package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Guesses at the password: a few at once for somebody who mistypes, then one
// every few seconds for each address, and a ceiling for all addresses
// together.
const (
	guessEvery  = 5 * time.Second
	guessBurst  = 5
	guessesAll  = 5 // a second
	maxGuessers = 4096
)

// attempts limits how often a password may be tried.
type attempts struct {
	mu   sync.Mutex
	from map[netip.Prefix]*rate.Limiter
	all  *rate.Limiter
}

func newAttempts() *attempts {
	return &attempts{from: map[netip.Prefix]*rate.Limiter{}, all: rate.NewLimiter(guessesAll, 10*guessesAll)}
}

func (a *attempts) allow(remote string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	who := network(remote)
	l := a.from[who]
	if l == nil {
		if len(a.from) >= maxGuessers { // the ceiling for all holds meanwhile
			clear(a.from)
		}
		l = rate.NewLimiter(rate.Every(guessEvery), guessBurst)
		a.from[who] = l
	}
	return l.AllowN(now, 1) && a.all.AllowN(now, 1)
}

// network is whose guesses count together: one IPv6 customer has at least
// a /64 of addresses.
func network(remote string) netip.Prefix {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip, bits := ap.Addr().Unmap().WithZone(""), 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // both lengths fit
	return p
}

// private lets in whoever has a session, and leads everybody else to the
// login.
func (s *Server) private(h http.Handler) http.Handler {
	if !s.cfg.hasSecret() {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.session.valid(cookie(r, sessionCookie), s.cfg.Now()) {
			h.ServeHTTP(w, r)
			return
		}
		if r.Method != http.MethodGet || r.URL.Path == "/events" {
			http.Error(w, "Your session is over: log in at /login.", http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
	})
}

type loginForm struct {
	Next  string
	Wrong bool
	Wait  bool
}

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) {
	s.renderLogin(w, r, http.StatusOK, loginForm{Next: localPath(r.FormValue("next"))})
}

func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	form := loginForm{Next: localPath(r.PostFormValue("next"))}
	now := s.cfg.Now()
	if !s.logins.allow(r.RemoteAddr, now) {
		form.Wait = true
		s.renderLogin(w, r, http.StatusTooManyRequests, form)
		return
	}
	if !sameSecret(r.PostFormValue("password"), s.cfg.Password) {
		s.cfg.Log.Warn("wrong password at the console's login", "from", r.RemoteAddr)
		form.Wrong = true
		s.renderLogin(w, r, http.StatusUnauthorized, form)
		return
	}
	setCookie(w, r, sessionCookie, s.session.value(now.Add(sessionLength)), sessionLength)
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
}

func (s *Server) renderLogin(w http.ResponseWriter, r *http.Request, status int, form loginForm) {
	p := s.newPage(r, "")
	p.Title, p.Body, p.Bare = p.T("login.title"), form, true
	s.render(w, status, "login", p)
}

func (s *Server) logOut(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, sessionCookie, "", 0)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// localPath gives a path of this server, whatever was asked for: a login must
// not lead to somebody else's page.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
