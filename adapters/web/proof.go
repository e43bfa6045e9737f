package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Proof is what a webhook's sender has to show. Senders differ in what they
// can: Token, Basic and Signature are what their manuals have.
type Proof interface {
	// shown looks at the headers, before the body is read.
	shown(r *http.Request) *problem
	// holds looks at the body too.
	holds(r *http.Request, body []byte, now time.Time) *problem
}

// Token is one in a header: in Authorization after the word Bearer, in any
// other by itself.
type Token struct{ Header, Value string }

func (t Token) shown(r *http.Request) *problem {
	if t.Header == "" || http.CanonicalHeaderKey(t.Header) == "Authorization" {
		if token, ok := bearer(r); ok && sameSecret(token, t.Value) {
			return nil
		}
		return unauthorized()
	}
	if got := r.Header.Get(t.Header); got != "" && sameSecret(got, t.Value) {
		return nil
	}
	return &problem{status: http.StatusUnauthorized, What: fmt.Sprintf("the token is missing or wrong: send it in the header %s", t.Header)}
}

func (Token) holds(*http.Request, []byte, time.Time) *problem { return nil }

// Basic is a name and a password as HTTP itself has it, which senders that
// know nothing else take out of https://NAME:PASSWORD@HOST/.
type Basic struct{ User, Password string }

func (b Basic) shown(r *http.Request) *problem {
	user, password, ok := r.BasicAuth()
	// Both are compared, whatever comes of the first.
	if sameUser, same := sameSecret(user, b.User), sameSecret(password, b.Password); ok && sameUser && same {
		return nil
	}
	return &problem{status: http.StatusUnauthorized, challenge: `Basic realm="tebiki", charset="UTF-8"`, What: "the user or the password is missing or wrong: send both by basic authentication"}
}

func (Basic) holds(*http.Request, []byte, time.Time) *problem { return nil }

// Signature is a HMAC-SHA256 of the body, in hexadecimal. With a header for
// the time the signed text is that time, in seconds since 1970, a colon and
// the body, as Grafana has it, and it must be no further from now than Within:
// what somebody has recorded is of no use later.
type Signature struct {
	Secret    string
	Header    string
	Timestamp string // a header; "" when there is none
	Within    time.Duration
}

func (s Signature) shown(r *http.Request) *problem {
	for _, name := range []string{s.Header, s.Timestamp} {
		if name != "" && r.Header.Get(name) == "" {
			return s.refusal("the header " + name + " is missing: let the sender sign what it sends")
		}
	}
	return nil
}

func (s Signature) holds(r *http.Request, body []byte, now time.Time) *problem {
	mac := hmac.New(sha256.New, []byte(s.Secret))
	at := ""
	if s.Timestamp != "" {
		at = r.Header.Get(s.Timestamp)
		mac.Write([]byte(at + ":"))
	}
	mac.Write(body)
	got, err := hex.DecodeString(strings.TrimPrefix(r.Header.Get(s.Header), "sha256="))
	if err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return s.refusal("the signature in " + s.Header + " is wrong: give the sender and alerts.webhooks the same secret, and both or neither a header for the time")
	}
	if s.Timestamp == "" {
		return nil
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if age := now.Sub(time.Unix(seconds, 0)).Abs(); err != nil || age > s.Within {
		return s.refusal(fmt.Sprintf("the time in %s is no time in seconds, or further than %s from now: compare the clocks", s.Timestamp, s.Within))
	}
	return nil
}

func (s Signature) refusal(what string) *problem {
	return &problem{status: http.StatusUnauthorized, challenge: fmt.Sprintf("HMAC-SHA256 header=%q", s.Header), What: what}
}
