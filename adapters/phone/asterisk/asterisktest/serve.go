package asterisktest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const prefix = "/ari"

// maxBody is how much of a request is read.
const maxBody = 1 << 20

type obj = map[string]any

// A call is one request that has reached its endpoint.
type call struct {
	life  int      // of Asterisk's
	path  []string // its variable parts
	query url.Values
	body  map[string]json.RawMessage
	// first, when an endpoint sets it, is awaited before the answer goes out:
	// the events that it causes come first.
	first <-chan struct{}
}

// A refusal is an error answer. Alone says that it has "error" for "message",
// as Asterisk's own failures have.
type refusal struct {
	status int
	text   string
	alone  bool
}

func (r refusal) Error() string { return r.text }

func refuse(status int, text string) error { return refusal{status: status, text: text} }

func (r refusal) body() obj {
	if r.alone {
		return obj{"error": r.text}
	}
	return obj{"message": r.text}
}

// serveHTTP answers one request of ARI in one life of Asterisk's.
func (a *Asterisk) serveHTTP(w http.ResponseWriter, r *http.Request, life int) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	noted := a.note(r, body)
	if err != nil {
		a.write(w, noted, http.StatusRequestEntityTooLarge, obj{"message": "Request body too large"})
		return
	}
	broken := a.nextFault(r)
	if broken.before(a, w, r) {
		a.answered(noted, broken.Status, nil)
		return
	}
	if relative(r) == "events" && r.Method == http.MethodGet {
		a.serveEvents(w, r, noted, life)
		return
	}
	status, answer := a.answer(w, r, body, broken, life)
	if broken.after(w) {
		a.answered(noted, status, nil)
		return
	}
	a.write(w, noted, status, answer)
}

func (a *Asterisk) answer(w http.ResponseWriter, r *http.Request, body []byte, f *Fault, life int) (int, any) {
	c := &call{life: life}
	status, answer, err := a.handle(w, r, body, c)
	if why, refused := errors.AsType[refusal](err); refused {
		return why.status, why.body()
	}
	if c.first != nil && f.eventsFirst(a) {
		select {
		case <-c.first:
		case <-a.done:
		}
	}
	return status, answer
}

// handle holds the request against the credentials and runs its endpoint.
func (a *Asterisk) handle(w http.ResponseWriter, r *http.Request, body []byte, c *call) (int, any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || c.life != a.lives {
		return http.StatusServiceUnavailable, nil, nil
	}
	if err := authorized(w, r); err != nil {
		return 0, nil, err
	}
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix+"/")
	if !ok {
		return 0, nil, refuse(http.StatusNotFound, "Resource not found")
	}
	e, parts, err := find(r.Method, path)
	if err != nil {
		return 0, nil, err
	}
	c.path = parts
	if err := c.read(r, body); err != nil {
		return 0, nil, err
	}
	return e.run(a, c)
}

// authorized holds a request against the users.
func authorized(w http.ResponseWriter, r *http.Request) error {
	user, password, ok := r.BasicAuth()
	if !ok {
		user, password, ok = strings.Cut(r.URL.Query().Get("api_key"), ":")
	}
	if !ok || password != Password || user != User && user != ReadOnlyUser {
		w.Header().Set("WWW-Authenticate", `Basic realm="Asterisk REST Interface"`)
		return refuse(http.StatusUnauthorized, "Authentication required")
	}
	if user == ReadOnlyUser && r.Method != http.MethodGet && r.Method != http.MethodOptions {
		return refuse(http.StatusForbidden, "Write access denied")
	}
	return nil
}

func (a *Asterisk) write(w http.ResponseWriter, noted *Entry, status int, answer any) {
	if answer == nil {
		a.answered(noted, status, nil)
		w.WriteHeader(status)
		return
	}
	text, raw := answer.([]byte)
	if raw {
		w.Header().Set("Content-Type", "audio/x-wav")
	} else {
		text = asText(answer)
		w.Header().Set("Content-Type", "application/json")
	}
	a.answered(noted, status, text)
	w.Header().Set("Server", "Asterisk/"+a.version)
	w.WriteHeader(status)
	// A write fails only when the caller has gone.
	_, _ = w.Write(text)
}
