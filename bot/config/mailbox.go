package config

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"
)

// imapPorts are those of the kinds of security.
var imapPorts = map[string]int{"tls": 993, "starttls": 143, "none": 143}

func (b *builder) mailbox(p place, w *mailboxWire) Mailbox {
	m := Mailbox{Host: w.Host, Port: w.Port, Security: w.TLS, User: w.User, Folder: w.Folder, Flag: w.Done.Flag, Move: w.Done.Move,
		Since: w.Since.Time, Every: time.Duration(w.Every), Max: int(w.Max)}
	port, known := imapPorts[w.TLS]
	switch {
	case !known:
		b.consequence(p.key("tls"), fmt.Sprintf("is %q; want tls (from the first byte, port 993), starttls (port 143), or none for a server on this machine", w.TLS))
	case w.TLS == "none" && !loopback(net.JoinHostPort(w.Host, "1")):
		b.consequence(p.key("tls"), "would send the password where others can read it; want tls or starttls, since the server is on another machine")
	}
	if m.Port == 0 {
		m.Port = port
	}
	if w.CA != "" {
		m.CA = b.certificates(p.key("ca"), w.CA)
	}
	b.mailboxNames(p, w)
	b.mailboxLimits(p, &m)
	m.Password, m.Token = b.credentials(p, w)
	return m
}

func (b *builder) mailboxNames(p place, w *mailboxWire) {
	if w.Host == "" || strings.ContainsAny(w.Host, " :/") && net.ParseIP(w.Host) == nil {
		b.consequence(p.key("host"), fmt.Sprintf("is %q; want the mail server's name without scheme and port, such as imap.example.jp", w.Host))
	}
	if w.User == "" {
		b.consequence(p.key("user"), "is missing; write the name that the mailbox is opened with, such as alerts@example.jp")
	}
	switch {
	case w.Folder == "":
		b.consequence(p.key("folder"), "is empty; write a name, or leave the key out for INBOX")
	case w.Done.Flag != "" && w.Done.Move != "":
		b.consequence(p.key("done"), "has both flag and move; keep one")
	case w.Done.Move == w.Folder:
		b.consequence(p.key("done").key("move"), "is the folder that is read; want another")
	case w.Done.Flag != "" && !doneFlag.MatchString(w.Done.Flag):
		b.consequence(p.key("done").key("flag"), fmt.Sprintf(`is %q; want a word such as $TebikiDone, or \Seen or \Flagged`, w.Done.Flag))
	}
}

// doneFlag is what may mark a mail. \Deleted may not: nothing is deleted.
var doneFlag = regexp.MustCompile(`^(?:[$A-Za-z0-9][A-Za-z0-9_.-]{0,60}|\\Seen|\\Flagged)$`)

func (b *builder) mailboxLimits(p place, m *Mailbox) {
	if m.Port < 0 || m.Port > 65535 {
		b.consequence(p.key("port"), fmt.Sprintf("is %d; want 1 to 65535, or leave it out", m.Port))
	}
	if m.Every < 5*time.Second || m.Every > 25*time.Minute {
		b.consequence(p.key("every"), fmt.Sprintf("is %s; want 5s to 25m", short(m.Every)))
	}
	b.mailSize(p.key("max"), m.Max)
}

func (b *builder) mailSize(p place, n int) {
	if n < 256<<10 || n > 64<<20 {
		b.consequence(p, fmt.Sprintf("is %d bytes; want 256KiB to 64MiB", n))
	}
}

// credentials are read now, so that what is missing is known, and again at each
// connection: tokens last an hour.
func (b *builder) credentials(p place, w *mailboxWire) (password, token Fresh) {
	if (w.Password == nil) == (w.Token == nil) {
		b.consequence(p, "wants either a password or a token; write where it is kept: password: {env: NAME}, or token: {file: PATH} for OAuth2")
	}
	return b.fresh(p, "password", w.Password), b.fresh(p, "token", w.Token)
}

func (b *builder) fresh(p place, key string, s *secretWire) Fresh {
	if s == nil {
		return Fresh{}
	}
	b.secret(p.key(key), s)
	from := b.secrets
	return Fresh{func() (string, error) {
		value, err := from.get(s)
		if err != nil {
			return "", fmt.Errorf("read the %s: %w", key, err)
		}
		return value, nil
	}}
}
