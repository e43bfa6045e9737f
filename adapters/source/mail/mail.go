// Package mail reads the mails of monitoring systems into text. What an alert
// in it says is the business of package rule; how mails arrive, of packages
// above this one.
//
// The data's way, for one mail:
//
//	bytes ─► mender ─► go-message ─► part tree ─► transfer encoding ─► charset ─► readable text
//
// The mender (mend.go) puts right what would make a strict reader give up, so
// that a mail without its last boundary or with a line of rubbish in its
// header still counts. go-message takes header and parts apart. Of the parts,
// the readable ones become the text (part.go): plain before HTML, the attached
// mail before the one it was forwarded in. Japanese mails say the wrong
// charset, or none, as often as the right one: charset.go looks at the bytes
// as well as at the label.
//
// Nothing is refused for what it holds. Wrong bytes become U+FFFD, what is too
// much is cut, and Message.Notes says so.
package mail

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"time"
)

// Limits of what is read of one mail. A mail that exceeds them is not
// refused: the rest of it is left.
const (
	MaxMail   = 8 << 20   // bytes of the mail as it came, attachments and all
	MaxHeader = 64 << 10  // bytes of one header
	MaxText   = 256 << 10 // bytes of text, in the mail's charset and in UTF-8
	MaxDepth  = 8         // parts within parts, and mails within mails
	MaxParts  = 200       // parts at all depths together
	MaxNotes  = 20
)

// A Message is one mail in readable form. All of it is valid UTF-8 without
// control characters, but for line feeds and tabs in Text.
type Message struct {
	// ID is the same whenever and on whatever way this mail comes again: its
	// Message-ID and its date, since there are devices that give all their
	// mails one Message-ID; or, without one, a hash of what it says. Whoever
	// takes mails in makes one alert of all mails with one ID.
	ID      string
	From    string // as the header has it: "監視 <zabbix@example.jp>"
	To      string // all recipients, Cc too
	Subject string
	Date    time.Time // zero when it does not say; its zone is the sender's
	Header  Header
	Text    string

	// Forwarded are the headers of the mails that this one was attached to,
	// the outermost first.
	Forwarded []Header
	// Also are further mails attached beside this one: somebody forwarded
	// several at once.
	Also []Message
	// Attachments are the names of what was not read.
	Attachments []string
	// Notes say what was wrong with the mail and what was made of it.
	Notes []string
}

// All are the mail and those attached beside it.
func (m Message) All() []Message {
	also := m.Also
	m.Also = nil
	return append([]Message{m}, also...)
}

// A Header is the fields of one, in their order.
type Header []Field

// A Field is one of a header's, decoded.
type Field struct{ Name, Value string }

// Get gives the value of the first field of that name, in whatever case.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// ErrEmpty is returned for a mail of no bytes.
var ErrEmpty = errors.New("the mail is empty")

// Parse reads one mail. It fails only when r does, or has nothing.
func Parse(r io.Reader) (Message, error) {
	t := &tap{in: r, left: MaxMail}
	p := &parser{}
	m := p.message(bufio.NewReader(newMender(bufio.NewReader(t), nil)), 0)
	switch {
	case t.err != nil:
		return Message{}, fmt.Errorf("read the mail: %w", t.err)
	case t.left == MaxMail:
		return Message{}, ErrEmpty
	case t.left <= 0:
		p.note("only the first %d MiB of the mail were read", MaxMail>>20)
	}
	m.Notes = p.notes
	return m, nil
}

// A tap lets so much of a mail through, and remembers a failure, which the
// readers behind it would take for a broken mail.
type tap struct {
	in   io.Reader
	left int
	err  error
}

func (t *tap) Read(b []byte) (int, error) {
	if t.left <= 0 {
		return 0, io.EOF
	}
	n, err := t.in.Read(b[:min(len(b), t.left)])
	t.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}

// identify makes the mail's ID.
func (m *Message) identify() string {
	id := strings.Trim(m.Header.Get("Message-ID"), "<> ")
	if id != "" && !m.Date.IsZero() {
		id += " " + m.Date.UTC().Format(time.RFC3339)
	}
	if id != "" && len(id) <= 250 {
		return id
	}
	h := sha256.New()
	for _, s := range []string{id, m.From, m.To, m.Subject, m.Header.Get("Date"), m.Text} {
		// Lengths keep what ends one text and begins the next apart.
		_, _ = fmt.Fprintf(h, "%d %s ", len(s), s)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// fill takes from the header what has a field of its own.
func (m *Message) fill() {
	m.From, m.Subject = m.Header.Get("From"), m.Header.Get("Subject")
	var to []string
	for _, f := range m.Header {
		if strings.EqualFold(f.Name, "To") || strings.EqualFold(f.Name, "Cc") {
			to = append(to, f.Value)
		}
	}
	m.To = strings.Join(to, ", ")
	if date, err := netmail.ParseDate(m.Header.Get("Date")); err == nil && date.Year() > 0 && date.Year() < 10_000 {
		m.Date = date
	}
}
