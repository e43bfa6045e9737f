// Package check runs the checks of the know-how and keeps what they print,
// within limits that hold whatever a check does: where and what may run, time,
// bytes of output, and how many run at once.
//
// The data's way: the ticket's fields become arguments or a URL (package
// knowhow refuses what does not match), the ticket's host becomes an address
// that the inventory has, the Rules of the bot's side allow it, the audit log
// gets what is about to run, and an Executor runs it: Local, or those of the
// packages ssh and http. What was printed is cleaned into text, its secrets
// are masked, and only then it is cut, judged and handed out. Whatever goes
// wrong with a check is part of its Result and keeps no other from running.
package check

import (
	"context"
	"errors"
	"time"

	"tebiki/knowhow"
)

// An Executor runs one command somewhere: a program and its arguments, or GET,
// a URL and perhaps a JSON path. It gives up soon after ctx is done, leaves
// nothing running as far as that is in its power, and keeps at most limit
// bytes of output. An exit status other than 0 is no error. With an error,
// Output still holds what was printed until then. The error is a *Failure
// where more can be said than that it went wrong.
type Executor interface {
	Run(ctx context.Context, argv []string, limit int) (Output, error)
}

// Output is what a command printed, on both its outputs.
type Output struct {
	Text []byte // all of it, or the first
	Rest []byte // the last, when Lost bytes between the two were not kept
	Lost int
	Exit int // the exit status, or the status of an answer
}

// A Result is one check as it went at one time. Results are stored as they
// are: fields are added, never renamed.
type Result struct {
	Check   string
	Command string // for people to read and type; never run as it stands
	Where   string
	Host    string           `json:",omitempty"` // which it ran on or asked; "" for the bot's own
	Text    string           // safe to show as text; may be there although Err is set
	Exit    int              // status of the program or the answer
	Cut     bool             // Text is not all that was printed
	Verdict *knowhow.Verdict `json:",omitempty"` // nil when nothing is expected, or there is nothing to judge
	Reason  Reason           // Ran when the check came to its end
	Err     string           // why it did not, and what to do
	Started time.Time
	Took    time.Duration
}

// An Order is checks to run, and for whom.
type Order struct {
	Checks []*knowhow.Check
	Fields map[string]string // the ticket's, which parameters and the host come from
	Ticket string            // "" while there is none
	Who    string            // who asked, for the audit log; "" is the bot by itself

	Patient bool // nobody waits for the results: at most half of what may run at once is of such orders
}

// Options are what a Runner needs. Whatever is nil or zero is not to be had,
// and checks that need it are refused, saying so.
type Options struct {
	Local   Executor                      // on the bot's own host
	Server  func(address string) Executor // on a server
	HTTP    Executor                      // asks URLs
	Resolve Resolver                      // finds servers in the inventory
	Rules   Rules
	Secrets []string // RE2, more patterns of what is masked; only their groups, if they have some
	Limits  Limits
	Audit   Auditor // nil keeps no audit log
}

// Limits bound what checks may use. Zero values mean the defaults.
type Limits struct {
	Output  int // bytes kept of one check's output; default 64 KiB
	AtOnce  int // checks that run at the same time; default 4
	PerHost int // and on or against the same host, besides the bot's own; default 2
}

// A Resolver gives the address that the inventory has for a host, as a ticket
// names it; with "" the ticket's name is the address. It wraps ErrUnlisted when
// there is no such server, and a *Failure says all by itself.
type Resolver func(ctx context.Context, host string) (address string, err error)

// ErrUnlisted is wrapped by a Resolver for a host that the inventory lacks.
var ErrUnlisted = errors.New("the inventory has no such server")
