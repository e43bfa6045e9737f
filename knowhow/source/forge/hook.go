package forge

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"tebiki/knowhow/source/address"
)

// maxBody is far above a push of a few commits. Who pushes thousands at once
// is seen when the repository is asked next.
const maxBody = 4 << 20

// A Hook takes what a service sends after a push. Wake must not block: the
// services wait for the answer, and a slow one is turned off by some.
type Hook struct {
	Secret     func() string // which the service has, too; "" refuses everything
	Repository address.Address
	Branch     string
	Wake       func()
	Log        *slog.Logger

	mu     sync.Mutex
	told   time.Time // when a refusal was logged last
	untold int       // how many were not since then
}

// tellEvery bounds how often refusals are logged: whoever reaches the console
// may send as many as they like.
const tellEvery = time.Minute

// refused logs a call whose signature is wrong, or counts it for the next.
func (h *Hook) refused(v *vendor, from string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if now.Sub(h.told) < tellEvery {
		h.untold++
		return
	}
	h.Log.Warn("a webhook for the know-how was refused: its secret or signature is wrong; give the service and the bot the same secret",
		"service", v.name, "event", printable(v.event), "from", from, "before", h.untold)
	h.told, h.untold = now, 0
}

// ServeHTTP answers 202 when it has woken, 200 to what changes nothing here,
// 401 when the signature is wrong or missing, and other 4xx to what is no
// webhook.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed, "webhooks are sent with POST")
		return
	}
	v, ok := vendorOf(r.Header)
	if !ok {
		answer(w, http.StatusBadRequest, "this is no webhook of GitHub, GitLab, Bitbucket or Gitea")
		return
	}
	if v.event == bitbucketPing && r.Header.Get(bitbucketSignature) == "" {
		answer(w, http.StatusOK, "reached; a test is not signed, so the secret was not looked at")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		h.unread(w, err)
		return
	}
	if secret := h.Secret(); secret == "" || !v.signed(secret, r.Header, body) {
		h.refused(v, r.RemoteAddr)
		answer(w, http.StatusUnauthorized, "the signature or token is wrong or missing")
		return
	}
	h.take(w, v, r.Header.Get("Content-Type"), body)
}

func (h *Hook) unread(w http.ResponseWriter, err error) {
	if errors.As(err, new(*http.MaxBytesError)) {
		answer(w, http.StatusRequestEntityTooLarge, "this push is too large to be told of; it is found within minutes all the same")
		return
	}
	answer(w, http.StatusBadRequest, "the request could not be read")
}

// take wakes if this repository and branch were pushed to.
func (h *Hook) take(w http.ResponseWriter, v *vendor, contentType string, body []byte) {
	if !v.isPush() {
		answer(w, http.StatusOK, "nothing to do for this event")
		return
	}
	pushed, err := v.read(payload(contentType, body))
	if err != nil {
		h.Log.Warn("a webhook for the know-how cannot be read", "service", v.name, "event", printable(v.event), "err", err)
		answer(w, http.StatusBadRequest, "the payload is not of the form this event has")
		return
	}
	if !pushed.isOf(h.Repository, h.Branch) {
		h.Log.Info("a webhook told of another repository or branch than the know-how's", "service", v.name, "repository", printable(pushed.repository))
		answer(w, http.StatusOK, "nothing to do for this repository and branch")
		return
	}
	h.Wake()
	answer(w, http.StatusAccepted, "the know-how is fetched")
}

// payload gives the JSON. GitHub wraps it in a form unless told otherwise.
func payload(contentType string, body []byte) []byte {
	if kind, _, _ := mime.ParseMediaType(contentType); kind == "application/x-www-form-urlencoded" {
		if form, err := url.ParseQuery(string(body)); err == nil {
			return []byte(form.Get("payload"))
		}
	}
	return body
}

// A push is what was pushed where.
type push struct {
	repository string // with its owner, as the service writes it
	refs       []string
}

// isOf compares the last parts of the address: before them may be a folder,
// or Bitbucket's "scm". Services do not tell names by case.
func (p push) isOf(a address.Address, branch string) bool {
	named := strings.Split(strings.ToLower(p.repository), "/")
	segments := a.Segments()
	if len(named) > len(segments) || p.repository == "" {
		return false
	}
	if !strings.EqualFold(strings.Join(segments[len(segments)-len(named):], "/"), p.repository) {
		return false
	}
	for _, ref := range p.refs {
		if ref == "refs/heads/"+branch {
			return true
		}
	}
	return false
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// printable is what of a stranger's text goes to the log.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), 100)]
}
