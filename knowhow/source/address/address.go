// Package address reads the addresses of git repositories as people copy them
// from a clone button: https, http, ssh, git and file URLs, the short form of
// ssh (git@host:owner/name.git) and the path of a folder.
//
// The data's way: text -> Parse -> Address. An Address never holds a password
// or token, so whatever is made from it may be logged and shown.
package address

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"unicode"
)

// The ways to a repository.
const (
	HTTPS = "https"
	HTTP  = "http"
	SSH   = "ssh"
	Git   = "git"
	File  = "file"
)

// An Address says where a repository is.
type Address struct {
	Scheme string // one of the constants
	User   string // of SSH; "" leaves the choice to whoever connects
	Host   string // a name or an IP address, without brackets; "" with File
	Port   string // "" for the usual one
	Path   string // as the server wants it; that of the short form has no "/" in front
}

var errForm = errors.New("it must be like https://git.example.com/team/knowhow.git, git@git.example.com:team/knowhow.git, or the full path of a folder; correct it")

// Parse reads an address. Its errors do not repeat what they are about, for
// that may hold a secret.
func Parse(text string) (Address, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return Address{}, errors.New("the repository's address holds spaces or control characters; remove them")
	}
	a, err := parse(text)
	switch {
	case err != nil:
		return Address{}, fmt.Errorf("the repository's address cannot be read: %w", err)
	case strings.HasPrefix(a.Host, "-"), strings.HasPrefix(a.User, "-"), strings.HasPrefix(a.Path, "-"):
		// Another program could take it for an option.
		return Address{}, errors.New("no part of the repository's address may begin with a hyphen; correct it")
	case strings.Trim(a.Path, "/") == "":
		return Address{}, errors.New("the repository's address has no path; add which repository it is")
	}
	return a, nil
}

func parse(text string) (Address, error) {
	switch {
	case strings.Contains(text, "://"):
		return parseURL(text)
	case path.IsAbs(text):
		return Address{Scheme: File, Path: path.Clean(text)}, nil
	}
	return parseShort(text)
}

func parseURL(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, errForm // err repeats the text
	}
	a := Address{Scheme: u.Scheme, Host: u.Hostname(), Port: u.Port(), Path: u.Path}
	switch {
	case u.RawQuery != "" || u.Fragment != "":
		return a, errors.New("it must have neither a query nor a fragment; remove what follows ? or #")
	case u.User != nil && u.Scheme != SSH:
		return a, errors.New("only an ssh address may name a user; give user and token by their own keys, and change the token if others have seen this")
	case u.User != nil:
		a.User = u.User.Username()
		if _, has := u.User.Password(); has {
			return a, errors.New("it holds a password; use a key file instead, and change the password if others have seen this")
		}
	}
	switch a.Scheme {
	case HTTPS, HTTP, SSH, Git:
		if a.Host == "" {
			return a, errForm
		}
		return a, nil
	case File:
		if a.Host != "" || !path.IsAbs(a.Path) {
			return a, errors.New("a file address must be like file:///srv/knowhow.git; correct it")
		}
		return a, nil
	}
	return a, errForm
}

// parseShort reads [user@]host:path, in which host may be an IP address in
// brackets.
func parseShort(text string) (Address, error) {
	a := Address{Scheme: SSH}
	rest := text
	if user, after, ok := strings.Cut(text, "@"); ok && !strings.ContainsAny(user, ":/") {
		a.User, rest = user, after
	}
	var ok bool
	if inside, found := strings.CutPrefix(rest, "["); found {
		a.Host, a.Path, ok = strings.Cut(inside, "]:")
	} else {
		a.Host, a.Path, ok = strings.Cut(rest, ":")
	}
	first, _, _ := strings.Cut(a.Path, "/")
	if !ok || a.Host == "" || strings.ContainsAny(a.Host, "/@") || strings.ContainsAny(first, ":@") {
		return a, errForm // such as user:password@host/path, which is no host "user"
	}
	return a, nil
}

// String gives the address for people, without the user.
func (a Address) String() string {
	if a.Scheme == File {
		return "file://" + a.Path
	}
	return a.Scheme + "://" + a.authority() + "/" + strings.TrimPrefix(a.Path, "/")
}

func (a Address) authority() string {
	host := a.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if a.Port != "" {
		host += ":" + a.Port
	}
	return host
}

// Segments are the path's parts, without the ending ".git".
func (a Address) Segments() []string {
	return strings.Split(strings.TrimSuffix(strings.Trim(a.Path, "/"), ".git"), "/")
}

// Web is the address of the host's pages: over https, unless the repository
// itself is had over http. It is "" where there is no host.
func (a Address) Web() string {
	switch a.Scheme {
	case HTTP, HTTPS:
		return a.Scheme + "://" + a.authority()
	case File:
		return ""
	}
	a.Port = "" // SSH's says nothing about that of the pages
	return HTTPS + "://" + a.authority()
}
