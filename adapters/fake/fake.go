// Package fake is what the fakes of vendors over HTTP have in common: which
// request a test means, what goes wrong with it, and which endpoint it is for.
// What a vendor does, and says, is each fake's own.
package fake

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// A Queue holds what goes wrong, in order, each thing as often as it is meant
// to. The fake's own lock guards it. The zero value is empty.
type Queue[F any] struct{ waiting []*entry[F] }

type entry[F any] struct {
	what    F
	pattern string
	left    int
}

// Add lets what a pattern names meet f, n times; for ever when n is negative.
func (q *Queue[F]) Add(pattern string, n int, f F) {
	if n != 0 {
		q.waiting = append(q.waiting, &entry[F]{f, pattern, n})
	}
}

// Next gives the first fault whose pattern is meant, nil when there is none.
func (q *Queue[F]) Next(meant func(pattern string) bool) *F {
	i := slices.IndexFunc(q.waiting, func(e *entry[F]) bool { return meant(e.pattern) })
	if i < 0 {
		return nil
	}
	e := q.waiting[i]
	if e.left--; e.left == 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	return &e.what
}

// Clear ends all faults.
func (q *Queue[F]) Clear() { q.waiting = nil }

// Named tells whether a pattern is a name, or "*" for all of them.
func Named(pattern, name string) bool { return pattern == name || pattern == "*" }

// Matches tells whether a pattern names a request by its method and its path
// within an API, with "*" for a part of the path: "POST issue",
// "GET issue/*/comment". The method may be left out, and "*" is everything.
func Matches(pattern, method, relative string) bool {
	if wanted, rest, found := strings.Cut(pattern, " "); found {
		if wanted != method {
			return false
		}
		pattern = rest
	}
	if pattern == "*" {
		return true
	}
	ok, err := path.Match(strings.TrimPrefix(pattern, "/"), relative)
	return ok && err == nil
}

// Route holds an escaped path against an endpoint's, whose variable parts are
// "*", and gives those parts.
func Route(endpoint, path string) (parts []string, ok bool) {
	want, got := strings.Split(endpoint, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	for i, w := range want {
		text, err := url.PathUnescape(got[i])
		switch {
		case err != nil || text == "":
			return nil, false
		case w == "*":
			parts = append(parts, text)
		case w != text:
			return nil, false
		}
	}
	return parts, true
}

// Write answers with a status and a body, which is a page unless the header
// says otherwise.
func Write(w http.ResponseWriter, status int, header map[string]string, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	for name, value := range header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	// A write fails only when the caller has gone.
	_, _ = w.Write([]byte(body))
}

// Cut ends the connection without an answer.
func Cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}
