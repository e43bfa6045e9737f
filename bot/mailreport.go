package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/source"
	"tebiki/adapters/source/mail/rule"
)

// A mailReport tells what became of one mail. What stands in the mail is
// hostile: it is written such that a terminal obeys none of it.
type mailReport struct {
	out  io.Writer
	file string
	all  bool // tell also why the ready rules do not take it
}

// line is all of it in one.
func (r mailReport) line(e *rule.Explanation) {
	keys := make([]string, len(e.Alerts))
	for i, a := range e.Alerts {
		keys[i] = fmt.Sprintf("%s %q", alertStatus(&a), shownLine(a.Key))
	}
	fmt.Fprintf(r.out, "%s: %s: %s\n", r.file, takenBy(e), strings.Join(keys, ", "))
}

func takenBy(e *rule.Explanation) string {
	switch {
	case e.Rule == "":
		return "no rule takes it"
	case e.Unmatched:
		return "taken by " + shownLine(e.Rule) + ", but not all of it"
	}
	return "taken by " + shownLine(e.Rule)
}

func alertStatus(a *source.Alert) string {
	switch {
	case a.Resolved:
		return "recovery"
	case a.Labels["flapping"] != "":
		return "flapping"
	case a.Labels["note"] != "":
		return "note"
	}
	return "problem"
}

// whole is for somebody who writes rules.
func (r mailReport) whole(e *rule.Explanation) {
	fmt.Fprintf(r.out, "%s: %s\n", r.file, takenBy(e))
	r.row("mail", "from", e.Mail.From)
	r.row("", "subject", e.Mail.Subject)
	r.row("", "id", e.Mail.ID)
	for _, h := range e.Mail.Forwarded {
		r.row("", "forwarded by", h.Get("From")+": "+h.Get("Subject"))
	}
	for _, name := range e.Mail.Attachments {
		r.row("", "not read", name)
	}
	for _, note := range e.Mail.Notes {
		r.row("", "note", note)
	}
	if i := slices.IndexFunc(e.Verdicts, func(v rule.Verdict) bool { return v.Taken }); i >= 0 {
		r.fields(&e.Verdicts[i])
	}
	for i := range e.Alerts {
		r.alert(&e.Alerts[i])
	}
	r.others(e)
	fmt.Fprintln(r.out)
}

// row is one line of a table of two columns, under a heading.
func (r mailReport) row(heading, name, value string) {
	if heading != "" {
		fmt.Fprintf(r.out, "  %s\n", heading)
	}
	if value != "" {
		fmt.Fprintf(r.out, "    %-20s %s\n", shownLine(name), shownLine(value))
	}
}

// fields are what the rule got.
func (r mailReport) fields(v *rule.Verdict) {
	for i, reading := range v.Readings {
		heading := "read by " + shownLine(v.Rule) + " (" + shownLine(v.Place) + ")"
		if len(v.Readings) > 1 {
			heading += fmt.Sprintf(", piece %d of %d", i+1, len(v.Readings))
		}
		r.row(heading, "", "")
		for _, got := range reading {
			r.row("", got.Name, got.Value+"  ("+got.Where+")")
		}
	}
	for _, doubt := range v.Doubts {
		r.row("", "doubt", doubt)
	}
}

func (r mailReport) alert(a *source.Alert) {
	r.row("alert: "+alertStatus(a), "source", a.Source)
	for _, f := range [][2]string{{"key", a.Key}, {"severity", a.Severity}, {"host", a.Host}, {"service", a.Service}, {"check", a.Check}, {"summary", a.Summary}, {"link", a.Link}} {
		r.row("", f[0], f[1])
	}
	if !a.At.IsZero() {
		r.row("", "time", a.At.Format(time.RFC3339))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		r.row("", "label "+name, a.Labels[name])
	}
}

// others are the rules that did not take the mail, and those whose turn never
// came. Of the ready ones that are for other mails only the names are told,
// unless all is wanted.
func (r mailReport) others(e *rule.Explanation) {
	heading := "why the other rules do not take it"
	taken := false
	var foreign []string
	for _, v := range e.Verdicts {
		why := v.Why
		switch {
		case v.Taken && !taken:
			taken = true
			continue
		case v.Taken:
			why = "it would, but comes after " + e.Rule
		case v.Ready && v.Foreign && !r.all:
			foreign = append(foreign, v.Rule)
			continue
		}
		r.row(heading, v.Rule, why)
		heading = ""
		if !v.Taken {
			r.sofar(&v)
		}
	}
	if len(foreign) > 0 {
		r.row(heading, "ready, for others", strings.Join(foreign, ", ")+" (--all tells why)")
	}
}

// sofar is what a rule had read before it gave the mail up: whoever wrote it
// sees how far it came.
func (r mailReport) sofar(v *rule.Verdict) {
	for _, reading := range v.Readings {
		for _, got := range reading {
			r.row("", "", fmt.Sprintf("  it had %s: %q", got.Name, got.Value))
		}
	}
}
