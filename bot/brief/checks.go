package brief

import (
	"fmt"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/text"
	"tebiki/knowhow/check"
)

// Results gives the output of checks, with when and how they went.
func Results(p text.Printer, results []check.Result) string {
	parts := make([]string, 0, len(results))
	for _, r := range results {
		part := "**" + chat.Line(r.Check) + "** " + Verdict(p, r) + "\n\n" + chat.Fence("$ "+r.Command+"\n"+r.Text)
		parts = append(parts, part)
	}
	return strings.Join(parts, "\n\n")
}

// Verdict says in a line how a check went: when, how long it took, with which
// exit status, or why it could not run.
func Verdict(p text.Printer, r check.Result) string {
	if r.Reason == check.Ran {
		return p.Markdown("check.ran", "time", r.Started, "took", Took(r.Took), "exit", r.Exit)
	}
	line := p.Markdown("check."+string(r.Reason), "time", r.Started)
	if r.Reason == check.Refused {
		line += " " + chat.Line(r.Err)
	}
	return line
}

// Took writes how long a check took, in seconds.
func Took(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
