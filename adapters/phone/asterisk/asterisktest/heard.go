package asterisktest

import (
	"slices"
	"time"
)

// Heard is something that was played to a person: "sound:tebiki/x",
// "digits:12", or the keys that were sent, "dtmf:1".
type Heard struct {
	Media string
	At    time.Time     // it began
	For   time.Duration // it lasted
	How   How           // it ended; "" while it goes on
}

// How something that was played ended.
type How string

// How they end.
const (
	Finished How = "finished" // the person heard all of it
	Stopped  How = "stopped"  // a request stopped it
	Missing  How = "missing"  // there is no such sound, or it cannot be played: silence
	CutOff   How = "cut off"  // the call ended
)

// A hearing is a Heard of a call that goes on.
type hearing struct {
	Heard
	line *line
}

func (h *hearing) end(how How) {
	if h != nil && h.How == "" {
		h.How, h.For = how, time.Since(h.At)
		h.line.stir()
	}
}

// A Call is one that was placed to a person, or by one.
type Call struct {
	To       string // the endpoint; "" of one from outside
	From     string // the number of one from outside; else the caller's number that was shown
	Channel  string // the id of the application's leg
	Placed   time.Time
	Answered time.Time // zero when nobody did
	Ended    time.Time // zero while it goes on
	Cause    int       // that the person's side had in the end
	Heard    []Heard
}

// Calls are those to the endpoints so far, or all of them, as they were
// placed.
func (a *Asterisk) Calls(endpoints ...string) (calls []Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range a.lines {
		if len(endpoints) == 0 || !l.inbound && slices.Contains(endpoints, l.who) {
			calls = append(calls, l.call())
		}
	}
	return calls
}

// Heard is what was played to an endpoint so far, in all its calls.
func (a *Asterisk) Heard(endpoint string) (heard []Heard) {
	for _, c := range a.Calls(endpoint) {
		heard = append(heard, c.Heard...)
	}
	return heard
}

// Channels are the ids of all channels that exist.
func (a *Asterisk) Channels() (ids []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.order {
		ids = append(ids, c.id)
	}
	return ids
}

// counts are of calls to people that are under way.
type counts struct {
	now, most map[string]int // by endpoint; "" is all
}

func (n *counts) begin(who string) {
	for _, key := range []string{who, ""} {
		n.now[key]++
		n.most[key] = max(n.most[key], n.now[key])
	}
}

func (n *counts) end(who string) {
	for _, key := range []string{who, ""} {
		n.now[key]--
	}
}

// MostAtOnce is how many calls to people were under way at the same time,
// ringing or talking, at most.
func (a *Asterisk) MostAtOnce() int { return a.MostAtOnceTo("") }

// MostAtOnceTo is MostAtOnce for one endpoint.
func (a *Asterisk) MostAtOnceTo(endpoint string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts.most[endpoint]
}
