package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/source/mail/imap"
	"tebiki/adapters/source/mail/smtp"
	"tebiki/bot/config"
	"tebiki/bot/mailbox"
)

// mails are what brings them in.
type mails struct {
	intake *mailbox.Intake
	boxes  []*imap.Mailbox
	server *smtp.Server // nil: nothing listens
	door   net.Listener
	news   bell // rings while a flood is read
}

// buildMail makes what brings mails in. A mailbox that is away is asked again
// while the program runs; an address that cannot be taken stops the start.
func (a *App) buildMail(ctx context.Context, _ Options) error {
	c := a.cfg.Mail
	if c == nil {
		return nil
	}
	m := &mails{intake: mailbox.New(a.runner, a.store, c.Rules, time.Now, a.log)}
	for _, b := range c.Boxes {
		o, err := MailboxOptions(b)
		if err != nil {
			return err
		}
		name := mailboxName(b)
		o.Take, o.Cursor, o.Log = m.intake.FromIMAP(name), mailbox.Cursor{Store: a.store, Name: name}, a.log
		o.Progress = (&progress{log: a.log, mailbox: name, news: &m.news}).tell
		box, err := imap.New(o)
		if err != nil {
			return err
		}
		m.boxes = append(m.boxes, box)
	}
	a.mails = m
	if c.SMTP != nil {
		return a.listenForMail(ctx, c.SMTP)
	}
	return nil
}

// MailboxOptions say how a mailbox of the configuration is reached and marked;
// who takes its mails is left.
func MailboxOptions(c config.Mailbox) (imap.Options, error) {
	o := imap.Options{Host: c.Host, Port: c.Port, Security: imap.Security(c.Security), User: c.User, Folder: c.Folder,
		Flag: c.Flag, Move: c.Move, Since: c.Since, Every: c.Every, Max: int64(c.Max)}
	if o.Password = c.Password.Read; c.Token.IsSet() {
		o.Password, o.Token = nil, c.Token.Read
	}
	if len(c.CA) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(c.CA) {
			return o, fmt.Errorf("read the mailbox of %s: its ca has no certificate in it", c.User)
		}
		o.Roots = pool
	}
	return o, nil
}

// mailboxName is the same for a folder over restarts: marks are kept by it.
func mailboxName(c config.Mailbox) string {
	return fmt.Sprintf("%s@%s:%d/%s", c.User, c.Host, c.Port, c.Folder)
}

func (a *App) listenForMail(ctx context.Context, c *config.SMTP) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("take mails on %s: %w: correct mail.smtp.listen; ports below 1024 need the right to bind them", c.Listen, err)
	}
	a.closeLater(ln)
	name, err := os.Hostname()
	if err != nil {
		name = "tebiki"
	}
	o := smtp.Options{Name: name, Networks: c.Networks, From: c.From, To: c.To, Max: int64(c.Max), Take: a.mails.intake.FromSMTP, Log: a.log}
	if c.Certificate != nil {
		o.TLS = &tls.Config{GetCertificate: (&certificate{from: c.Certificate}).get, MinVersion: tls.VersionTLS12}
	}
	a.mails.door, a.mails.server = ln, smtp.New(o)
	return nil
}

// runMail brings mails in until ctx ends. No fault of a mail server or of the
// listener ends it, for that would end paging too.
func (a *App) runMail(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	for _, box := range a.mails.boxes {
		running.Go(func() { box.Run(ctx) })
	}
	running.Go(func() { a.mails.intake.Forget(ctx) })
	if a.mails.server != nil {
		running.Go(func() { a.serveMail(ctx) })
	}
	<-ctx.Done()
	return nil
}

// listenAgain is the pause before the listener's address is taken anew.
const listenAgain = 10 * time.Second

func (a *App) serveMail(ctx context.Context) {
	ln := a.mails.door
	address := ln.Addr().String()
	for {
		err := a.mails.server.Serve(ctx, ln, Drain/2)
		for {
			if ctx.Err() != nil {
				return
			}
			a.log.Error("the listener for mails has ended; it is begun anew", "address", address, "err", err)
			if adapters.Sleep(ctx, listenAgain) != nil {
				return
			}
			var lc net.ListenConfig
			if ln, err = lc.Listen(ctx, "tcp", address); err == nil {
				break
			}
		}
	}
}

// certificateAge is how long a certificate is used before its files are read
// again.
const certificateAge = time.Minute

// A certificate follows its files, and stays what it was while they are broken.
type certificate struct {
	from *config.Certificate
	mu   sync.Mutex
	kept *tls.Certificate
	at   time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept != nil && time.Since(c.at) < certificateAge {
		return c.kept, nil
	}
	fresh, err := c.from.Read()
	switch {
	case err == nil:
		c.kept = &fresh
	case c.kept == nil:
		return nil, errors.Join(errors.New("there is no certificate"), err)
	}
	c.at = time.Now()
	return c.kept, nil
}
