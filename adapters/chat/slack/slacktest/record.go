package slacktest

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// A Request is one call of the Web API as it came, without its token.
type Request struct {
	Method   string
	Params   map[string]string // JSON where it is a structure
	JSON     bool              // by a JSON body
	Token    string            // "bot", "app", "none" or "unknown"
	InHeader bool              // the token was in the Authorization header
	At       time.Time
	Err      string // the error that it was answered with; "fault" for a test's own
}

// Requests are the calls so far, of the given methods or of all.
func (ws *Workspace) Requests(methods ...string) []Request {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	var found []Request
	for _, r := range ws.requests {
		if len(methods) == 0 || slices.Contains(methods, r.Method) {
			r.Params = maps.Clone(r.Params)
			found = append(found, r)
		}
	}
	return found
}

// note keeps the request and gives its place.
func (ws *Workspace) note(method string, c *call) int {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if !ws.record {
		return -1
	}
	r := Request{Method: method, Params: map[string]string{}, JSON: c.json, InHeader: c.inHeader, At: time.Now()}
	for name, v := range c.params {
		r.Params[name] = asText(v)
	}
	switch c.token {
	case BotToken:
		r.Token = "bot"
	case AppToken:
		r.Token = "app"
	case "":
		r.Token = "none"
	default:
		r.Token = "unknown"
	}
	ws.requests = append(ws.requests, r)
	return len(ws.requests) - 1
}

func (ws *Workspace) noteAnswer(index int, err error) {
	if index < 0 || err == nil {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.requests[index].Err = err.Error()
}

// asText is text as it is and anything else as JSON.
func asText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	// It came from JSON, so it can become JSON again.
	out, _ := json.Marshal(v)
	return string(out)
}
