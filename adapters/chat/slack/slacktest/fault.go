package slacktest

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"tebiki/adapters/fake"
)

// A Fault is something that goes wrong with a call. Set one of Code, Status,
// Hang, Cut, LoseAnswer and Body; Delay goes with each, or stands alone.
type Fault struct {
	Delay      time.Duration // before anything else
	Code       string        // the answer is ok: false with this error
	Status     int           // the answer has this status, and Body or a page
	RetryAfter time.Duration // in whole seconds, sent with Status
	Body       string        // the answer is this, with Status or 200
	Hang       bool          // there is no answer until the caller gives up
	Cut        bool          // the connection ends and nothing was done
	LoseAnswer bool          // it was done, and the connection ends
}

// RateLimited is Slack's answer to too many calls.
func RateLimited(after time.Duration) Fault {
	return Fault{Status: http.StatusTooManyRequests, RetryAfter: after, Body: `{"ok":false,"error":"ratelimited"}`}
}

// Garbage is an answer that is no JSON.
func Garbage() Fault { return Fault{Body: "<html><body>502 Bad Gat"} }

// Break lets the next n calls of a method meet f; "*" is any method. A
// negative n is until Mend. Faults of a method are met in their order.
func (ws *Workspace) Break(method string, n int, f Fault) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.faults.Add(method, n, f)
}

// Mend ends all faults.
func (ws *Workspace) Mend() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.faults.Clear()
}

func (ws *Workspace) nextFault(method string) *Fault {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.faults.Next(func(pattern string) bool { return fake.Named(pattern, method) })
}

// errFault stands in the record for the answer of a fault.
var errFault = errors.New("fault")

// before meets the fault before the method runs, and tells whether that was
// all.
func (f *Fault) before(ws *Workspace, w http.ResponseWriter, r *http.Request) (over bool) {
	if f == nil {
		return false
	}
	if f.Delay > 0 && !ws.pause(f.Delay) {
		return true
	}
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-ws.done:
		}
	case f.Cut:
		fake.Cut(w)
	case f.Code != "":
		writeAnswer(w, &call{}, refusal{code: f.Code}.answer(), 0)
	case f.Status != 0 || f.Body != "":
		f.write(w)
	default:
		return false
	}
	return true
}

func (f *Fault) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if f.Body != "" && f.Body[0] == '{' {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	if f.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	if f.Status != 0 {
		w.WriteHeader(f.Status)
	}
	body := f.Body
	if body == "" {
		body = "<!DOCTYPE html><title>Server Error</title>"
	}
	// A write fails only when the caller has gone.
	_, _ = w.Write([]byte(body))
}

// after meets what goes wrong once the method has run, and tells whether it
// did.
func (f *Fault) after(w http.ResponseWriter) (over bool) {
	if f == nil || !f.LoseAnswer {
		return false
	}
	fake.Cut(w)
	return true
}
