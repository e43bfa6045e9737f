// Package remote is what trackers behind HTTP have in common: one client that
// is patient, asks little, and says what went wrong.
//
// A request goes out when nothing holds it back (too many are under way, the
// tracker asked for a pause, or the login was refused a moment ago), has its
// own time, and is read to its end before it is given on, so that no
// connection stays open whatever the caller does with the answer. Whatever is
// no answer of the tracker's to the request becomes a *Fault: what it means
// for the caller, what an administrator can do, and whether the request may
// have been carried out all the same.
//
// It never repeats a request. Whether that is harmless only the caller knows:
// package once is for what must not be done twice.
//
// A refused login is not tried again by every request that follows: some
// trackers lock a user after a few, and then nobody gets in. One request
// probes, after a minute first and then less and less often.
package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"tebiki/adapters"
)

// Options say how a tracker is called.
type Options struct {
	Name      string              // of the tracker, in errors: "Jira"
	Transport http.RoundTripper   // see Transport; required
	Authorize func(*http.Request) // puts the credentials in
	Secret    string              // of the credentials: what the tracker says is shown without it
	// Explain reads an answer that says no: what it says, and of which fields.
	Explain func(body []byte) (says []string, fields map[string]string)
	// Login tells what an answer says of the credentials themselves, "" when
	// they are not what is wrong: a status alone does not tell.
	Login func(r *http.Response) string

	Timeout time.Duration // of one call; 20 s when it is 0
	AtOnce  int           // calls at once; 4 when it is 0
}

const (
	defaultTimeout = 20 * time.Second
	defaultAtOnce  = 4
	maxAnswer      = 64 << 20 // bytes
)

// A Client calls one tracker. It is safe for concurrent use.
type Client struct {
	opt   Options
	http  *http.Client
	turns chan struct{}
	gate  gate
}

// New gives a client.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.AtOnce == 0 {
		o.AtOnce = defaultAtOnce
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{opt: o, turns: make(chan struct{}, o.AtOnce), http: &http.Client{Transport: o.Transport, CheckRedirect: stay}}
}

// Transport makes connections that trust a company's own certificates too,
// given as PEM; none when ca is empty.
func Transport(ca []byte) (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	t.MaxIdleConnsPerHost = defaultAtOnce
	if len(ca) == 0 {
		return t, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("there is no certificate in it: want PEM, with lines such as -----BEGIN CERTIFICATE-----")
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// Do sends a request and gives its answer, all of it read, when the tracker
// carried it out. Every error is a *Fault.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	if err := c.gate.pass(r.Context()); err != nil {
		return nil, err
	}
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-r.Context().Done():
		c.gate.unused()
		return nil, &Fault{What: c.opt.Name + " is busy with earlier requests of this program", Err: r.Context().Err()}
	}
	resp, err := c.send(r)
	c.gate.note(Of(err), time.Now())
	return resp, err
}

func (c *Client) send(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), c.opt.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	if c.opt.Authorize != nil {
		c.opt.Authorize(r)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, c.unanswered(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case resp.StatusCode/100 != 2: // what can be read of it says enough
		return nil, c.no(resp, body)
	case err != nil:
		return nil, c.unanswered(err)
	case len(body) > maxAnswer:
		return nil, &Fault{Status: resp.StatusCode, Sent: true, What: fmt.Sprintf("%s answers with more than %d MiB", c.opt.Name, maxAnswer>>20)}
	case page(resp, body):
		return nil, c.foreign(resp, body)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// unanswered is a call without an answer. Only what never had a connection
// was certainly not carried out.
func (c *Client) unanswered(err error) *Fault {
	f := &Fault{Code: adapters.Unavailable, Sent: true, Err: err, What: c.opt.Name + " does not answer"}
	var dial *net.OpError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var cert x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		f.Sent, f.What = false, c.opt.Name+" has a certificate from nobody known here: name the company's CA file in the configuration"
	case errors.As(err, &host), errors.As(err, &cert):
		f.Sent, f.What = false, c.opt.Name+"'s certificate is not valid for this address, or has expired"
	case errors.As(err, &dial) && dial.Op == "dial":
		f.Sent, f.What = false, c.opt.Name+" cannot be reached: check the address and the network"
	case errors.Is(err, context.DeadlineExceeded):
		f.What = c.opt.Name + " does not answer in time"
	}
	return f
}
