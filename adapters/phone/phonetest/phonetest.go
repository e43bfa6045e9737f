// Package phonetest is the conformance suite of the port phone, with scripted
// people at the other end. An implementation's test calls Run with a Kit that
// says how to open a phone and how people are put there; each test opens its
// own.
package phonetest

import (
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
)

// A Kit is how the suite meets an implementation.
type Kit struct {
	// Open gives a phone and people whom it can call.
	Open func(t *testing.T) (phone.Phone, People)
	// Real is set by an implementation that uses sockets or processes, and so
	// cannot live on a synctest bubble's time.
	Real bool
	// Second is how long a second of the scripts is; with Real an
	// implementation shortens it, and its own waits in step. 0 means a second.
	Second time.Duration
	// Quiet is how long the implementation waits for a key before it says the
	// prompt again, in the scripts' seconds.
	Quiet time.Duration
}

// People are at the other end.
type People interface {
	// Person gives the endpoint of somebody new, who does what s says at each
	// call until the test ends.
	Person(t *testing.T, s Script) (to string)
	// Said is what was said to an endpoint so far, in all its calls.
	Said(to string) []string
}

// A Script is what a person does at each call.
type Script struct {
	Never  bool          // does not answer
	Answer time.Duration // answers when it has rung so long
	Reject bool          // hangs up then, in place of answering
	Then   []Step        // one after the other, once answered
}

// A Step is one thing that a person does on the line.
type Step struct {
	After  time.Duration // the step before
	Key    string        // presses it
	HangUp bool          // or hangs up
}

// Run holds phones against the contract of the port.
func Run(t *testing.T, k Kit) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"acknowledged", acknowledged},
		{"passed on", passedOn},
		{"heard and hung up", heardAndHungUp},
		{"heard in silence", heardInSilence},
		{"a wrong key, then the right one", wrongThenRight},
		{"keys in order", keysInOrder},
		{"a key during the prompt", keyDuringPrompt},
		{"news on the line", newsTalking},
		{"news while it rings", newsRinging},
		{"not answered", notAnswered},
		{"rejected", rejected},
		{"withdrawn while it rings", withdrawnRinging},
		{"withdrawn while they talk", withdrawnTalking},
		{"the context ends while it rings", contextEndsRinging},
		{"the context ends while they talk", contextEndsTalking},
		{"withdrawn before it begins", withdrawnBefore},
		{"two calls to one person", twoCalls},
		{"the same call twice", sameCall},
		{"an id can be used again", idAgain},
		{"many people at once", manyPeople},
		{"refused calls", refusedCalls},
	} {
		t.Run(c.name, func(t *testing.T) { k.run(t, c.test) })
	}
}

func (k Kit) run(t *testing.T, test func(*testing.T, *bench)) {
	if k.Second == 0 {
		k.Second = time.Second
	}
	body := func(t *testing.T) {
		b := &bench{t: t, kit: k}
		b.phone, b.people = k.Open(t)
		test(t, b)
	}
	if k.Real {
		body(t)
		return
	}
	synctest.Test(t, body)
}
