package asterisktest

import (
	"net/http"
	"strconv"
	"time"

	"tebiki/adapters/fake"
)

// A Fault is something that goes wrong with a request. Set one of Status,
// Hang, Cut, LoseAnswer and EventsFirst; Delay goes with each, or stands alone.
type Fault struct {
	Delay       time.Duration // before anything else
	Status      int           // the answer has this status, Header and Body
	Header      map[string]string
	Body        string
	Hang        bool // there is no answer until the caller gives up
	Cut         bool // the connection ends and nothing was done
	LoseAnswer  bool // it was done, and the connection ends
	EventsFirst bool // the events that an originate or a play causes at once come before its answer
}

// Unavailable is the answer of a proxy whose Asterisk is away: no JSON.
func Unavailable() Fault {
	return Fault{Status: http.StatusServiceUnavailable, Body: "<html><body><h1>503 Service Unavailable</h1></body></html>"}
}

// TooMany is the answer of a proxy that limits requests.
func TooMany(after time.Duration) Fault {
	return Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": strconv.Itoa(int(after / time.Second))}}
}

// AllocationFailed is Asterisk's answer when it can make no channel.
func AllocationFailed() Fault {
	return Fault{
		Status: http.StatusInternalServerError, Body: `{"error":"Allocation failed"}`,
		Header: map[string]string{"Content-Type": "application/json"},
	}
}

// Fail lets the next n requests that a pattern names meet f. A pattern is a
// method and a path within ARI with "*" for a part of it, "POST channels" or
// "DELETE channels/*"; the method may be left out, "*" is everything, and
// "GET events" is the handshake of a websocket. A negative n is until Mend.
// Faults of a pattern are met in their order.
func (a *Asterisk) Fail(pattern string, n int, f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults.Add(pattern, n, f)
}

// Mend ends all faults of requests and events.
func (a *Asterisk) Mend() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults.Clear()
	a.trouble.Clear()
}

func (a *Asterisk) nextFault(r *http.Request) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.faults.Next(func(pattern string) bool { return fake.Matches(pattern, r.Method, relative(r)) })
}

// before meets the fault before the endpoint runs, and tells whether that was
// all.
func (f *Fault) before(a *Asterisk, w http.ResponseWriter, r *http.Request) (over bool) {
	switch {
	case f == nil:
		return false
	case f.Delay > 0 && !a.pause(f.Delay, r.Context().Done()):
		fake.Cut(w)
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-a.done:
		}
		fake.Cut(w)
	case f.Cut:
		fake.Cut(w)
	case f.Status != 0:
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

// eventsFirst tells whether the answer waits for the events.
func (f *Fault) eventsFirst(a *Asterisk) bool {
	if f != nil && f.EventsFirst {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.chance()
}
