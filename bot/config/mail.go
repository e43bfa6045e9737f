package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"tebiki/adapters/source/mail/rule"
)

// Mail says how mails come in, and what they mean.
type Mail struct {
	Boxes []Mailbox
	SMTP  *SMTP // nil: nothing listens
	Rules *rule.Set
}

// A Mailbox is one that is read over IMAP.
type Mailbox struct {
	Host     string
	Port     int
	Security string // tls, starttls or none
	CA       []byte // PEM of the company's certificates
	User     string
	Password Fresh
	Token    Fresh // an OAuth2 token; one of both is set
	Folder   string
	Flag     string // of what was taken; "" for the usual one
	Move     string // folder for what was taken; "" leaves it where it is
	Since    time.Time
	Every    time.Duration
	Max      int
}

// SMTP is a listener that mail servers forward to.
type SMTP struct {
	Listen      string
	Certificate *Certificate   // nil: no STARTTLS
	From, To    []string       // patterns; empty for all
	Networks    []netip.Prefix // nil for this machine
	Max         int
}

// A Fresh is a secret that is read anew each time, for those that are renewed
// while the program runs.
type Fresh struct{ read func() (string, error) }

// IsSet tells whether there is one.
func (f Fresh) IsSet() bool { return f.read != nil }

// Read gives the value.
func (f Fresh) Read() (string, error) { return f.read() }

// A Certificate is one in files that are read anew each time.
type Certificate struct {
	read func() (tls.Certificate, error)
}

// Read gives the certificate with its key.
func (c *Certificate) Read() (tls.Certificate, error) { return c.read() }

type (
	// A mailWire keeps its node: rules have a grammar and a reader of their own.
	mailWire struct {
		node *yaml.Node
		in   struct {
			IMAP  mailboxesWire `key:"imap"`
			SMTP  *smtpWire     `key:"smtp"`
			Rules skipped       `key:"rules"`
			Ready skipped       `key:"ready"`
			Zone  skipped       `key:"zone"`
		}
	}
	skipped       struct{}
	mailboxesWire []mailboxWire
	mailboxWire   struct {
		Host     string      `key:"host"`
		Port     int         `key:"port"`
		TLS      string      `key:"tls"`
		CA       string      `key:"ca"`
		User     string      `key:"user"`
		Password *secretWire `key:"password"`
		Token    *secretWire `key:"token"`
		Folder   string      `key:"folder"`
		Done     struct {
			Flag string `key:"flag"`
			Move string `key:"move"`
		} `key:"done"`
		Since date     `key:"since"`
		Every duration `key:"every"`
		Max   size     `key:"max"`
	}
	smtpWire struct {
		Listen string `key:"listen"`
		TLS    *struct {
			Cert string `key:"cert"`
			Key  string `key:"key"`
		} `key:"tls"`
		From     []string `key:"from"`
		To       []string `key:"to"`
		Networks []string `key:"networks"`
		Max      size     `key:"max"`
	}
)

func (w *mailWire) read(r *reader, n *yaml.Node, p place) {
	w.node = n
	r.value(n, p, &w.in)
}

func (skipped) read(*reader, *yaml.Node, place) {}

// read takes a list of mailboxes, or a single one.
func (w *mailboxesWire) read(r *reader, n *yaml.Node, p place) {
	if n.Kind == yaml.MappingNode {
		*w = make(mailboxesWire, 1)
		r.value(n, p, &(*w)[0])
		return
	}
	var list []mailboxWire
	r.value(n, p, &list)
	*w = list
}

func (w *mailboxWire) setDefaults() {
	w.TLS, w.Folder, w.Every, w.Max = "tls", "INBOX", minute, 10<<20
}
func (w *smtpWire) setDefaults() { w.Listen, w.Max = "127.0.0.1:8425", 10<<20 }

// mail makes what the configuration says of mails; nil when it says nothing.
func (b *builder) mail() *Mail {
	w, p := b.wire.Mail, at("mail")
	if w == nil {
		return nil
	}
	b.calmMails()
	m := &Mail{Rules: b.mailRules(w.node), SMTP: b.smtp()}
	seen := map[string]bool{}
	for i := range w.in.IMAP {
		// One mailbox may stand there without the list around it.
		q := p.key("imap")
		if _, listed := b.lines[q.index(i)]; listed {
			q = q.index(i)
		}
		box := b.mailbox(q, &w.in.IMAP[i])
		name := fmt.Sprintf("%s %d %s %s", box.Host, box.Port, box.User, box.Folder)
		if seen[name] {
			b.consequence(q, "is the same folder of the same mailbox as one above; leave one out")
		}
		seen[name] = true
		m.Boxes = append(m.Boxes, box)
	}
	return m
}

// calmMails asks for the severities that mails are given here and not by their
// sender. They are not low behind the configuration's back: who leaves one out
// is to see that phones would ring for it.
func (b *builder) calmMails() {
	for _, word := range []struct{ severity, of string }{
		{"low", "mails that no rule takes"},
		{"info", "acknowledgements and other notes, and recoveries that say no severity"},
	} {
		if !slices.ContainsFunc(b.wire.Alerts.Low, func(s string) bool { return strings.EqualFold(s, word.severity) }) {
			b.fault(at("alerts", "low"), "lacks %s, which is the severity of %s, so that they would ring phones; add it, or take the section mail out", word.severity, word.of)
		}
	}
}

// homeZone is the first team's; nil without one.
func (b *builder) homeZone() *time.Location {
	if teams := b.wire.Teams; len(teams) > 0 {
		return teams[0].value.Zone.Location
	}
	return nil
}

func (b *builder) mailRules(n *yaml.Node) *rule.Set {
	set, err := rule.Read(b.file, n)
	var faults rule.Faults
	switch {
	case errors.As(err, &faults):
		for _, f := range faults {
			b.faults = append(b.faults, placed{line: f.Line, what: "mail: " + f.What})
		}
	case err != nil:
		b.fault(at("mail"), "%v", err)
	}
	if set == nil {
		return nil
	}
	return set.WithHome(b.homeZone())
}
