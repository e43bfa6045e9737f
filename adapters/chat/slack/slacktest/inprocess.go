package slacktest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
)

// inProcessURL is the workspace's address where nothing listens.
const inProcessURL = "http://slack.test"

// WithoutNetwork listens at no socket: the workspace is reached through
// HTTPClient only, which a bubble of testing/synctest allows. There is no
// Socket Mode then.
func WithoutNetwork() Option {
	return func(ws *Workspace) { ws.base = inProcessURL }
}

// HTTPClient calls the workspace without a connection in between.
func (ws *Workspace) HTTPClient() *http.Client { return &http.Client{Transport: inProcess{ws}} }

type inProcess struct{ ws *Workspace }

var errCut = errors.New("the connection was cut")

// RoundTrip runs the handler beside the caller, who may give up before it is
// done.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.Host = r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &answer{header: http.Header{}, done: make(chan struct{})}
	started := p.ws.start(func() {
		defer close(w.done)
		defer in.Body.Close()
		p.ws.handler.ServeHTTP(w, in)
	})
	if !started {
		return nil, errCut
	}
	select {
	case <-w.done:
		return w.response(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// An answer is written by a handler, and read once it is done.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
	cut    bool
	done   chan struct{}
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
