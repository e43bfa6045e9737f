package asterisktest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const prefix = "/ari"

// maxBody is how much of a request is read.
const maxBody = 1 << 20

type obj = map[string]any

// A call is one request that has reached its endpoint.
type call struct {
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

// ServeHTTP answers one request of ARI.
func (a *Asterisk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
		a.serveEvents(w, r, noted)
		return
	}
	status, answer := a.answer(w, r, body, broken)
	if broken.after(w) {
		a.answered(noted, status, nil)
		return
	}
	a.write(w, noted, status, answer)
}

func (a *Asterisk) answer(w http.ResponseWriter, r *http.Request, body []byte, f *fault) (int, any) {
	c := &call{}
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
	if a.closed {
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

// read takes the parameters of a request: its query, and a form or JSON in
// its body.
func (c *call) read(r *http.Request, body []byte) error {
	c.query = r.URL.Query()
	if len(body) == 0 {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		if json.Unmarshal(body, &c.body) != nil {
			return refuse(http.StatusBadRequest, "Error parsing request body")
		}
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return refuse(http.StatusBadRequest, "Error parsing request body")
		}
		for name, values := range form {
			c.query[name] = append(c.query[name], values...)
		}
	}
	// Anything else is left unread, as Asterisk leaves it.
	return nil
}

// text is a parameter; what the body says counts more.
func (c *call) text(name string) string {
	raw, given := c.body[name]
	var s string
	switch {
	case !given:
		return c.query.Get(name)
	case json.Unmarshal(raw, &s) == nil:
		return s
	}
	return string(raw) // a number or a boolean
}

func (c *call) number(name string, missing int) int {
	n, err := strconv.Atoi(c.text(name))
	if err != nil {
		return missing
	}
	return n
}

func (c *call) yes(name string) bool {
	switch strings.ToLower(c.text(name)) {
	case "true", "yes", "1", "on":
		return true
	}
	return false
}

// list is a parameter that may have several values: in the query they stand
// between commas, in the body they are an array. A comma in the body's string
// separates nothing.
func (c *call) list(name string) []string {
	if raw, given := c.body[name]; given {
		var many []string
		if json.Unmarshal(raw, &many) == nil {
			return many
		}
		return []string{c.text(name)}
	}
	var values []string
	for _, v := range c.query[name] {
		values = append(values, strings.Split(v, ",")...)
	}
	return values
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
