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
	if where == "" || strings.Contains(what, where) {
		return what
	}
	return where + ": " + what
}

// Alert lists what is known of an alert.
func Alert(p text.Printer, a *escalation.Alert) string {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", p.Markdown(key), value)
		}
	}
	line("alert.host", chat.Line(a.Host))
	line("alert.service", chat.Line(a.Service))
	line("alert.check", chat.Line(a.Check))
	line("alert.severity", chat.Line(a.Severity))
	line("alert.source", chat.Line(a.Source))
	line("alert.at", p.Markdown("plain", "text", p.Time(a.At)))
	line("alert.labels", labels(a))
	if a.Link != "" {
		line("alert.link", Link(a.Link, a.Link))
	}
	if a.Summary != "" {
		b.WriteString("\n" + chat.Escape(a.Summary) + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func labels(a *escalation.Alert) string {
	names := make([]string, 0, len(a.Labels))
	for k := range a.Labels {
		names = append(names, k)
	}
	sort.Strings(names)
	for i, k := range names {
		names[i] = chat.Line(k + "=" + a.Labels[k])
	}
	return strings.Join(names, ", ")
}

// Fields gives an alert the form in which the know-how is asked for it.
func Fields(a *escalation.Alert) knowhow.AlertFields {
	return knowhow.AlertFields{Source: a.Source, Host: a.Host, Service: a.Service, Check: a.Check, Summary: a.Summary, Labels: a.Labels}
}
