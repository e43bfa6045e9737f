package jiratest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

const prefix = "/rest/api/2"

// maxBody is how much of a request is read.
const maxBody = 10 << 20

// A call is one request that has reached its endpoint.
type call struct {
	path  []string // its variable parts
	query map[string][]string
	body  []byte
}

// ServeHTTP answers one request of the REST API.
func (j *Jira) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	noted := j.note(r, body)
	if err != nil {
		j.write(w, noted, http.StatusRequestEntityTooLarge, nil)
		return
	}
	broken := j.nextFault(r)
	if broken.before(j, w, r) {
		j.noteStatus(noted, broken.Status)
		return
	}
	status, answer := j.answer(w, r, body)
	if broken.after(w) {
		j.noteStatus(noted, status)
		return
	}
	j.write(w, noted, status, answer)
}

func (j *Jira) answer(w http.ResponseWriter, r *http.Request, body []byte) (int, any) {
	status, answer, err := j.handle(w, r, body)
	j.deliver()
	if why, refused := errors.AsType[refusal](err); refused {
		return why.status, why.body()
	}
	return status, answer
}

// handle holds the request against the credentials and runs its endpoint.
func (j *Jira) handle(w http.ResponseWriter, r *http.Request, body []byte) (int, any, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix+"/")
	if !ok {
		return http.StatusNotFound, nil, nil
	}
	e, parts, status := find(r.Method, path)
	if status != http.StatusOK {
		return status, obj{"message": "null for uri: " + r.URL.Path, "status-code": status}, nil
	}
	if !j.known(r, e.public) {
		w.Header().Set("WWW-Authenticate", `OAuth realm="`+j.base+`"`)
		w.Header().Set("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
		return http.StatusUnauthorized, obj{"message": "Client must be authenticated to access this resource.", "status-code": 401}, nil
	}
	if len(body) > 0 && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return http.StatusUnsupportedMediaType, nil, nil
	}
	return e.run(j, &call{path: parts, query: r.URL.Query(), body: body})
}

// known tells whether the request has Me's credentials.
func (j *Jira) known(r *http.Request, public bool) bool {
	header := r.Header.Get("Authorization")
	if header == "" {
		return public
	}
	if j.revoked {
		return false
	}
	if j.cloud() {
		mail, token, ok := r.BasicAuth()
		return ok && mail == j.me.Email && token == Token
	}
	return header == "Bearer "+Token
}

func (j *Jira) write(w http.ResponseWriter, noted *Request, status int, answer any) {
	j.noteStatus(noted, status)
	w.Header().Set("Date", j.now().UTC().Format(http.TimeFormat))
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	// A write fails only when the caller has gone.
	_ = json.NewEncoder(w).Encode(answer)
}

// decode reads the body into v.
func (j *Jira) decode(c *call, v any) error {
	if len(c.body) == 0 {
		return j.badPayload("No content to map to Object due to end of input")
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return j.badPayload("Unexpected content: " + err.Error())
	}
	return nil
}
