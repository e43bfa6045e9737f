package check

import (
	"context"
	"errors"
	"fmt"

	"tebiki/knowhow"
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
	Ran     Reason = ""
	Refused Reason = "refused" // a ticket field does not match
	Missing Reason = "missing" // the program is not installed
	Late    Reason = "late"    // it took longer than it may
	Flooded Reason = "flooded" // it printed without end
	Stopped Reason = "stopped" // the bot is being stopped
	Broken  Reason = "broken"  // anything else
)

// why tells people what a failure means. The order matters: a command that
// was stopped for its time fails in many ways.
func why(ctx, limited context.Context, c *knowhow.Check, program string, err error) (Reason, string) {
	switch {
	case errors.Is(err, ErrMissing):
		return Missing, fmt.Sprintf("%s is not installed on the bot's host; install it, or change the check %s", program, c.Name)
	case errors.Is(err, ErrFlood):
		return Flooded, fmt.Sprintf("%s printed without end and was stopped; narrow the check %s", program, c.Name)
	case ctx.Err() != nil:
		return Stopped, "the bot is being stopped; run the check again later"
	case limited.Err() != nil:
		return Late, fmt.Sprintf("%s had not ended after %v and was stopped; what it printed until then is kept. Look at it by hand, or give the check %s more time", program, c.Timeout, c.Name)
	}
	return Broken, fmt.Sprintf("%s could not be run (%v); look at the bot's host", program, err)
}
