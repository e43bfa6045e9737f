package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/imap"
	"tebiki/adapters/source/mail/rule"
	"tebiki/bot/app"
	"tebiki/bot/config"
)

type doctorMailCmd struct {
	Config string `help:"Configuration file." short:"c" type:"path" placeholder:"FILE" required:""`
	Newest int    `help:"How many of the newest mails the rules are tried on." default:"5"`
}

// Run tells how mails come in, what is wrong, and what to do about it.
func (c *doctorMailCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	m := ws.config.Mail
	if m == nil || len(m.Boxes) == 0 && m.SMTP == nil {
		return fmt.Errorf("doctor mail: %s has neither mail.imap nor mail.smtp: no mails come in", c.Config)
	}
	d := &mailDoctor{out: w.out, rules: m.Rules, newest: c.Newest}
	for _, b := range m.Boxes {
		d.mailbox(w.ctx, b)
	}
	if m.SMTP != nil {
		d.listener(m.SMTP, time.Now())
	}
	if err := tell(w.out, d.Found); err != nil {
		return err
	}
	fmt.Fprintln(w.out, "no faults")
	return nil
}

// A mailDoctor looks at what brings mails in.
type mailDoctor struct {
	adapters.Report
	out    io.Writer
	rules  *rule.Set
	newest int
}

func (d *mailDoctor) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// mailbox changes nothing in it.
func (d *mailDoctor) mailbox(ctx context.Context, c config.Mailbox) {
	about := fmt.Sprintf("the mailbox of %s on %s", shownLine(c.User), c.Host)
	o, err := app.MailboxOptions(c)
	if err == nil {
		var box *imap.Mailbox
		if box, err = imap.New(o); err == nil {
			err = d.survey(ctx, about, c, box)
		}
	}
	if err != nil {
		d.Fault(about, shownLine(err.Error()), "correct mail.imap in the configuration, or ask who runs the mail server")
	}
}

// longAgo is how many mails may wait before somebody has to say from when on
// they count.
const longAgo = 1000

func (d *mailDoctor) survey(ctx context.Context, about string, c config.Mailbox, box *imap.Mailbox) error {
	s, err := box.Survey(ctx, d.newest)
	if err != nil {
		return err
	}
	d.say("%s: %d mails in %s, of which %d wait to be taken", about, s.Mails, shownLine(c.Folder), s.Waiting)
	if s.Idle {
		d.say("\tthe server says when a mail comes (IDLE); besides, it is asked every %s", c.Every)
	} else {
		d.say("\tthe server does not say when a mail comes (no IDLE); it is asked every %s", c.Every)
	}
	if err := d.marks(ctx, c, s, box); err != nil {
		return err
	}
	if s.Waiting > longAgo && c.Since.IsZero() {
		d.Fault(about, fmt.Sprintf("%d mails wait, and each becomes an alert", s.Waiting), "if they are old, say from which day on mails count: since: "+time.Now().Format(time.DateOnly))
	}
	for _, m := range s.Newest {
		d.try(m)
	}
	return nil
}

// marks tells what becomes of mails that were taken.
func (d *mailDoctor) marks(ctx context.Context, c config.Mailbox, s imap.Survey, box *imap.Mailbox) error {
	switch {
	case c.Move != "":
		there, err := box.HasMoveFolder(ctx)
		if err != nil {
			return err
		}
		how := "moved"
		if !s.Moves {
			how = "copied (the server cannot move), and flagged " + s.Flag + " here,"
		}
		d.say("\tmails that were taken are %s to %s", how, shownLine(c.Move))
		if !there {
			d.say("\tthat folder is not there; it is made with the first mail")
		}
	case s.Flag == `\Seen` && c.Flag != `\Seen`:
		d.say("\tthe server allows no flags of one's own: mails that were taken are flagged as read; done: {move: FOLDER} shows people which those are")
	default:
		d.say("\tmails that were taken are flagged %s", s.Flag)
	}
	return nil
}

// try shows what the rules make of a mail.
func (d *mailDoctor) try(m imap.Mail) {
	message, err := mail.Parse(bytes.NewReader(m.Body))
	if err != nil {
		d.say("\tmail %d cannot be read: %s", m.UID, shownLine(err.Error()))
		return
	}
	for _, e := range d.rules.Explain(message) {
		report := mailReport{out: d.out, file: fmt.Sprintf("\t%q", shownLine(e.Mail.Subject))}
		report.line(&e)
	}
}

// soon is how long a certificate should still be good.
const soon = 14 * 24 * time.Hour

// listener looks at what can be seen without taking its address, which a
// running tebiki has.
func (d *mailDoctor) listener(c *config.SMTP, now time.Time) {
	var from []string
	for _, n := range c.Networks {
		from = append(from, n.String())
	}
	if len(from) == 0 {
		from = []string{"this machine"}
	}
	d.say("mail servers forward to %s: from %s, mails up to %d MiB", c.Listen, strings.Join(from, ", "), c.Max>>20)
	if c.Certificate == nil {
		d.say("\twithout STARTTLS: write mail.smtp.tls where mails come over lines that others can read")
		return
	}
	const about, todo = "the certificate of mail.smtp.tls", "renew it; its files are read again by themselves"
	pair, err := c.Certificate.Read()
	if err != nil {
		d.Fault(about, err.Error(), todo)
		return
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	switch {
	case err != nil:
		d.Fault(about, err.Error(), todo)
	case now.After(leaf.NotAfter):
		d.Fault(about, "it has ended at "+leaf.NotAfter.Format(time.RFC3339), todo)
	case now.Add(soon).After(leaf.NotAfter):
		d.Fault(about, "it ends at "+leaf.NotAfter.Format(time.RFC3339), todo)
	}
}
