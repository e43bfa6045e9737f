package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// policy is strict because nothing on the pages needs more: scripts, styles
// and streams come from this server, and forms go to it.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// ServeHTTP lets in what is called by a name of ours and does not come from
// somebody else's page.
//
// Forms carry no token of their own. Browsers since 2023 say in
// Sec-Fetch-Site where a request comes from, and older ones send an Origin
// that must name this very host; CrossOriginProtection refuses everything
// else that changes something, also from another port of this machine. The
// session's cookie is SameSite=Strict on top of that. A token in the form
// would prove the same once more.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.knowsHost(r.Host) {
		http.Error(w, "This server does not answer to the name in the address. Use 127.0.0.1 or localhost, "+
			"or add the name to its configuration.", http.StatusMisdirectedRequest)
		return
	}
	if err := s.guard.Check(r); err != nil {
		http.Error(w, "This request came from another site's page and was refused: "+err.Error(), http.StatusForbidden)
		return
	}
	if in := s.entrances[r.URL.Path]; in != nil { // alerts do not pay for what only pages need
		s.takeAlerts(w, r, in)
		return
	}
	protect(w.Header())
	s.site.ServeHTTP(w, r)
}

func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// knowsHost keeps out pages whose own name was made to resolve to this
// machine (DNS rebinding): to the browser they are of the same origin as we
// are, but the name is still theirs. With a secret the name need not be known
// in advance, since such a page has no session here. The port does not
// matter: it may be forwarded, and no attacker can choose the name localhost.
func (s *Server) knowsHost(host string) bool {
	if s.cfg.hasSecret() {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	} else {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	}
	return isLoopback(name) ||
		slices.ContainsFunc(s.cfg.Names, func(n string) bool { return strings.EqualFold(n, name) })
}

// fromHere tells whether a request comes from this machine. One that a proxy
// on this machine passed on does not.
func fromHere(r *http.Request) bool {
	if r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return false
	}
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
