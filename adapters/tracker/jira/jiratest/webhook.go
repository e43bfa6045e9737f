package jiratest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// A Webhook is where events go: to a Handler in the goroutine of the change,
// or to a URL by Client.
type Webhook struct {
	URL     string
	Handler http.Handler
	Client  *http.Client // http.DefaultClient unless it is set
	Secret  string       // Cloud signs with it
}

// A Delivery is an event and how it was taken.
type Delivery struct {
	Event  string // "jira:issue_updated"
	Body   []byte
	Status int // 0 when there was no answer
	Err    error
}

type hook struct {
	Webhook
	deliveries []Delivery
}

func newHook(h Webhook) *hook { return &hook{Webhook: h} }

// Deliver sends the events from now on to a webhook.
func (j *Jira) Deliver(h Webhook) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hook = newHook(h)
}

// Lose sends no events any more.
func (j *Jira) Lose() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hook = nil
}

// Deliveries are the events that the present webhook was sent.
func (j *Jira) Deliveries() []Delivery {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.hook == nil {
		return nil
	}
	return bytesOf(j.hook.deliveries)
}

func bytesOf(all []Delivery) (copied []Delivery) {
	for _, d := range all {
		d.Body = bytes.Clone(d.Body)
		copied = append(copied, d)
	}
	return copied
}

// tell notes an event about an issue.
func (j *Jira) tell(i *issue, by *User, event, name string, h *history) {
	if j.hook == nil {
		return
	}
	o := obj{
		"timestamp": j.time().UnixMilli(), "webhookEvent": event, "user": j.userJSON(by),
		"issue": j.issueJSON(&i.document, view{comments: 20}),
	}
	if name != "" {
		o["issue_event_type_name"] = name
	}
	if h != nil {
		o["changelog"] = obj{"id": strconv.Itoa(h.id), "items": j.itemsJSON(h.items)}
	}
	j.events = append(j.events, o)
}

func (j *Jira) tellComment(i *issue, k comment) {
	if j.hook == nil {
		return
	}
	issue := j.issueJSON(&i.document, view{fields: []string{"summary", "issuetype", "project", "assignee", "priority", "status"}})
	j.events = append(j.events, obj{
		"timestamp": j.time().UnixMilli(), "webhookEvent": "comment_created", "comment": j.commentJSON(i.id, k, false), "issue": issue,
	})
}

// deliver sends what has been noted, without the lock.
func (j *Jira) deliver() {
	j.mu.Lock()
	h, events := j.hook, j.events
	j.events = nil
	j.mu.Unlock()
	if h == nil {
		return
	}
	for _, e := range events {
		body, _ := json.Marshal(e) // it is made of plain values
		d := Delivery{Event: e["webhookEvent"].(string), Body: body}
		d.Status, d.Err = j.send(h, body)
		j.mu.Lock()
		h.deliveries = append(h.deliveries, d)
		j.mu.Unlock()
	}
}

func (j *Jira) send(h *hook, body []byte) (int, error) {
	target := h.URL
	if target == "" {
		target = "/"
	}
	r, err := http.NewRequestWithContext(j.tb.Context(), http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	r.Header.Set("User-Agent", "Atlassian HttpClient jiratest")
	r.Header.Set("X-Atlassian-Webhook-Identifier", Sign("", body)[:16])
	if h.Secret != "" && j.cloud() {
		r.Header.Set("X-Hub-Signature", "sha256="+Sign(h.Secret, body))
	}
	if h.Handler != nil {
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, r)
		return w.Code, nil
	}
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// Sign gives the HMAC-SHA256 of a body in hexadecimal, as it stands in
// X-Hub-Signature after "sha256=".
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
