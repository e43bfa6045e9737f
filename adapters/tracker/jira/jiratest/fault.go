package jiratest

import (
	"net/http"
	"strconv"
	"time"

	"tebiki/adapters/fake"
)

// A Fault is something that goes wrong with a request. Set one of Status,
// Hang, Cut and LoseAnswer; Delay goes with each, or stands alone.
type Fault struct {
	Delay      time.Duration // before anything else
	Status     int           // the answer has this status, Header and Body
	Header     map[string]string
	Body       string
	Hang       bool // there is no answer until the caller gives up
	Cut        bool // the connection ends and nothing was done
	LoseAnswer bool // it was done, and the connection ends
}

// InjectedHeader is on answers that a Fault gave: they need not be such as
// Jira gives.
const InjectedHeader = "X-Jiratest-Injected"

// RateLimited is Cloud's answer to too many requests.
func RateLimited(after time.Duration) Fault {
	return Fault{Status: http.StatusTooManyRequests, Body: `{"errorMessages":["Rate limit exceeded."],"errors":{}}`, Header: map[string]string{
		"Retry-After": strconv.Itoa(int(after / time.Second)), "RateLimit-Reason": "jira-burst-based",
		"Content-Type": "application/json",
	}}
}

// Captcha is the answer after too many failed logins: a person must log in by
// hand.
func Captcha() Fault {
	return Fault{Status: http.StatusForbidden, Body: page("Forbidden (403)", "Basic Authentication Failure - Reason : AUTHENTICATION_DENIED"), Header: map[string]string{
		"X-Seraph-LoginReason":           "AUTHENTICATION_DENIED",
		"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=" + inProcessURL + "/login.jsp",
	}}
}

// Page is an HTML page, as a proxy sends it, with a status.
func Page(status int) Fault {
	return Fault{Status: status, Body: page(http.StatusText(status), "The proxy could not reach the server.")}
}

// Refuse is an error in Jira's form about fields.
func Refuse(status int, errors map[string]string) Fault {
	return Fault{Status: status, Body: text(refusal{errors: errors}.body()), Header: map[string]string{"Content-Type": "application/json"}}
}

func page(title, text string) string {
	return "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1><p>" + text + "</p></body></html>"
}

// Fail lets the next n requests that a pattern names meet f. A pattern is a
// method and a path within the API with "*" for a part of it, "POST issue" or
// "GET issue/*/comment"; the method may be left out, and "*" is everything. A
// negative n is until Mend. Faults of a pattern are met in their order.
func (j *Jira) Fail(pattern string, n int, f Fault) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faults.Add(pattern, n, f)
}

// Mend ends all faults.
func (j *Jira) Mend() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faults.Clear()
}

func (j *Jira) nextFault(r *http.Request) *Fault {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.faults.Next(func(pattern string) bool { return fake.Matches(pattern, r.Method, relative(r)) })
}

// before meets the fault before the endpoint runs, and tells whether that was
// all.
func (f *Fault) before(j *Jira, w http.ResponseWriter, r *http.Request) (over bool) {
	switch {
	case f == nil:
		return false
	case f.Delay > 0 && !j.pause(r, f.Delay):
		fake.Cut(w)
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-j.life:
		}
		fake.Cut(w)
	case f.Cut:
		fake.Cut(w)
	case f.Status != 0:
		w.Header().Set(InjectedHeader, "yes")
		fake.Write(w, f.Status, f.Header, f.Body)
	default:
		return false
	}
	return true
}

// after meets what goes wrong once the endpoint has run, and tells whether it
// did.
func (f *Fault) after(w http.ResponseWriter) (over bool) {
	if f == nil || !f.LoseAnswer {
		return false
	}
	fake.Cut(w)
	return true
}

// pause waits, and tells whether the caller is still there after it.
func (j *Jira) pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-j.life:
	}
	return false
}
