package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"
)

const (
	sessionCookie = "tebiki_session"
	sessionLength = 7 * 24 * time.Hour // one turn on call
)

// sessions make and check the cookie that a login gives. It holds when it
// ends and a signature: nothing is kept on the server. The secret is part of
// what is signed, so that a new password ends all sessions.
type sessions struct {
	key    []byte
	secret string
}

func (s sessions) value(until time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(until.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, s.sign(b)...))
}

func (s sessions) sign(end []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(end)
	mac.Write([]byte(s.secret))
	return mac.Sum(nil)
}

func (s sessions) valid(value string, now time.Time) bool {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(b) != 8+sha256.Size {
		return false
	}
	return hmac.Equal(b[8:], s.sign(b[:8])) && now.Unix() < int64(binary.BigEndian.Uint64(b))
}

// sameSecret compares in a time that tells neither how much is right nor how
// long the secret is.
func sameSecret(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// setCookie sets one that scripts cannot read and other sites' pages do not
// send. An empty value takes it away.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string, age time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: overTLS(r),
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func overTLS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
