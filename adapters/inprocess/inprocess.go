// Package inprocess answers HTTP requests without a connection, for the fakes
// of vendors: a bubble of testing/synctest allows no sockets.
package inprocess

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
)

// ErrCut is what a client sees of a connection that was cut.
var ErrCut = errors.New("the connection was cut")

// A Transport gives requests to a handler. A handler that hijacks the
// connection cuts it.
type Transport struct {
	Handler http.Handler
	// Start runs what serves a request beside the caller, who may give up
	// before it is done, or returns false when nothing runs any more. Without
	// it the caller's goroutine serves.
	Start func(serve func()) bool
}

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.Host = r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &answer{header: http.Header{}, done: make(chan struct{})}
	serve := func() {
		defer close(w.done)
		defer in.Body.Close()
		t.Handler.ServeHTTP(w, in)
	}
	if t.Start == nil {
		serve()
	} else if !t.Start(serve) {
		return nil, ErrCut
	}
	select {
	case <-w.done:
	case <-r.Context().Done():
	}
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

// Hijack gives a connection whose other end is closed.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.cut = true
	here, there := net.Pipe()
	_ = there.Close() // a pipe's end always closes
	return here, nil, nil
}

func (a *answer) response(r *http.Request) (*http.Response, error) {
	if a.cut {
		return nil, ErrCut
	}
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: r,
	}, nil
}
