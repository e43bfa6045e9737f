package brief

import (
	"fmt"
	"sort"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/knowhow"
)

// How much of an alert is shown, in characters. A source that sends a stack
// trace as summary must not bury the know-how, nor be refused by a tracker.
const (
	maxHeadline = 200
	maxField    = 200
	maxSummary  = 4000
	maxLabels   = 40 // labels
)

// Headline names what an alert is about, in one plain line: where, then what.
func Headline(a *escalation.Alert) string {
	what := a.Summary
	if what == "" {
		what = a.Check
	}
	if what == "" {
		what = a.Key
	}
	where := a.Host
	if where == "" {
		where = a.Service
	}
	if where != "" && !strings.Contains(what, where) {
		what = Plain(where, maxHeadline/2) + ": " + what
	}
	if what = Plain(what, maxHeadline); what == "" {
		return "?"
	}
	return what
}

// Alert lists what is known of an alert.
func Alert(p text.Printer, a *escalation.Alert) string {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", p.Markdown(key), value)
		}
	}
	field := func(key, value string) { line(key, chat.Line(Plain(value, maxField))) }
	field("alert.host", a.Host)
	field("alert.service", a.Service)
	field("alert.check", a.Check)
	field("alert.severity", a.Severity)
	field("alert.source", a.Source)
	line("alert.at", p.Markdown("plain", "text", a.At))
	line("alert.labels", labels(a))
	if a.Link != "" {
		line("alert.link", Link(a.Link, a.Link))
	}
	if a.Summary != "" {
		b.WriteString("\n" + chat.Escape(cut(head(a.Summary, maxSummary), maxSummary)) + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func labels(a *escalation.Alert) string {
	names := make([]string, 0, len(a.Labels))
	for k := range a.Labels {
		names = append(names, k)
	}
	sort.Strings(names)
	more := len(names) > maxLabels
	names = names[:min(len(names), maxLabels)]
	for i, k := range names {
		names[i] = chat.Line(Plain(k+"="+a.Labels[k], maxField))
	}
	if more {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// Fields gives an alert the form in which the know-how is asked for it.
func Fields(a *escalation.Alert) knowhow.AlertFields {
	return knowhow.AlertFields{Source: a.Source, Host: a.Host, Service: a.Service, Check: a.Check, Summary: a.Summary, Labels: a.Labels}
}
