// Package adapters holds what the ports to the outside have in common: how
// an adapter tells its caller what a failure means.
//
// An adapter translates. It turns a call of its port into what the vendor
// understands and the vendor's answer back, and it never decides who is
// told, when, or in what words: that is the flows' and the core's. It logs
// nothing that it also returns, and what it returns names the operation, the
// thing it was done to, and what an administrator can do.
//
// The ports are adapters/tracker, adapters/chat, adapters/phone and
// adapters/inventory; adapters/source reads the alert formats that come in
// and adapters/web is the console's pages and the HTTP API.
package adapters

import (
	"errors"
	"fmt"
	"time"
)

// A Code says what a caller can do about a failure.
type Code int

// The codes. Any error that is no *Error counts as Unavailable, because
// trying again is the safe reading of what nobody understood.
const (
	Unavailable Code = iota // away, slow or broken for now: try again later
	Throttled               // asked too often: try again after After
	NotFound                // the thing is not there, and asking again changes nothing
	Refused                 // the request itself is wrong: repeating it changes nothing
	Denied                  // our credentials are not accepted: an administrator must act
)

var codeNames = [...]string{"unavailable", "throttled", "not found", "refused", "denied"}

func (c Code) String() string {
	if c < 0 || int(c) >= len(codeNames) {
		return fmt.Sprintf("code %d", int(c))
	}
	return codeNames[c]
}

// An Error is a failure at an adapter.
type Error struct {
	Op    string        // what was attempted, on what: `create a ticket in "OPS"`
	Code  Code          // what the caller can do
	After time.Duration // with Throttled: how long to leave it alone; 0 means unknown
	Err   error         // why
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v (%s)", e.Op, e.Err, e.Code) }

func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the code of the nearest *Error in err's chain, and
// Unavailable when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Unavailable
}

// Lasting tells whether repeating what gave err is of no use.
func Lasting(err error) bool {
	switch CodeOf(err) {
	case NotFound, Refused:
		return true
	}
	return false
}
