package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A browser asks a server as a person's browser would.
type browser struct {
	t      *testing.T
	h      http.Handler
	person string
	lang   string
	header http.Header
}

func (b browser) send(method, target string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8420"+target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for k, v := range b.header {
		r.Header[k] = v
	}
	if b.person != "" {
		r.AddCookie(&http.Cookie{Name: viewerCookie, Value: b.person})
	}
	if b.lang != "" {
		r.AddCookie(&http.Cookie{Name: langCookie, Value: b.lang})
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w
}

// get wants a page.
func (b browser) get(target string) string {
	b.t.Helper()
	w := b.send("GET", target, nil)
	if w.Code != http.StatusOK {
		b.t.Fatalf("GET %s: %d\n%s", target, w.Code, w.Body)
	}
	return w.Body.String()
}

// post wants to be led to a page, and gives the page and its address.
func (b browser) post(target string, pairs ...string) (address, page string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	w := b.send("POST", target, form)
	if w.Code != http.StatusSeeOther {
		b.t.Fatalf("POST %s: %d, want 303\n%s", target, w.Code, w.Body)
	}
	address, _, _ = strings.Cut(w.Header().Get("Location"), "#")
	return address, b.get(address)
}

func wantIn(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not hold %q:\n%s", part, page)
		}
	}
}

func wantNot(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(page, part) {
			t.Errorf("the page holds %q:\n%s", part, page)
		}
	}
}
