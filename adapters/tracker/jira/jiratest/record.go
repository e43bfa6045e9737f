package jiratest

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/fake"
)

// A Request is one call of the REST API as it came.
type Request struct {
	Method string
	Path   string // after /rest/api/2/
	Query  url.Values
	Body   []byte
	At     time.Time
	Status int // that it was answered with; 0 when there was no answer
}

// Requests are the calls so far whose method and path a pattern names, or all
// of them; see Fail for patterns.
func (j *Jira) Requests(patterns ...string) []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []Request
	for _, noted := range j.requests {
		r := *noted
		if len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return fake.Matches(p, r.Method, r.Path) }) {
			r.Body = bytes.Clone(r.Body)
			found = append(found, r)
		}
	}
	return found
}

// Count is how many calls there were of what the patterns name.
func (j *Jira) Count(patterns ...string) int { return len(j.Requests(patterns...)) }

// Forget drops the requests so far.
func (j *Jira) Forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = nil
}

// note keeps the request and gives its place.
func (j *Jira) note(r *http.Request, body []byte) *Request {
	if !j.record {
		return nil
	}
	noted := &Request{Method: r.Method, Path: relative(r), Query: r.URL.Query(), Body: body, At: j.now()}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests, noted)
	return noted
}

func (j *Jira) noteStatus(noted *Request, status int) {
	if noted == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	noted.Status = status
}

// relative is a request's path within the API.
func relative(r *http.Request) string {
	return strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), prefix), "/")
}
