// Package imap reads the mails of a mailbox as they come, and marks those that
// were taken.
//
// The data's way, for one connection:
//
//	connect ─► log in ─► select ─► look: which wait? ─► their sizes ─► bodies, in batches ─► Take ─► mark
//	                                  ▲                                                                │
//	                                  └────────────── IDLE until there is news, or Every ◄─────────────┘
//
// The search is the truth. What a server says while the connection idles only
// makes the next search come sooner, so that nothing is missed by a server that
// says nothing, or by a connection that has silently died: each step has a time
// limit, after which the connection is cut and made anew.
//
// A mail is marked after Take has returned without an error, which is when it
// is safe, and never before. It is never deleted: marking is a flag, or a move
// to another folder. A server that cannot move gets a copy there and a flag
// here. Whoever takes mails in must therefore know a mail again, since what
// breaks between taking and marking makes it come twice.
//
// Servers without flags of one's own leave \Seen as the mark. Then people who
// open the mailbox set it too, so a Cursor remembers up to where everything has
// been taken, and what is beyond it counts however it is flagged.
package imap

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Security is how the connection is kept from others.
type Security string

// The kinds.
const (
	TLS      Security = "tls"      // from the first byte: port 993
	StartTLS Security = "starttls" // begun in plain text: port 143
	Plain    Security = "none"     // only to this machine
)

// DoneFlag is the flag of mails that were taken, where a server allows flags of
// one's own.
const DoneFlag = "$TebikiDone"

// Options say which mailbox, and who takes its mails.
type Options struct {
	Host     string
	Port     int
	Security Security
	Roots    *x509.CertPool // who may vouch for the server; nil for whom the machine trusts
	User     string
	Password func() (string, error) // asked for at each connection
	Token    func() (string, error) // an OAuth2 access token, in place of a password
	Folder   string                 // "INBOX" unless given

	Flag string // that marks what was taken; DoneFlag unless given
	Move string // folder that what was taken goes to; "" leaves it where it is

	Since time.Time     // mails that were delivered on days before are left alone
	Every time.Duration // how often to look when nothing is said; a minute unless given
	Max   int64         // bytes of a mail that is read whole; 10 MiB unless given

	// Take makes mails safe, all or none, in their order.
	Take func(context.Context, []Mail) error
	// Cursor remembers up to where all was taken; nil for nobody.
	Cursor Cursor
	// Progress is told how many of those that waited are taken.
	Progress func(done, total int)

	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Log  *slog.Logger
}

// A Mail is one of the mailbox's.
type Mail struct {
	UID         uint32
	UIDValidity uint32 // with the UID it names a mail of this folder for ever
	Received    time.Time
	Size        int64
	Body        []byte
	Cut         bool   // it is larger than Max, and Body only its beginning
	Fault       string // why the server does not give its body; then there is none
}

// A Mark is a place in a folder: all up to UID is taken.
type Mark struct {
	UIDValidity uint32 `json:"uidvalidity"` // when it changes, UIDs mean other mails
	UID         uint32 `json:"uid"`
}

// A Cursor keeps a Mark over restarts.
type Cursor interface {
	// Load gives the zero Mark when there is none yet.
	Load(context.Context) (Mark, error)
	Save(context.Context, Mark) error
}

// limits are how long things may take. A server that searches a large folder is
// slow, and a line can be; what takes longer comes to no end.
type limits struct {
	connect, command, search, fetch time.Duration

	// The pauses before another connection: short after a line that broke, long
	// when the server refuses us, which it may count.
	minPause, maxPause, afterDeny time.Duration
}

var patient = limits{connect: 30 * time.Second, command: time.Minute, search: 3 * time.Minute, fetch: 5 * time.Minute,
	minPause: time.Second, maxPause: time.Minute, afterDeny: 5 * time.Minute}

// maxEvery keeps IDLE well below the 29 minutes after which servers may hang
// up.
const maxEvery = 25 * time.Minute

// A Mailbox is one folder that is read until the end.
type Mailbox struct {
	o          Options
	limits     limits
	state      state
	unreadable map[uint32]int // how often the server refused to give a mail
}

// New makes a Mailbox. It connects nowhere yet.
func New(o Options) (*Mailbox, error) {
	if o.Security == Plain && !loopback(o.Host) {
		return nil, fmt.Errorf("read mails from %s: without TLS the password could be read on the way: use tls or starttls", o.Host)
	}
	if (o.Password == nil) == (o.Token == nil) {
		return nil, errors.New("read mails: give either a password or a token")
	}
	o.defaults()
	return &Mailbox{o: o, limits: patient, unreadable: map[uint32]int{}}, nil
}

func (o *Options) defaults() {
	if o.Folder == "" {
		o.Folder = "INBOX"
	}
	if o.Flag == "" {
		o.Flag = DoneFlag
	}
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	o.Every = min(o.Every, maxEvery)
	if o.Max <= 0 {
		o.Max = 10 << 20
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: patient.connect}).DialContext
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Name is what people call it: user@host/folder.
func (m *Mailbox) Name() string { return fmt.Sprintf("%s on %s, %s", m.o.User, m.o.Host, m.o.Folder) }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
