package check

import (
	"context"
	"errors"
	"fmt"
)

// ErrMissing is wrapped by an Executor that has no such program.
var ErrMissing = errors.New("the program is not installed there")

// ErrFlood is wrapped by an Executor that stopped a command for printing
// without end.
var ErrFlood = errors.New("it printed without end and was stopped")

// A Reason says in one word why a check gave no result, for whoever writes
// the sentence in a person's language.
type Reason string

// The reasons. Ran is not one: the check ran to its end.
const (
	Ran         Reason = ""
	Refused     Reason = "refused"     // a ticket field does not match, or the bot is not set up for it
	Denied      Reason = "denied"      // the bot's rules do not allow it
	Unlisted    Reason = "unlisted"    // the ticket's server is not in the inventory
	Unrecorded  Reason = "unrecorded"  // the audit log could not keep it
	Missing     Reason = "missing"     // the program is not installed
	Pending     Reason = "pending"     // whoever asked did not wait, and runs it once more; never a Runner's
	Late        Reason = "late"        // it took longer than it may
	Flooded     Reason = "flooded"     // it printed without end
	Stopped     Reason = "stopped"     // the bot is being stopped
	Unreachable Reason = "unreachable" // the host does not answer
	UnknownKey  Reason = "unknownkey"  // known_hosts lacks the host's key
	ChangedKey  Reason = "changedkey"  // known_hosts has another key of the host
	Locked      Reason = "locked"      // the host does not let the bot in
	Busy        Reason = "busy"        // the host takes no more sessions
	Lost        Reason = "lost"        // the connection was lost half way
	Untrusted   Reason = "untrusted"   // the host's certificate is not one that the bot trusts
	Unreadable  Reason = "unreadable"  // the answer is not what was looked for in it
	Broken      Reason = "broken"      // anything else
)

// Reasons lists them, so that whoever has sentences for them can tell whether
// one is missing.
func Reasons() []Reason {
	return []Reason{Refused, Denied, Unlisted, Unrecorded, Missing, Pending, Late, Flooded, Stopped, Unreachable,
		UnknownKey, ChangedKey, Locked, Busy, Lost, Untrusted, Unreadable, Broken}
}

// A Failure is an Executor's error that knows what it means to people.
type Failure struct {
	Reason Reason
	What   string // what happened, on what, and what to do
	Err    error  // what it came from; may be nil
}

func (f *Failure) Error() string { return f.What }
func (f *Failure) Unwrap() error { return f.Err }

// fail tells people what an error means. The order matters: what was stopped
// for its time fails in many ways.
func (r *Runner) fail(ctx, limited context.Context, j job, err error, res *Result) {
	var f *Failure
	name, place, check := j.name(), j.place(), j.check
	switch {
	case errors.Is(err, ErrMissing):
		res.Reason, res.Err = Missing, fmt.Sprintf("%s is not installed on %s; install it, or change the check %s", name, place, check.Name)
	case errors.Is(err, ErrFlood):
		res.Reason, res.Err = Flooded, fmt.Sprintf("%s printed without end and was stopped; narrow the check %s", name, check.Name)
	case ctx.Err() != nil:
		res.Reason, res.Err = Stopped, "the bot is being stopped; run the check again later"
	case errors.As(err, &f):
		res.Reason, res.Err = f.Reason, f.What
	case limited.Err() != nil:
		res.Reason, res.Err = Late, fmt.Sprintf("%s had not ended after %v and was stopped; what it printed until then is kept. Look at it by hand, or give the check %s more time", name, check.Timeout, check.Name)
	default:
		res.Reason, res.Err = Broken, fmt.Sprintf("%s could not be run (%v); look at %s", name, err, place)
	}
}
