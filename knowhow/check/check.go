// Package check runs the checks of the know-how and keeps what they print,
// within limits that hold whatever a check does: time, bytes of output, and
// how many run at once.
//
// The data's way: the ticket's fields become arguments (knowhow.Check.Args
// refuses what does not match), an Executor runs them, and the output is
// cleaned into text that may be stored and shown. Whatever goes wrong with a
// check is part of its Result and keeps no other check from running.
package check

import (
	"context"
	"sync"
	"time"

	"tebiki/knowhow"
)

// An Executor runs one command somewhere. It gives up soon after ctx is done,
// leaves nothing running, and keeps at most limit bytes of output: when there
// is more, the first and the last of it, with a note of what was cut between.
// An exit status other than 0 is no error. With an error, Output still holds
// what was printed until then.
type Executor interface {
	Run(ctx context.Context, argv []string, limit int) (Output, error)
}

// Output is what a command printed, on both its outputs.
type Output struct {
	Text      []byte
	Exit      int
	Truncated bool
}

// A Result is one check as it went at one time.
type Result struct {
	Check   string
	Command string // for people to read and type; never run as it stands
	Where   string
	Text    string // safe to show as text; may be there although Err is set
	Exit    int
	Cut     bool   // Text is not all that was printed
	Reason  Reason // Ran when the check came to its end
	Err     string // why it did not, and what to do
	Started time.Time
	Took    time.Duration
}

// Limits bound what checks may use. Zero values mean the defaults.
type Limits struct {
	Output int // bytes kept of one check's output; default 64 KiB
	AtOnce int // checks that run at the same time; default 4
}

// A Runner runs checks on the bot's own host. It may be used by any number
// of goroutines, which share its limits.
type Runner struct {
	executor Executor
	output   int
	slots    chan struct{}
}

// New makes a runner around what runs the commands.
func New(executor Executor, limits Limits) *Runner {
	if limits.Output <= 0 {
		limits.Output = 64 << 10
	}
	if limits.AtOnce <= 0 {
		limits.AtOnce = 4
	}
	return &Runner{executor: executor, output: limits.Output, slots: make(chan struct{}, limits.AtOnce)}
}

// Run runs the checks with the ticket's fields and gives a result for each,
// in their order. It takes as long as the slowest, and no check longer than
// its own time once it has a slot.
func (r *Runner) Run(ctx context.Context, checks []*knowhow.Check, fields map[string]string) []Result {
	results := make([]Result, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() { results[i] = r.one(ctx, c, fields) })
	}
	all.Wait()
	return results
}

func (r *Runner) one(ctx context.Context, c *knowhow.Check, fields map[string]string) Result {
	res := Result{Check: c.Name, Command: shellWords(c.Run), Where: c.Where, Started: time.Now()}
	argv, err := c.Args(fields)
	if err != nil {
		res.Reason, res.Err = Refused, err.Error()
		return res
	}
	res.Command = shellWords(argv)
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		res.Reason, res.Err = Stopped, "the bot is being stopped; run the check again later"
		return res
	}
	r.execute(ctx, c, argv, &res)
	return res
}

func (r *Runner) execute(ctx context.Context, c *knowhow.Check, argv []string, res *Result) {
	limited, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	res.Started = time.Now()
	out, err := r.executor.Run(limited, argv, r.output)
	res.Took = time.Since(res.Started)
	res.Exit = out.Exit
	text, cut := cutMiddle(clean(out.Text), r.output)
	res.Text, res.Cut = text, out.Truncated || cut
	if err != nil {
		res.Reason, res.Err = why(ctx, limited, c, argv[0], err)
	}
}
