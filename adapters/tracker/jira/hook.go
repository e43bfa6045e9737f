package jira

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// maxEvent is how much of a webhook's event is read. A bigger one says no
// more: then the search finds what changed.
const maxEvent = 4 << 20

// maxHints is how many issues are kept for being read one by one.
const maxHints = 1000

// hints are issues that are to be read themselves, and who is waiting for
// them.
type hints struct {
	mu   sync.Mutex
	ids  map[string]bool
	wake chan struct{}
}

func (h *hints) put(ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ids == nil {
		h.ids = map[string]bool{}
	}
	for _, id := range ids {
		if len(h.ids) < maxHints {
			h.ids[id] = true
		}
	}
}

func (h *hints) take() (ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.ids {
		ids = append(ids, id)
	}
	h.ids = nil
	return ids
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

// event is what is read of a webhook's event: which issue, and whose doing.
type event struct {
	User  user `json:"user"`
	Issue struct {
		ID     string `json:"id"`
		Fields struct {
			Project struct {
				Key string `json:"key"`
			} `json:"project"`
		} `json:"fields"`
	} `json:"issue"`
	Comment struct {
		Author user `json:"author"`
	} `json:"comment"`
}

type user struct {
	AccountID string `json:"accountId"`
	Name      string `json:"name"`
}

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
	if len(body) <= maxEvent && json.Unmarshal(body, &e) == nil && e.Issue.ID != "" && len(e.Issue.ID) < 20 && !j.own(&e) {
		if key := e.Issue.Fields.Project.Key; key == "" || key == j.opt.Project {
			j.hints.put(e.Issue.ID)
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
