package mirror

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"tebiki/knowhow/keys"
	"tebiki/knowhow/source/address"
)

// anyUser is what Bitbucket wants of those who come with a repository's token,
// and GitHub and GitLab take for any. See
// https://support.atlassian.com/bitbucket-cloud/docs/using-repository-access-tokens/
// and https://docs.gitlab.com/topics/git/clone/#clone-using-a-token.
const anyUser = "x-token-auth"

func dialHTTP(o Options) (func(context.Context) (session, error), error) {
	roots, err := keys.ReadAuthorities(o.CAFile)
	if err != nil {
		return nil, err
	}
	token := func() string { return "" }
	if o.Token != nil {
		token = o.Token
	}
	if o.Address.Scheme == address.HTTP && token() != "" && !loopback(o.Address.Host) {
		return nil, fmt.Errorf("the token would be sent to %s where everybody can read it; use https", o.Address.Host)
	}
	if o.User == "" {
		o.User = anyUser
	}
	endpoint := endpointOf(o.Address)
	return func(context.Context) (session, error) {
		t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		client := githttp.NewClient(&http.Client{Transport: brief{t}})
		var auth transport.AuthMethod
		if secret := token(); secret != "" {
			auth = &githttp.BasicAuth{Username: o.User, Password: secret}
		}
		at := *endpoint // which the session changes when it is sent elsewhere
		s, err := client.NewUploadPackSession(&at, auth)
		if err != nil {
			return nil, err
		}
		return &httpSession{s, t}, nil
	}, nil
}

func endpointOf(a address.Address) *transport.Endpoint {
	host := a.Host
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		host = "[" + host + "]"
	}
	port, _ := strconv.Atoi(a.Port) // 0 is the usual one
	return &transport.Endpoint{Protocol: a.Scheme, Host: host, Port: port, Path: (&url.URL{Path: a.Path}).EscapedPath()}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// brief keeps pages of errors away, which go-git would read whole, however
// long, and repeat; and it bounds the list of branches.
type brief struct{ http.RoundTripper }

func (b brief) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode >= http.StatusBadRequest:
		_ = res.Body.Close()
		res.Body = http.NoBody
	case r.Method == http.MethodGet:
		res.Body = struct {
			io.Reader
			io.Closer
		}{&bounded{res.Body, maxRefs}, res.Body}
	}
	return res, nil
}

// An httpSession keeps no connection when it ends. What it refers to by the
// answer's body is closed by whoever reads that.
type httpSession struct {
	transport.UploadPackSession
	transport *http.Transport
}

func (s *httpSession) AdvertisedReferencesContext(ctx context.Context) (*packp.AdvRefs, error) {
	refs, err := s.UploadPackSession.AdvertisedReferencesContext(ctx)
	if errors.Is(err, packp.ErrEmptyInput) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("what answers there is not a git server")
	}
	return refs, err
}

func (s *httpSession) Close() error {
	err := s.UploadPackSession.Close()
	s.transport.CloseIdleConnections()
	return err
}
