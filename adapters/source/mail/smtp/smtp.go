// Package smtp takes mails from mail servers that forward them to it. It is
// the last stop of a mail, and no relay.
//
// The data's way, for one mail:
//
//	connection ─► gate: whose network, how many already ─► sender, recipients ─► body, within limits ─► Take ─► 250
//
// 250 is said after Take has returned without an error, which is when the mail
// is safe: from then on nobody else has it. Whatever may go better later is
// answered with a code of 400 and more, upon which mail servers keep a mail and
// send it again, for days. Codes of 500 and more make them give up and tell the
// sender, so they are left for what will never be taken: a mail above the size
// limit, a sender or a recipient who is not on the list.
//
// A connection from a network that is not on the list is refused before
// anything is said, which mail servers take for an ill configured way, not for
// a verdict on the mail. Repetitions are for Take to notice: a mail server that
// missed the 250 sends again.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// Options say what is taken from whom. The zero value, with Take, is usable:
// it takes anything from this machine.
type Options struct {
	Name     string         // of this server, in its greeting
	TLS      *tls.Config    // for STARTTLS; nil for none
	Networks []netip.Prefix // who may connect; this machine unless given
	From     []string       // patterns of senders, such as *@example.jp; empty for all
	To       []string       // patterns of recipients; empty for all
	Max      int64          // bytes of a mail; 10 MiB unless given

	Sessions   int           // connections at the same time; 64 unless given
	Recipients int           // of one mail; 100 unless given
	Hold       int64         // bytes of all mails that are under way together; the larger of 32 MiB and Max unless given
	Idle       time.Duration // to wait for a command; a minute unless given
	Slow       time.Duration // for one mail's body; 5 minutes unless given
	Life       time.Duration // of one connection; half an hour unless given

	// Take makes a mail safe.
	Take func(context.Context, []byte) error
	Log  *slog.Logger
}

// A Server is one listener.
type Server struct {
	o        Options
	from, to patterns
	held     atomic.Int64 // bytes of bodies in memory
	counts   counts
}

type counts struct {
	taken, deferred, refused, strangers, full atomic.Uint64
	sessions                                  atomic.Int64
}

// A Status is how a server is, and what it did since the start.
type Status struct {
	Sessions  int    // connections now
	Taken     uint64 // mails
	Deferred  uint64 // mails to be sent again
	Refused   uint64 // senders, recipients and mails that will never be taken
	Strangers uint64 // connections from other networks
	Full      uint64 // connections above the limit
}

// Status tells how the server is.
func (s *Server) Status() Status {
	c := &s.counts
	return Status{Sessions: int(c.sessions.Load()), Taken: c.taken.Load(), Deferred: c.deferred.Load(), Refused: c.refused.Load(),
		Strangers: c.strangers.Load(), Full: c.full.Load()}
}

// New makes a Server.
func New(o Options) *Server {
	o.defaults()
	return &Server{o: o, from: newPatterns(o.From), to: newPatterns(o.To)}
}

func (o *Options) defaults() {
	if o.Networks == nil {
		o.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	if o.Name == "" {
		o.Name = "tebiki"
	}
	preset(&o.Max, 10<<20)
	preset(&o.Sessions, 64)
	preset(&o.Recipients, 100)
	preset(&o.Hold, max(32<<20, o.Max))
	preset(&o.Idle, time.Minute)
	preset(&o.Slow, 5*time.Minute)
	preset(&o.Life, 30*time.Minute)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func preset[T int | int64 | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// Serve takes mails until ctx ends. Whoever is connected then is told to come
// again, and a mail that has come whole is still taken; what is not over after
// the drain is cut off.
func (s *Server) Serve(ctx context.Context, ln net.Listener, drain time.Duration) error {
	g := &gate{Listener: ln, server: s, lines: map[*line]struct{}{}}
	server := s.protocol(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- server.Serve(g) }()
	select {
	case err := <-done:
		g.end()
		return errors.Join(err, server.Shutdown(context.WithoutCancel(ctx)))
	case <-ctx.Done():
	}
	g.end()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Shutdown(context.WithoutCancel(ctx)) // fails only for a context that ends
	}()
	timer := time.NewTimer(drain)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		g.cut()
		<-ended
	}
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// maxLine is the longest line that is read. The standard has 1000 bytes; there
// are monitoring systems that never break one.
const maxLine = 256 << 10

func (s *Server) protocol(ctx context.Context) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, ctx: ctx, conn: c}, nil
	}))
	server.Domain = s.o.Name
	server.TLSConfig = s.o.TLS
	server.MaxMessageBytes = s.o.Max
	server.MaxRecipients = s.o.Recipients
	server.MaxLineLength = maxLine
	server.ReadTimeout, server.WriteTimeout = s.o.Idle, s.o.Idle
	server.EnableSMTPUTF8 = true
	server.ErrorLog = logger{s.o.Log}
	return server
}

// A logger takes what go-smtp has to say: of lines that broke, mostly.
type logger struct{ log *slog.Logger }

func (l logger) Printf(format string, v ...any) {
	l.log.Debug("a mail connection ended badly", "what", fmt.Sprintf(format, v...))
}
func (l logger) Println(v ...any) {
	l.log.Debug("a mail connection ended badly", "what", fmt.Sprint(v...))
}
