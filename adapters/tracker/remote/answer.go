package remote

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters"
)

// no is an answer that says no.
func (c *Client) no(r *http.Response, body []byte) *Fault {
	f := &Fault{Status: r.StatusCode, After: pause(r.Header, time.Now())}
	f.Code, f.What, f.Sent = c.meaning(r)
	switch {
	case page(r, body):
		f.Page = true
		f.Says = []string{"the answer is a page" + title(body) + ", not " + c.opt.Name + "'s own"}
		if f.Code == adapters.NotFound || f.Code == adapters.Refused && !tooLarge(f.Status) { // who says so is not the tracker
			f.Code, f.What, f.Sent = adapters.Unavailable, c.opt.Name+" is not what answers at its address", true
		}
	case c.opt.Explain != nil:
		f.Says, f.Fields = c.opt.Explain(body)
		c.cutAll(f)
	}
	if why := c.login(r); why != "" {
		f.Code, f.What, f.Sent, f.login = adapters.Denied, why, false, true
	}
	return f
}

// tooLarge tells a status that is of the request, whoever gives it: a proxy that
// does not take that much will not do so later.
func tooLarge(status int) bool {
	return status == http.StatusRequestEntityTooLarge || status == http.StatusRequestURITooLong || status == http.StatusRequestHeaderFieldsTooLarge
}

func (c *Client) login(r *http.Response) string {
	if c.opt.Login == nil {
		return ""
	}
	return c.opt.Login(r)
}

// meaning is what a status says. A server that fails may have done its work
// before, and who stands between may not know.
func (c *Client) meaning(r *http.Response) (code adapters.Code, what string, sent bool) {
	name := c.opt.Name
	switch s := r.StatusCode; {
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return adapters.Denied, name + " does not permit it: check the credentials, and what their user may do", false
	case s == http.StatusProxyAuthRequired:
		return adapters.Denied, "a proxy on the way to " + name + " wants a login", false
	case s == http.StatusNotFound || s == http.StatusGone:
		return adapters.NotFound, name + " does not have it", false
	case s == http.StatusRequestEntityTooLarge:
		return adapters.Refused, name + " does not take that much", false
	case s == http.StatusConflict:
		return adapters.Unavailable, name + " is changing it at this moment", false
	case s == http.StatusRequestTimeout:
		return adapters.Unavailable, name + " did not get the request in time", true
	case s == http.StatusTooManyRequests:
		return adapters.Throttled, name + " asks for fewer requests", false
	case s >= 300 && s < 400:
		return adapters.Unavailable, fmt.Sprintf("%s sends the request on to %.200s: write the address in the configuration as it is there", name, r.Header.Get("Location")), false
	case s == http.StatusMethodNotAllowed || s == http.StatusUnavailableForLegalReasons: // of our requests only who stands between says that
		return adapters.Unavailable, fmt.Sprintf("something between here and %s does not let the request through (status %d)", name, s), true
	case s >= 400 && s < 500:
		return adapters.Refused, name + " refuses it", false
	}
	if code = adapters.Unavailable; r.Header.Get("Retry-After") != "" {
		code = adapters.Throttled
	}
	return code, fmt.Sprintf("%s fails (status %d)", name, r.StatusCode), true
}

// foreign is a success that the tracker did not send: a page of a proxy, or a
// login's.
func (c *Client) foreign(r *http.Response, body []byte) *Fault {
	return &Fault{Code: adapters.Unavailable, Status: r.StatusCode, Sent: true, Page: true,
		What: "a page" + title(body) + " came instead of " + c.opt.Name + "'s answer: something stands in between, or the address is not that of its API"}
}

var (
	pageStart = regexp.MustCompile(`(?i)^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml)`)
	pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
)

// page tells whether an answer is made for a browser.
func page(r *http.Response, body []byte) bool {
	return len(body) > 0 && (strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || pageStart.Match(body[:min(len(body), 100)]))
}

// title is a page's title in quotes behind a space, or nothing.
func title(body []byte) string {
	found := pageTitle.FindSubmatch(body[:min(len(body), 4<<10)])
	if found == nil || len(bytes.TrimSpace(found[1])) == 0 {
		return ""
	}
	return " " + strconv.Quote(cut(html.UnescapeString(string(found[1]))))
}

// What is kept of a tracker's words.
const (
	maxSays  = 300 // bytes of each
	maxCount = 20
)

func cut(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(s) <= maxSays {
		return s
	}
	return strings.ToValidUTF8(s[:maxSays], "") + "…"
}

// cutAll cuts what the tracker says, and takes our own secret out of it.
func (c *Client) cutAll(f *Fault) {
	said := func(s string) string {
		if c.opt.Secret != "" {
			s = strings.ReplaceAll(s, c.opt.Secret, "…")
		}
		return cut(s)
	}
	f.Says = f.Says[:min(len(f.Says), maxCount)]
	for i := range f.Says {
		f.Says[i] = said(f.Says[i])
	}
	if len(f.Fields) > 10*maxCount {
		f.Fields = nil
	}
	for name := range f.Fields {
		f.Fields[name] = said(f.Fields[name])
	}
}

// maxPause is the longest that a tracker is left alone, whatever it says.
const maxPause = time.Hour

// pause reads how long the tracker wants to be left alone, from Retry-After
// (seconds or a date, RFC 9110) or X-RateLimit-Reset (a moment, Jira Cloud).
func pause(h http.Header, now time.Time) time.Duration {
	var d time.Duration
	s := h.Get("Retry-After")
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 0 {
		d = time.Duration(min(n, maxPause.Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(s); err == nil {
		d = at.Sub(now)
	} else if at, err := time.Parse(time.RFC3339, h.Get("X-RateLimit-Reset")); err == nil {
		d = at.Sub(now)
	}
	return max(0, min(d, maxPause))
}
