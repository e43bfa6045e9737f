package check

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tebiki/knowhow"
)

// A Runner runs checks. It may be used by any number of goroutines, which
// share its limits.
type Runner struct {
	local   Executor
	server  func(address string) Executor
	http    Executor
	resolve Resolver
	rules   rules
	mask    *masker
	limits  Limits
	slots   *slots
	audit   Auditor
}

// New makes a runner. It fails when a rule or a pattern cannot be understood.
func New(o Options) (*Runner, error) {
	rules, err := newRules(o.Rules)
	if err != nil {
		return nil, fmt.Errorf("read the rules of what checks may run: %w", err)
	}
	mask, err := newMasker(o.Secrets)
	if err != nil {
		return nil, err
	}
	l := o.Limits.orDefaults()
	return &Runner{
		local: o.Local, server: o.Server, http: o.HTTP, resolve: o.Resolve,
		rules: rules, mask: mask, limits: l, slots: newSlots(l.AtOnce, l.PerHost), audit: o.Audit,
	}, nil
}

func (l Limits) orDefaults() Limits {
	preset := func(n, otherwise int) int {
		if n <= 0 {
			return otherwise
		}
		return n
	}
	return Limits{Output: preset(l.Output, 64<<10), AtOnce: preset(l.AtOnce, 4), PerHost: preset(l.PerHost, 2)}
}

// Run runs an order's checks and gives a result for each, in their order. It
// takes as long as the slowest, and no check longer than its own time once
// its turn has come.
func (r *Runner) Run(ctx context.Context, o Order) []Result {
	results := make([]Result, len(o.Checks))
	var all sync.WaitGroup
	for i, c := range o.Checks {
		all.Go(func() { results[i] = r.one(ctx, o, c) })
	}
	all.Wait()
	return results
}

func (r *Runner) one(ctx context.Context, o Order, c *knowhow.Check) Result {
	res := Result{Check: c.Name, Where: c.Where, Started: time.Now()}
	j, err := r.prepare(ctx, c, o.Fields)
	res.Host, res.Command = j.host, shellWords(r.mask.args(j.argv))
	began := false
	if err != nil {
		r.fail(ctx, ctx, j, err, &res)
	} else {
		began = r.await(ctx, o, j, &res)
	}
	res.Err = r.mask.text(res.Err)
	_ = r.end(ctx, o, &res, began) // the beginning is kept, which is what counts
	return res
}

// await lets the check run when its turn has come, and tells whether it began.
func (r *Runner) await(ctx context.Context, o Order, j job, res *Result) (began bool) {
	release, err := r.slots.take(ctx, j.host, o.Patient)
	if err != nil {
		r.fail(ctx, ctx, j, err, res)
		return false
	}
	defer release()
	res.Started = time.Now()
	if err := r.begin(ctx, o, res); err != nil {
		res.Reason = Unrecorded
		res.Err = fmt.Sprintf("%s was not run, for the audit log could not keep it (%v); look at the bot's storage", j.name(), err)
		return false
	}
	r.execute(ctx, j, res)
	return true
}

func (r *Runner) execute(ctx context.Context, j job, res *Result) {
	limited, cancel := context.WithTimeout(ctx, j.check.Timeout)
	defer cancel()
	out, err := j.executor.Run(limited, j.argv, r.limits.Output+2*margin)
	res.Took = time.Since(res.Started)
	res.Exit = out.Exit
	s := r.show(out)
	res.Text, res.Cut = s.text, s.cut
	if err != nil {
		r.fail(ctx, limited, j, err, res)
		return
	}
	if j.check.Expect != nil {
		// What is masked is not judged, so that no verdict quotes it.
		v := j.check.Expect.Judge(res.Exit, s.judged)
		res.Verdict = &v
	}
}
