// Package phone is the port to the telephone.
//
// The caller of this port decides what is said and what a key means; the
// adapter rings, speaks, and hands keys on. A call has a chosen id: the same
// id again, while its call is under way, joins that call and rings nothing.
//
// Only a key tells that a person has understood. A line that was answered
// and said nothing was perhaps a voicemail box, and counts as Heard.
//
// Call returns an error only when no call could be tried (an *adapters.Error);
// whatever happened to a call that was tried is a Result. Calls to one
// endpoint are never on at the same time: a later one waits its turn, and is
// Busy when it does not come soon enough.
package phone

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Call to one person.
type Call struct {
	ID     string        // chosen by the caller; joins a call that has it
	To     string        // endpoint: "PJSIP/tanaka"; the console takes a person's id
	Lang   string        // "en" or "ja": which voice
	Ring   time.Duration // how long it may ring before it counts as not answered
	Prompt []Sentence    // spoken in order, again when nothing is pressed
	Repeat int           // how often the prompt is said again before the call ends as Heard
	Menu   []Choice      // which keys there are
	// Press says what a key does. It is called once for each key pressed, never
	// twice at a time. What it says is spoken before the call goes on or ends.
	Press func(ctx context.Context, key string) Answer
	// News is what happens without a key, said and done as if a key had asked
	// for it. While the phone rings nobody hears what it says, and what it
	// ends falls silent. Closed, it ends the call as Withdrawn.
	News <-chan Answer
}

// Check tells why a call cannot be made by any phone.
func (c *Call) Check() error {
	switch {
	case c.ID == "":
		return errors.New("the call has no id: choose one, so that calling again joins it")
	case c.To == "":
		return errors.New("the call is to nobody")
	case c.Ring <= 0:
		return fmt.Errorf("the call may ring for %v: give it some seconds", c.Ring)
	case c.Press == nil && len(c.Menu) > 0:
		return errors.New("the call has a menu, and nothing that does what its keys say")
	}
	return nil
}

// A Choice is one key of the menu. Its sentence is part of the prompt.
type Choice struct {
	Key   string // "0" to "9", "*" or "#"
	Label string // short: for a page that shows the key
}

// An Answer is what follows a key.
type Answer struct {
	Say    []Sentence
	Prompt []Sentence // takes the place of the call's; nil leaves it
	Again  bool       // say the prompt once more
	End    bool       // hang up after Say, with Result
	Result Outcome    // with End
}

// An Outcome is what became of a call.
type Outcome string

// The outcomes.
const (
	Acknowledged Outcome = "acknowledged" // a key said so, and it was committed
	PassedOn     Outcome = "passed on"    // a key said so
	Heard        Outcome = "heard"        // answered, no key, hung up or fell silent
	NotAnswered  Outcome = "not answered"
	Busy         Outcome = "busy"
	Unreachable  Outcome = "unreachable" // no such number, switched off, rejected: see Cause
	Failed       Outcome = "failed"      // the call could not be made or broke: see Cause
	Withdrawn    Outcome = "withdrawn"   // ended through News or the context
)

// A Result is how a call went.
type Result struct {
	Outcome Outcome
	// Cause is why, in English. It stands in the incident's history, so that it
	// names no hosts and no numbers, and holds no error: those are logged.
	Cause string
	// Again says, with Failed, that another call may well succeed. The phone
	// tries none: whoever pages goes on to the next channel at once, and comes
	// back to this one by the policy.
	Again    bool
	Answered time.Time // zero when nobody did
}

// A Phone calls people.
type Phone interface {
	// Call rings and returns when the call is over. When ctx ends the call
	// is taken back and the result is Withdrawn.
	Call(ctx context.Context, c Call) (Result, error)
}

// FromNews gives what a receive from Call.News means: a closed channel takes
// the call back.
func FromNews(a Answer, open bool) Answer {
	if !open {
		return Answer{End: true, Result: Withdrawn}
	}
	return a
}
