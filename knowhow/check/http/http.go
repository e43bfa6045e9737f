// Package http asks URLs for checks. It is a check.Executor whose commands are
// GET, a URL, and perhaps a JSON path by RFC 9535.
//
// The data's way: Run sends one GET, without cookies, credentials or a proxy
// (the bot's HTTP_PROXY is for the bot), and keeps the first and the last of
// the answer's body. With a path the body is read whole, up to 4 MiB, and what
// the path finds in it is the output: text as it is, anything else as JSON, a
// line for each. The answer's status is the exit status.
//
// A redirect is followed on the same scheme, host and port alone. Any other is
// itself the answer, with where it leads in the first line. Addresses that are
// valid on one link only are never asked: clouds give out credentials there.
package http

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"

	"tebiki/knowhow/check"
	"tebiki/knowhow/keys"
)

// Options say whom to trust.
type Options struct {
	CAFile string // certificates in PEM that are trusted besides the system's; "" for none
}

// A Getter asks URLs. It keeps nothing between two of them.
type Getter struct{ client *http.Client }

// maxHeader bounds an answer's header.
const maxHeader = 64 << 10

// New makes a getter. It fails when the certificates cannot be read.
func New(o Options) (*Getter, error) {
	roots, err := keys.ReadAuthorities(o.CAFile)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Control: notLinkLocal}
	return &Getter{client: &http.Client{
		CheckRedirect: sameHost,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: roots},
			DisableKeepAlives:      true, // the next check is minutes away
			DisableCompression:     true, // a small body stays small
			MaxResponseHeaderBytes: maxHeader,
			ForceAttemptHTTP2:      true,
		},
	}}, nil
}

var errLinkLocal = errors.New("addresses of one link only, such as 169.254.169.254, and others where clouds give out credentials are not asked")

// metadata are the addresses outside of the link's own at which clouds tell
// their machines secrets: Amazon's over IPv6, and Alibaba's.
var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200")}

// notLinkLocal sees the address that a name has led to.
func notLinkLocal(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil
	}
	if a := at.Addr().Unmap(); a.IsLinkLocalUnicast() || slices.Contains(metadata, a.WithZone("")) {
		return errLinkLocal
	}
	return nil
}

// maxRedirects is more than well-kept sites need.
const maxRedirects = 5

func sameHost(next *http.Request, before []*http.Request) error {
	was := before[0].URL
	if next.URL.Scheme != was.Scheme || next.URL.Host != was.Host || next.URL.User != nil || len(before) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// Run implements check.Executor.
func (g *Getter) Run(ctx context.Context, argv []string, limit int) (check.Output, error) {
	q, err := parse(argv)
	if err != nil {
		return check.Output{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, q.url.String(), nil)
	if err != nil {
		return check.Output{}, fmt.Errorf("asking %s: %w", q.url.Host, err)
	}
	request.Header.Set("User-Agent", "tebiki")
	answer, err := g.client.Do(request)
	if err != nil {
		return check.Output{}, failure(ctx, q.url, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if q.path != nil {
		return q.find(ctx, answer, limit)
	}
	return q.keep(ctx, answer, limit)
}

// keep gives the answer as it is.
func (q *question) keep(ctx context.Context, answer *http.Response, limit int) (check.Output, error) {
	kept := check.NewKeeper(limit)
	if to := answer.Header.Get("Location"); to != "" {
		_, _ = fmt.Fprintf(kept, "Location: %s\n", to)
	}
	_, err := io.Copy(kept, answer.Body)
	out := kept.Output()
	out.Exit = answer.StatusCode
	return out, q.broken(ctx, err)
}

// broken tells why an answer that had begun was not read to its end.
func (q *question) broken(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("reading the answer of %s: %w", q.url.Host, ctx.Err())
	case errors.Is(err, check.ErrFlood):
		return fmt.Errorf("reading the answer of %s: %w", q.url.Host, err)
	}
	return &check.Failure{Reason: check.Lost, Err: err, What: fmt.Sprintf(
		"%s broke its answer off (%v); what had come until then is kept. Look at the server, and run the check again", q.url.Host, err)}
}

// failure tells why there is no answer at all.
func failure(ctx context.Context, u *url.URL, err error) error {
	var whole *url.Error
	if errors.As(err, &whole) {
		err = whole.Err // without the URL, which may hold more than people should read
	}
	var distrust *tls.CertificateVerificationError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("asking %s: %w", u.Host, ctx.Err())
	case errors.Is(err, errLinkLocal):
		return &check.Failure{Reason: check.Denied, Err: err, What: fmt.Sprintf("%s was not asked: %v. Change the check", u.Host, errLinkLocal)}
	case errors.As(err, &distrust):
		return &check.Failure{Reason: check.Untrusted, Err: err, What: fmt.Sprintf(
			"%s shows a certificate that the bot does not trust (%v); renew it, or let the bot trust who signed it", u.Host, distrust.Err)}
	}
	return &check.Failure{Reason: check.Unreachable, Err: err, What: fmt.Sprintf(
		"%s does not answer (%v); look whether the server is up and lets the bot's host in", u.Host, err)}
}
