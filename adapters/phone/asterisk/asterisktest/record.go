package asterisktest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/fake"
)

// An Entry is one thing that was said between Asterisk and its clients.
type Entry struct {
	At     time.Time
	Kind   Kind
	Method string     // of a request
	Path   string     // of a request, after /ari/, without the query
	Query  url.Values // of a request
	Status int        // of a request: what it was answered with; 0 without an answer
	Event  string     // the type of an event
	Body   []byte     // of a request or an event
	Answer []byte     // to a request
}

// A Kind of an Entry.
type Kind string

// The kinds.
const (
	Request Kind = "request"
	Event   Kind = "event"
)

// Requests are the calls so far whose method and path a pattern names, or all
// of them; see Fail for patterns.
func (a *Asterisk) Requests(patterns ...string) []Entry {
	return a.find(Request, func(e *Entry) bool {
		return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return fake.Matches(p, e.Method, e.Path) })
	})
}

// Count is how many calls there were of what the patterns name.
func (a *Asterisk) Count(patterns ...string) int { return len(a.Requests(patterns...)) }

// Events are those told so far that have one of the types, or all of them,
// each once however many applications were told.
func (a *Asterisk) Events(types ...string) []Entry {
	return a.find(Event, func(e *Entry) bool { return len(types) == 0 || slices.Contains(types, e.Event) })
}

// Log is everything so far in its order. A request stands where it came.
func (a *Asterisk) Log() []Entry {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]Entry, 0, len(a.log))
	for _, e := range a.log {
		all = append(all, *e)
	}
	return all
}

func (a *Asterisk) find(kind Kind, ok func(*Entry) bool) (found []Entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.log {
		if e.Kind == kind && ok(e) {
			found = append(found, *e)
		}
	}
	return found
}

// Forget drops the requests and events so far.
func (a *Asterisk) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.log = nil
}

// note keeps a request and gives its place.
func (a *Asterisk) note(r *http.Request, body []byte) *Entry {
	e := &Entry{At: time.Now(), Kind: Request, Method: r.Method, Path: relative(r), Query: r.URL.Query(), Body: body}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keep(e)
	return e
}

// keep adds to the log. The lock is held.
func (a *Asterisk) keep(e *Entry) {
	if a.record {
		a.log = append(a.log, e)
	}
}

// answered notes what a request got.
func (a *Asterisk) answered(e *Entry, status int, answer []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e.Status, e.Answer = status, answer
}

// relative is a request's path within ARI.
func relative(r *http.Request) string {
	return strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), prefix), "/")
}

// asText is JSON without escaped HTML, as Asterisk writes it.
func asText(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return nil
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
