package check

import (
	"context"
	"time"
)

// A Run is what the audit log keeps of one check: first what is about to run,
// and, as a record of its own with the same Started, what became of it. A
// check that was not let run has only the second.
type Run struct {
	Who     string // "" is the bot by itself
	Ticket  string
	Check   string
	Command string // with secrets masked
	Where   string
	Host    string // "" for the bot's own
	Started time.Time
	Ended   bool // what follows is known
	Began   bool // there is a record of the beginning
	Took    time.Duration
	Reason  Reason
	Exit    int
}

// An Auditor keeps a record for good. A check whose beginning it cannot keep
// does not run; a lost end is for the auditor itself to complain of.
type Auditor func(ctx context.Context, r Run) error

// begin tells the auditor of what is about to run.
func (r *Runner) begin(ctx context.Context, o Order, res *Result) error {
	return r.record(ctx, runOf(o, res))
}

// end tells it what became of it.
func (r *Runner) end(ctx context.Context, o Order, res *Result, began bool) error {
	run := runOf(o, res)
	run.Ended, run.Began, run.Took, run.Reason, run.Exit = true, began, res.Took, res.Reason, res.Exit
	return r.record(ctx, run)
}

func runOf(o Order, res *Result) Run {
	return Run{
		Who: o.Who, Ticket: o.Ticket, Check: res.Check, Command: res.Command,
		Where: res.Where, Host: res.Host, Started: res.Started,
	}
}

// record keeps one, if there is an audit log. That the bot is being
// stopped is no reason to lose the end of what it began.
func (r *Runner) record(ctx context.Context, run Run) error {
	if r.audit == nil {
		return nil
	}
	return r.audit(context.WithoutCancel(ctx), run)
}
