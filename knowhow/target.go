package knowhow

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// A target is a URL with parameters, cut into the parts that no value may get
// out of. Scheme and port hold none.
type target struct {
	scheme string
	host   string // an IPv6 address without its brackets
	port   string // with its colon
	path   string // with what it begins with
	query  string // with its question mark
}

// parseTarget cuts the URL by itself: to a general parser {host} is a mistake,
// and it would forgive others. An error ends a sentence about the URL.
func parseTarget(text string) (t target, err error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || (scheme != "http" && scheme != "https") {
		return t, errors.New("must begin with http:// or https://, written out; correct it")
	}
	if strings.Contains(rest, "#") {
		return t, errors.New("has a fragment (#), which is never sent; remove it")
	}
	t.scheme = scheme
	authority, query, asks := strings.Cut(rest, "?")
	if asks {
		t.query = "?" + query
	}
	if i := strings.IndexByte(authority, '/'); i >= 0 {
		authority, t.path = authority[:i], authority[i:]
	}
	if err := t.authority(authority); err != nil {
		return t, err
	}
	return t, t.written()
}

// authority reads what stands between // and the path.
func (t *target) authority(text string) error {
	if strings.Contains(text, "@") {
		return errors.New("names a user (@); remove it, for the know-how is no place for credentials")
	}
	if after, ok := strings.CutPrefix(text, "["); ok {
		t.host, t.port, ok = strings.Cut(after, "]")
		if !ok || !strings.Contains(t.host, ":") || !isAddress(t.host) {
			return errors.New("has brackets around what is no IPv6 address; correct it")
		}
	} else {
		end := strings.IndexByte(text+":", ':')
		t.host, t.port = text[:end], text[end:]
		if !isHost(reference.ReplaceAllString(t.host, "x")) {
			return errors.New("has no host, or one that is none; write its name, its address or a {parameter}")
		}
	}
	number, ok := strings.CutPrefix(t.port, ":")
	if n, err := strconv.ParseUint(number, 10, 16); t.port != "" && (!ok || err != nil || n == 0) {
		return errors.New("has a port that is no number from 1 to 65535; write it out, for it must not come from a ticket")
	}
	return nil
}

// plain is what RFC 3986 lets stand in a path and a query as it is.
var plain = regexp.MustCompile(`^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$`)

// written looks at what stands in path and query beside parameters.
func (t *target) written() error {
	for _, part := range []string{t.path, t.query} {
		if !plain.MatchString(reference.ReplaceAllString(part, "x")) {
			return errors.New("holds a character in its path or query that cannot stand there; write it as %XX")
		}
	}
	for segment := range strings.SplitSeq(reference.ReplaceAllString(t.path, "x"), "/") {
		if isDots(segment) {
			return errors.New("has a segment . or .. in its path; write the path out")
		}
	}
	return nil
}

// refuses says why a value cannot be that of the parameter, as far as this is
// seen without the others: a host is only known whole.
func (t *target) refuses(name, value string) error {
	ref := "{" + name + "}"
	if strings.Contains(t.path, ref) && strings.ContainsAny(value, `/\`) {
		return fmt.Errorf("is %s, which would reach another path; write it without / and \\", shown(value))
	}
	if strings.Contains(t.host, ref) && !t.takesInHost(ref, value) {
		return fmt.Errorf("is %s, which cannot be in the host %s; write a host name", shown(value), t.host)
	}
	return nil
}

// takesInHost lets dots be only where they keep to the labels of the
// parameter: with db{n}.example.jp a value 1.evil.example would name another
// domain's host.
func (t *target) takesInHost(ref, value string) bool {
	if t.host == ref {
		return isHost(value) || isAddress(value)
	}
	if !isLabels(strings.Trim(value, "-_")) {
		return false
	}
	return !strings.Contains(value, ".") || strings.Contains("."+t.host+".", "."+ref+".")
}

// refuses is that of the URL; without one nothing is refused.
func (g *Get) refuses(name, value string) error {
	if g == nil {
		return nil
	}
	t, err := parseTarget(g.URL)
	if err != nil {
		return nil // said where the URL stands
	}
	return t.refuses(name, value)
}

// fill puts values in that are not refused. With an error, culprit is the
// first parameter of the part that they do not make together.
func (t *target) fill(values map[string]string) (u *url.URL, culprit string, err error) {
	host := fill(t.host, values)
	if !isHost(host) && !isAddress(host) {
		return nil, firstName(t.host), fmt.Errorf("makes the host %s, which is none; correct it", shown(host))
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	path := fillWith(t.path, values, url.PathEscape)
	templates := strings.Split(t.path, "/")
	for i, segment := range strings.Split(path, "/") {
		if isDots(segment) {
			return nil, firstName(templates[i]), fmt.Errorf("makes %q of a part of the path; correct it", segment)
		}
	}
	u, err = url.Parse(t.scheme + "://" + host + t.port + path + fillWith(t.query, values, url.QueryEscape))
	return u, "", err
}

func firstName(text string) string {
	m := reference.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// isDots finds the segments that leave their place, however they are written.
func isDots(segment string) bool {
	s, err := url.PathUnescape(segment)
	return err != nil || s == "." || s == ".."
}
