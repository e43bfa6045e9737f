package brief

import (
	"fmt"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/text"
	"tebiki/knowhow"
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

// Verdict says in a line how a check went: with a mark whether it is as
// expected, where and when, how long it took, with which status, or why it
// could not run.
func Verdict(p text.Printer, r check.Result) string {
	if r.Reason != check.Ran {
		return failure(p, r)
	}
	key := "check.ran"
	switch {
	case answered(r):
		key = "check.answered"
	case r.Host != "":
		key = "check.ran.on"
	}
	line := p.Markdown(key, "host", r.Host, "time", r.Started, "took", Took(r.Took), "exit", r.Exit)
	if v := r.Verdict; v != nil && len(v.Points) > 0 {
		return mark(v.Met) + " " + line + " " + expected(p, r)
	}
	return line
}

// failure names the reason in the reader's language. Where people need more to
// act on, what they must do follows as the check wrote it.
func failure(p text.Printer, r check.Result) string {
	line := p.Markdown("check."+string(r.Reason), "host", r.Host, "time", r.Started)
	switch r.Reason {
	case check.Refused, check.Denied, check.UnknownKey, check.ChangedKey, check.Locked, check.Unreadable:
		line += " " + chat.Line(r.Err)
	}
	return line
}

// answered tells what was asked over HTTP from what ran.
func answered(r check.Result) bool { return r.Where == knowhow.Bot && r.Host != "" }

func mark(met bool) string {
	if met {
		return "✓"
	}
	return "✗"
}

// expected lists what was expected. Of a result that is not as expected only
// that counts which is not, with what was there instead.
func expected(p text.Printer, r check.Result) string {
	var points []string
	for _, point := range r.Verdict.Points {
		if point.Met && !r.Verdict.Met {
			continue
		}
		by := string(point.By)
		if point.By == knowhow.ByExit && answered(r) {
			by = "answer"
		}
		said := p.Markdown("check.want."+by, "want", point.Want)
		switch {
		case point.Met:
		case point.Found == "":
			said += " " + p.Say("check.found.nothing")
		default:
			said += " " + p.Markdown("check.found", "found", point.Found)
		}
		points = append(points, said)
	}
	key := "check.unmet"
	if r.Verdict.Met {
		key = "check.met"
	}
	return p.Say(key) + " " + strings.Join(points, "; ")
}

// Took writes how long a check took, in seconds.
func Took(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
