package jiratest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
)

// inProcessURL is the instance's address where nothing listens.
const inProcessURL = "http://jira.test"

// HTTPClient calls the instance without a connection in between.
func (j *Jira) HTTPClient() *http.Client { return &http.Client{Transport: j.Transport()} }

// Transport serves each request in the goroutine of who makes it.
func (j *Jira) Transport() http.RoundTripper { return inProcess{j} }

type inProcess struct{ jira *Jira }

var errCut = errors.New("the connection was cut")

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.Host = r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	w := &answer{header: http.Header{}}
	p.jira.ServeHTTP(w, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.response(r)
}

// An answer is written by a handler, and read once it is done.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
	cut    bool
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Hijack is how a fault cuts a connection.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.cut = true
	here, there := net.Pipe()
	_ = there.Close() // a pipe's end always closes
	return here, nil, nil
}

func (a *answer) response(r *http.Request) (*http.Response, error) {
	if a.cut {
		return nil, errCut
	}
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: r,
	}, nil
}

// Authorize gives a request Me's credentials: a bearer token on Data Center,
// mail address and token on Cloud.
func (j *Jira) Authorize(r *http.Request) {
	if j.cloud() {
		j.mu.Lock()
		defer j.mu.Unlock()
		r.SetBasicAuth(j.me.Email, Token)
		return
	}
	r.Header.Set("Authorization", "Bearer "+Token)
}
