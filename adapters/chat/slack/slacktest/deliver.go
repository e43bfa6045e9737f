package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An endpoint is where HTTP mode posts; empty for Socket Mode.
type endpoint struct{ events, interactivity, commands string }

// Deliver switches to HTTP mode: everything is posted to url from now on. It
// first does as Slack does when the address is saved, and returns an error
// unless the challenge comes back.
func (ws *Workspace) Deliver(url string) error { return ws.DeliverTo(url, url, url) }

// DeliverTo is Deliver with an address for each kind.
func (ws *Workspace) DeliverTo(events, interactivity, commands string) error {
	challenge := "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	body := asText(obj{"token": "verification", "challenge": challenge, "type": "url_verification"})
	status, answer, err := ws.post(events, "application/json", []byte(body), nil)
	if err != nil {
		return fmt.Errorf("verifying %s: %w", events, err)
	}
	var given struct{ Challenge string }
	if json.Unmarshal(answer, &given) != nil {
		given.Challenge = strings.TrimSpace(string(answer))
	}
	if status != http.StatusOK || given.Challenge != challenge {
		return fmt.Errorf("verifying %s: status %d without the challenge", events, status)
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.target = endpoint{events, interactivity, commands}
	return nil
}

// Sign adds Slack's signature of a body at a time.
func Sign(h http.Header, secret string, body []byte, at time.Time) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	h.Set("X-Slack-Request-Timestamp", stamp)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// post sends a signed body and gives the answer that came in time.
func (ws *Workspace) post(to, kind string, body []byte, more http.Header) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ws.life, ws.timings.Ack)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, nil, errConnection
	}
	r.Header = more.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	Sign(r.Header, SigningSecret, body, time.Now())
	answer, err := ws.http.Do(r)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, nil, errTimeout
		}
		return 0, nil, errConnection
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		return 0, nil, errConnection
	}
	if answer.StatusCode/100 != 2 && answer.Header.Get("X-Slack-No-Retry") == "1" {
		return answer.StatusCode, text, errNoRetry
	}
	return answer.StatusCode, text, nil
}

var (
	errNoRetry = errors.New("no_retry")
	errHTTP    = errors.New("http_error")
)

// postDelivery posts a delivery in the form of its kind.
func (ws *Workspace) postDelivery(to endpoint, d delivery, retry int, reason string) (json.RawMessage, error) {
	more := http.Header{}
	if retry > 0 {
		more.Set("X-Slack-Retry-Num", strconv.Itoa(retry))
		if reason == errTimeout.Error() {
			reason = "http_timeout"
		}
		more.Set("X-Slack-Retry-Reason", reason)
	}
	const form = "application/x-www-form-urlencoded"
	var status int
	var answer []byte
	var err error
	switch d.kind {
	case events:
		status, answer, err = ws.post(to.events, "application/json", []byte(asText(d.payload)), more)
	case commands:
		values := url.Values{}
		for name, v := range d.payload {
			values.Set(name, asText(v))
		}
		status, answer, err = ws.post(to.commands, form, []byte(values.Encode()), more)
	default:
		values := url.Values{"payload": {asText(d.payload)}}
		status, answer, err = ws.post(to.interactivity, form, []byte(values.Encode()), more)
	}
	if err == nil && status/100 != 2 {
		return nil, errHTTP
	}
	return answer, err
}
