package jira

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// maxEvent is how much of a webhook's event is read. A bigger one says no
// more: then the search finds what changed.
const maxEvent = 4 << 20

// How many issues are kept for being read one by one: those that webhooks
// name, of which the search shows what is more, and all.
const (
	maxNamed = 50
	maxHints = 1000
)

// hints are issues that are to be read themselves, and who is waiting for
// them.
type hints struct {
	mu   sync.Mutex
	at   map[string]int64 // by id: when it changed, in ms, 0 where that is not known
	wake chan struct{}
}

// name notes what a webhook names.
func (h *hints) name(id string, at int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if was, named := h.at[id]; named && was == 0 || !named && len(h.at) >= maxNamed {
		return
	}
	h.put(id, at)
}

// keep notes what there was no time for.
func (h *hints) keep(ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids[:min(len(ids), max(0, maxHints-len(h.at)))] {
		h.put(id, 0)
	}
}

func (h *hints) put(id string, at int64) {
	if h.at == nil {
		h.at = map[string]int64{}
	}
	h.at[id] = at
}

func (h *hints) take() map[string]int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.at
	h.at = nil
	return all
}

func (h *hints) changed() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.wake == nil {
		h.wake = make(chan struct{})
	}
	return h.wake
}

func (h *hints) fire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.wake != nil {
		close(h.wake)
		h.wake = nil
	}
}

// Changed implements tracker.Waker. It fires at a webhook's event.
func (j *Jira) Changed() <-chan struct{} { return j.hints.changed() }

// event is what is read of a webhook's event: which issue, when, and whose
// doing.
type event struct {
	Kind  string `json:"webhookEvent"`
	User  user   `json:"user"`
	Issue struct {
		ID     string `json:"id"`
		Fields struct {
			Project struct {
				Key string `json:"key"`
			} `json:"project"`
			Updated stampTime `json:"updated"`
		} `json:"fields"`
	} `json:"issue"`
	Comment struct {
		Author  user      `json:"author"`
		Updated stampTime `json:"updated"`
	} `json:"comment"`
}

// at is the time of the issue's change that it tells of, in ms; 0 for one
// after which there may be none.
func (e *event) at() int64 {
	at := latest(e.Issue.Fields.Updated.Time, e.Comment.Updated.Time)
	if e.Kind == "jira:issue_deleted" || at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

type user struct {
	AccountID string `json:"accountId"`
	Name      string `json:"name"`
}

// issueID is what an issue's id looks like: it becomes a part of an address.
var issueID = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// ServeHTTP takes the events of Jira's webhooks. An event is a hint and never
// believed: the issue that it names is read. Data Center is told the secret in
// the address (?secret=…), Cloud signs with it.
func (j *Jira) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxEvent+1))
	switch {
	case r.Method != http.MethodPost:
		http.Error(w, "want POST", http.StatusMethodNotAllowed)
		return
	case j.opt.Secret == "":
		http.Error(w, "no secret is configured for Jira's webhook (tracker.webhook_secret)", http.StatusNotFound)
		return
	case err != nil:
		http.Error(w, "the event cannot be read", http.StatusBadRequest)
		return
	case !j.authentic(r, body):
		http.Error(w, "the secret is not the one in the configuration", http.StatusForbidden)
		return
	}
	var e event
	if len(body) <= maxEvent && json.Unmarshal(body, &e) == nil && issueID.MatchString(e.Issue.ID) && !j.own(&e) {
		if key := e.Issue.Fields.Project.Key; key == "" || key == j.opt.Project {
			j.hints.name(e.Issue.ID, e.at())
		}
	}
	j.hints.fire()
	w.WriteHeader(http.StatusNoContent)
}

func (j *Jira) authentic(r *http.Request, body []byte) bool {
	if signed, ok := strings.CutPrefix(r.Header.Get("X-Hub-Signature"), "sha256="); ok {
		given, err := hex.DecodeString(signed)
		mac := hmac.New(sha256.New, []byte(j.opt.Secret))
		mac.Write(body)
		return err == nil && hmac.Equal(given, mac.Sum(nil))
	}
	return subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("secret")), []byte(j.opt.Secret)) == 1
}

// own tells what we have done ourselves: the search shows it soon enough.
func (j *Jira) own(e *event) bool {
	f := j.facts.get()
	if f == nil {
		return false
	}
	by := e.User
	if by == (user{}) {
		by = e.Comment.Author
	}
	if f.cloud() {
		return by.AccountID != "" && by.AccountID == f.me.AccountID
	}
	return by.Name != "" && by.Name == f.me.Name
}
