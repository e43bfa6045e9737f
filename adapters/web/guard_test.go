package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestEveryPageIsProtected(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t)}
	for _, path := range append(allPages, "/static/console.js", "/login", "/healthz", "/nothing", "/v1/incidents") {
		h := b.send("GET", path, nil).Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'self';") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy is %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: headers are %v", path, h)
		}
	}
}

func TestForeignNamesAreRefused(t *testing.T) {
	names := map[string]bool{
		"127.0.0.1:8420": true, "127.0.0.1": true, "localhost:9000": true, "LocalHost": true, "[::1]:8420": true, "[::1]": true,
		"ops.example.net:8420": true, "OPS.example.net": true,
		"evil.example": false, "evil.example:8420": false, "127.0.0.1.evil.example:8420": false, "localhost.evil.example": false,
		"192.0.2.1:8420": false, "": false, "[::1": true, "x:y:z": false,
	}
	h := busyMorning().server(t, func(c *Config) { c.Names = []string{"ops.example.net"} })
	for name, ok := range names {
		for _, target := range []string{"/incidents", "/v1/alerts", "/v1/incidents", "/metrics", "/healthz"} {
			r := httptest.NewRequest("GET", target, nil)
			r.Host = name
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Code != http.StatusMisdirectedRequest; got != ok {
				t.Errorf("Host %q at %s: %d", name, target, w.Code)
			}
		}
	}
}

func TestRequestsFromOtherSitesAreRefused(t *testing.T) {
	o := busyMorning()
	o.incidents["I-1"] = o.incidents["I-2"]
	b := browser{t: t, h: o.server(t), person: "sato"}
	forms := map[string]url.Values{
		"/viewer": {"person": {"sato"}}, "/lang": {"lang": {"ja"}}, "/tickets": {"title": {"x"}}, "/tickets/T-1": {"do": {"fix"}},
		"/messages/press": {"button": {"ack"}}, "/messages/say": {"line": {"/ack"}}, "/phone": {"call": {"c2"}, "do": {"hangup"}},
		"/incidents/I-2": {"do": {"ack"}}, "/incidents/test": {"host": {"a"}, "summary": {"b"}}, "/v1/alerts": {"a": {"b"}}, "/v1/digest": {"a": {"b"}},
	}
	from := []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://127.0.0.1:3000"}},
		{"Sec-Fetch-Site": {""}, "Origin": {"https://evil.example"}}, {"Sec-Fetch-Site": {""}, "Origin": {"null"}},
	}
	for path, form := range forms {
		for _, header := range from {
			b.header = header
			if w := b.send("POST", path, form); w.Code != http.StatusForbidden {
				t.Errorf("POST %s with %v: %d, want 403", path, header, w.Code)
			}
		}
	}
	if asked := o.asked(); len(asked) != 0 {
		t.Errorf("other sites' forms did %q", asked)
	}
}

func TestLinksFromOtherSitesWork(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t), header: http.Header{"Sec-Fetch-Site": {"cross-site"}}}
	b.get("/incidents/I-2")
}

func TestViewer(t *testing.T) {
	h := busyMorning().server(t)
	b := browser{t: t, h: h}
	wantIn(t, b.get("/oncall"), `lang="en"`, "<b>Anna Miller</b>")
	b.header = http.Header{"Accept-Language": {"ja,en;q=0.5"}}
	wantIn(t, b.get("/oncall"), `lang="ja"`, "<b>田中 美咲</b>")
	b.person = "somebody-else"
	wantIn(t, b.get("/oncall"), "<b>田中 美咲</b>")

	w := b.send("POST", "/viewer", url.Values{"person": {"okafor"}, "next": {"/phone"}})
	cookies := strings.Join(w.Header().Values("Set-Cookie"), "\n")
	if w.Header().Get("Location") != "/phone" || !strings.Contains(cookies, "tebiki_viewer=okafor") ||
		!strings.Contains(cookies, "HttpOnly") || !strings.Contains(cookies, "SameSite=Strict") || !strings.Contains(cookies, "tebiki_lang=; Path=/; Max-Age=0") {
		t.Errorf("led to %q with cookies:\n%s", w.Header().Get("Location"), cookies)
	}
	if w := b.send("POST", "/viewer", url.Values{"person": {"nobody"}}); w.Code != http.StatusBadRequest {
		t.Errorf("a stranger was taken: %d", w.Code)
	}
	if w := b.send("POST", "/lang", url.Values{"lang": {"fr"}}); w.Code != http.StatusBadRequest {
		t.Errorf("a language that is not there was taken: %d", w.Code)
	}
}

func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{
		"/incidents?state=open": "/incidents?state=open", "/": "/", "": "/", "incidents": "/",
		"//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/a\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/", "/\t/evil.example": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("localPath(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestLargeFormsAreRefused(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t)}
	for _, path := range []string{"/tickets", "/tickets/T-1", "/messages/say", "/viewer"} {
		if w := b.send("POST", path, url.Values{"line": {strings.Repeat("x", maxForm+1)}}); w.Code != http.StatusBadRequest {
			t.Errorf("POST %s with a huge body: %d, want 400", path, w.Code)
		}
	}
}
