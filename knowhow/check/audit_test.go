package check

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAudit(t *testing.T) {
	o := &office{do: func(ctx context.Context, argv []string, _ int) (Output, error) {
		if argv[0] == "df" {
			return Output{}, &Failure{Reason: Unreachable, What: "192.0.2.1 is down"}
		}
		return Output{Exit: 3}, nil
	}}
	list := checks(t, `
  a: {run: [login, --password, "{word}"], where: bot, params: {word: {from: word, pattern: ".*"}}}
  b: {run: [df], where: server}
  c: {run: [rm]}
`)
	synctest.Test(t, func(t *testing.T) {
		r := o.runner(t, func(o *Options) { o.Rules.Deny = []string{"rm"} })
		for i := range list { // one after the other, for the order of the log
			r.Run(t.Context(), Order{Checks: list[i : i+1], Fields: map[string]string{"host": "web1", "word": "hunter2"}, Ticket: "T-1", Who: "sato"})
			time.Sleep(time.Second) // the bubble's time
		}
		began := time.Now().Add(-3 * time.Second)
		run := func(r Run) Run { r.Who, r.Ticket = "sato", "T-1"; return r }
		want := []Run{
			run(Run{Check: "a", Command: "login --password '[masked]'", Where: "bot", Started: began}),
			run(Run{Check: "a", Command: "login --password '[masked]'", Where: "bot", Started: began, Ended: true, Began: true, Exit: 3}),
			run(Run{Check: "b", Command: "df", Where: "server", Host: "192.0.2.1", Started: began.Add(time.Second)}),
			run(Run{Check: "b", Command: "df", Where: "server", Host: "192.0.2.1", Started: began.Add(time.Second), Ended: true, Began: true, Reason: Unreachable}),
			run(Run{Check: "c", Command: "rm", Where: "bot", Started: began.Add(2 * time.Second), Ended: true, Reason: Denied}),
		}
		if !reflect.DeepEqual(o.audit, want) {
			t.Errorf("the audit log has\n%+v, want\n%+v", o.audit, want)
		}
	})
}

// TestNoAuditNoRun: what cannot be accounted for is not done.
func TestNoAuditNoRun(t *testing.T) {
	o := &office{deaf: true}
	res := o.runner(t).Run(t.Context(), Order{Checks: checks(t, "  a: {run: [a]}\n")})[0]
	if res.Reason != Unrecorded || !strings.Contains(res.Err, "disk full") || len(o.ran) > 0 {
		t.Errorf("%+v, ran %q", res, o.ran)
	}
}

// TestAuditOfAStop: the end is kept although the bot is being stopped.
func TestAuditOfAStop(t *testing.T) {
	list := checks(t, "  a: {run: [a]}\n")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var ended bool
		o := &office{do: func(ctx context.Context, _ []string, _ int) (Output, error) { <-ctx.Done(); return Output{}, ctx.Err() }}
		r := o.runner(t, func(opts *Options) {
			opts.Audit = func(ctx context.Context, r Run) error {
				ended = r.Ended && ctx.Err() == nil && r.Reason == Stopped
				return ctx.Err()
			}
		})
		r.Run(ctx, Order{Checks: list})
		if !ended {
			t.Error("the log does not say how it ended")
		}
	})
}
