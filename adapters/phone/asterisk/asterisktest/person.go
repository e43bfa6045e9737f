package asterisktest

import (
	"strings"
	"time"
)

// A Script is what a person does at each call. The zero value answers at once
// and then says and presses nothing until the other side hangs up, as a
// voicemail box does.
type Script struct {
	Answer time.Duration // answers when it has rung so long
	Ending Ending        // in place of answering, after Answer
	Then   []Step        // one after the other, once the line is up
	// Patience is how long a caller lets it ring at most; 0 is for ever.
	Patience time.Duration
	// Unregistered is a telephone that Asterisk knows and cannot reach now: no
	// channel can be made. It means nothing for a Local endpoint.
	Unregistered bool
}

// An Ending is how a call ends that nobody answers.
type Ending string

// The endings.
const (
	Answers     Ending = ""
	Never       Ending = "never" // it rings until the caller gives up
	Busy        Ending = "busy"
	Congested   Ending = "congestion"
	Rejects     Ending = "reject"
	Unallocated Ending = "unallocated"
)

// A Step is one thing that a person does on the line.
type Step struct {
	// Hear waits first until something whose name contains it was played to its
	// end, after what an earlier Hear waited for.
	Hear   string
	After  time.Duration // the step before, or what was heard
	Key    string        // presses it; several are pressed one after the other
	Say    time.Duration // or speaks so long
	HangUp bool          // or hangs up
}

type person struct{ script Script }

// Person puts somebody at an endpoint: "PJSIP/tanaka", "PJSIP/0901234567@trunk"
// or "Local/tanaka@phones". Somebody who was there before goes. A Local
// endpoint where nobody is has no extension in the dialplan; any other is
// unknown.
func (a *Asterisk) Person(endpoint string, s Script) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.people[endpoint] = &person{s}
}

// A hotline is an extension that brings its callers into an application.
type hotline struct {
	app  string
	args []string
}

// Hotline puts an extension, "Local/hotline@inbound", that brings callers into
// an application with arguments. Dial needs none.
func (a *Asterisk) Hotline(endpoint, app string, args ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hotlines[endpoint] = hotline{app, args}
}

// An address is an endpoint in its parts.
type address struct{ tech, resource, exten, context string }

// parse reads an endpoint; a Local one may have options behind a slash.
func parse(endpoint string) (address, bool) {
	tech, resource, ok := strings.Cut(endpoint, "/")
	if !ok || tech == "" || resource == "" {
		return address{}, false
	}
	at := address{tech: tech, resource: resource, exten: "s", context: "default"}
	if tech == "Local" {
		at.resource, _, _ = strings.Cut(resource, "/")
		at.exten, at.context, _ = strings.Cut(at.resource, "@")
		if at.context == "" {
			at.context = "default"
		}
	}
	return at, true
}

func (at address) String() string { return at.tech + "/" + at.resource }

// local tells whether calls to it have two legs.
func (at address) local() bool { return at.tech == "Local" }

// peer is the name of the telephone of a SIP address: the part after the @.
func (at address) peer() string {
	if _, trunk, ok := strings.Cut(at.resource, "@"); ok {
		return trunk
	}
	return at.resource
}
