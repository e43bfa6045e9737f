package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/rule"
)

type mailCmd struct {
	Test mailTestCmd `cmd:"" help:"Try rules on mails: which rule takes each, what it gets, and why the others do not."`
}

type mailTestCmd struct {
	Rules string   `arg:"" help:"File of rules: a configuration with mail.rules, or the rules alone."`
	Files []string `arg:"" name:"file.eml" help:"Mails as they came, headers and all."`
	Brief bool     `help:"One line for each mail." short:"b"`
	All   bool     `help:"Tell also for each ready rule why it does not take a mail." short:"a"`
}

// Help is what --help says beside the flags.
func (*mailTestCmd) Help() string {
	return `Nothing is sent. After the rules of the file those are asked that come with tebiki, or as many of them as it names (ready: [zabbix, cron]): ` + strings.Join(rule.Ready(), ", ") + `.

Exit status: 0 when a rule takes every mail; 1 when no rule takes one or a part of it, when a file cannot be read, or when the rules are to be corrected; 2 when the command line is wrong.`
}

// What ends a test that found something.
var (
	errUnmatched  = errors.New("not every mail was taken by a rule")
	errUnreadable = errors.New("not every file could be read")
)

// Run prints what becomes of each mail.
func (c *mailTestCmd) Run(w world) error {
	text, err := os.ReadFile(c.Rules)
	if err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	set, err := rule.Parse(c.Rules, string(text))
	if err != nil {
		return c.refused(w, err)
	}
	out := bufio.NewWriter(w.out)
	count := mailCount{}
	for _, name := range c.Files {
		if w.ctx.Err() != nil {
			break
		}
		c.try(out, set, name, &count)
	}
	fmt.Fprintln(out, count)
	if err := errors.Join(out.Flush(), w.ctx.Err()); err != nil {
		return fmt.Errorf("test mails: %w", err)
	}
	return count.err()
}

// try tells what becomes of the mails in one file.
func (c *mailTestCmd) try(out io.Writer, set *rule.Set, name string, count *mailCount) {
	m, err := readMail(name)
	if err != nil {
		count.unreadable++
		fmt.Fprintf(out, "%s: cannot be read: %v\n", shownLine(name), err)
		return
	}
	report := mailReport{out: out, file: shownLine(name), all: c.All}
	for _, e := range set.Explain(m) {
		count.add(&e)
		if c.Brief {
			report.line(&e)
		} else {
			report.whole(&e)
		}
	}
}

// refused prints what is wrong with the rules, one line each.
func (c *mailTestCmd) refused(w world, err error) error {
	var faults rule.Faults
	if !errors.As(err, &faults) {
		return err
	}
	found := make([]finding, len(faults))
	for i, f := range faults {
		found[i] = finding{Severity: faulty, File: f.File, Line: f.Line, Column: f.Column, What: f.What}
	}
	if err := asText(w.out, found); err != nil {
		return fmt.Errorf("write what was found: %w", err)
	}
	return fmt.Errorf("%w in the rules: %d", errFaults, len(faults))
}

func readMail(name string) (mail.Message, error) {
	f, err := os.Open(name)
	if err != nil {
		return mail.Message{}, errors.Unwrap(err) // the name is said already
	}
	defer func() { _ = f.Close() }() // it was only read
	return mail.Parse(f)
}

// A mailCount counts what became of the mails.
type mailCount struct{ mails, alerts, unmatched, unreadable int }

func (t *mailCount) add(e *rule.Explanation) {
	t.mails++
	t.alerts += len(e.Alerts)
	if e.Unmatched {
		t.unmatched++
	}
}

// err is nil when every mail was read and taken.
func (t mailCount) err() error {
	switch {
	case t.unreadable > 0:
		return errUnreadable
	case t.unmatched > 0:
		return errUnmatched
	}
	return nil
}

// String is the last line of a test.
func (t mailCount) String() string {
	return fmt.Sprintf("mails: %d, alerts: %d, not taken by a rule: %d, files that cannot be read: %d", t.mails, t.alerts, t.unmatched, t.unreadable)
}
