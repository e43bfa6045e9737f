package slack

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

const (
	signatureWindow = 5 * time.Minute // how far a request's time may be from ours
	maxRequest      = 1 << 20
)

// HTTP takes what Slack sends by requests: events, commands, and what people
// press and type. All may go to one address.
func (s *Slack) HTTP() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Slack) serve(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	if r.Method != http.MethodPost {
		http.Error(w, "only POST is taken", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "the request is too large or was cut off", http.StatusRequestEntityTooLarge)
		return
	}
	if !s.verified(r.Header, body) {
		s.count(func(st *Status) { st.Refused++ })
		http.Error(w, "the signature is wrong, too old or was used before", http.StatusUnauthorized)
		return
	}
	s.connected(true, "")
	in, challenge, ok := read(r.Header.Get("Content-Type"), body)
	switch {
	case !ok:
		s.count(func(st *Status) { st.Malformed++ })
		http.Error(w, "this is nothing that Slack sends", http.StatusBadRequest)
	case challenge != "":
		writeJSON(w, map[string]string{"challenge": challenge})
	default:
		s.hand(w, r, in, begun)
	}
}

// verified checks the signature, and that it was not used before: who has
// caught a request could send it again for five minutes.
func (s *Slack) verified(h http.Header, body []byte) bool {
	v, err := sdk.NewSecretsVerifier(h, s.opt.SigningSecret)
	if err != nil {
		return false
	}
	if _, err := v.Write(body); err != nil || v.Ensure() != nil {
		return false
	}
	return s.signatures.first(strings.ToLower(h.Get("X-Slack-Signature")), time.Now())
}

// read gives a request the form of a Socket Mode envelope.
func read(contentType string, body []byte) (in incoming, challenge string, ok bool) {
	if strings.HasPrefix(contentType, "application/json") {
		var outer struct{ Type, Challenge string }
		if json.Unmarshal(body, &outer) != nil {
			return in, "", false
		}
		if outer.Type == "url_verification" {
			return in, outer.Challenge, outer.Challenge != ""
		}
		return incoming{kind: socketmode.RequestTypeEventsAPI, payload: body}, "", true
	}
	form, err := url.ParseQuery(string(body))
	switch {
	case err != nil:
		return in, "", false
	case form.Has("payload"):
		return incoming{kind: socketmode.RequestTypeInteractive, payload: json.RawMessage(form.Get("payload"))}, "", true
	case form.Has("command"):
		fields := map[string]string{}
		for name := range form {
			if name != "is_enterprise_install" { // text here, a boolean there
				fields[name] = form.Get(name)
			}
		}
		payload, err := json.Marshal(fields)
		return incoming{kind: socketmode.RequestTypeSlashCommands, payload: payload}, "", err == nil
	}
	return in, "", false
}

// hand waits for the answer, which comes at once for all but forms and
// suggestions.
func (s *Slack) hand(w http.ResponseWriter, r *http.Request, in incoming, begun time.Time) {
	answered := make(chan any, 1)
	if !s.take(in, func(payload any) { answered <- payload }) {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too much is going on", http.StatusServiceUnavailable)
		return
	}
	late := time.NewTimer(ackTime)
	defer late.Stop()
	select {
	case payload := <-answered:
		if payload != nil {
			writeJSON(w, payload)
		}
		s.acknowledged(begun)
	case <-late.C:
		s.acknowledged(begun)
	case <-r.Context().Done():
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // who asked is gone, or got it
}
